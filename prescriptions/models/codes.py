"""The signed code of a prescription, as its device made it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from prescriptions.models.prescriptions import Prescription


class Verdict(models.TextChoices):
    """What a code is worth, judged by the server."""

    GENUINE = "GENUINE", _("authentique")
    NOT_RECEIVED = "NOT_RECEIVED", _("signée, pas encore reçue")
    ALTERED = "ALTERED", _("altérée")
    REVOKED = "REVOKED", _("clé révoquée")
    UNKNOWN = "UNKNOWN", _("inconnue")


class PrescriptionCode(models.Model):
    """The code printed on a prescription's paper: signed, so never changed (append only)."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    prescription = models.OneToOneField(
        Prescription, verbose_name=_("ordonnance"), on_delete=models.PROTECT, related_name="code"
    )
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    # What a QR code of the largest version holds (rules/code.py).
    text = models.CharField(_("code signé"), max_length=3391)
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("code d’ordonnance")
        verbose_name_plural = _("codes d’ordonnances")

    def __str__(self) -> str:
        return str(self.prescription)
