"""What pharmacies handed over."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from prescriptions.models.medicines import Medicine
from prescriptions.models.prescriptions import PrescribedItem, Prescription


class Dispensing(models.Model):
    """What one pharmacy handed over at one moment from one prescription, signed."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    prescription = models.ForeignKey(
        Prescription,
        verbose_name=_("ordonnance"),
        on_delete=models.PROTECT,
        related_name="dispensings",
    )
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    pharmacy = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("pharmacie"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("auteur"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    device = models.ForeignKey(
        "providers.Device", verbose_name=_("poste"), on_delete=models.PROTECT, related_name="+"
    )
    dispensed_on = models.DateField(_("délivrée le"))
    document = models.JSONField()
    document_hash = models.CharField(max_length=64, unique=True)
    signature = models.CharField(max_length=100)
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("délivrance")
        verbose_name_plural = _("délivrances")


class DispensedItem(models.Model):
    """The boxes of one medicine handed over for one prescribed line; money in centimes."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    dispensing = models.ForeignKey(
        Dispensing, verbose_name=_("délivrance"), on_delete=models.PROTECT, related_name="items"
    )
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    item = models.ForeignKey(
        PrescribedItem,
        verbose_name=_("médicament prescrit"),
        on_delete=models.PROTECT,
        related_name="dispensed",
    )
    medicine = models.ForeignKey(
        Medicine, verbose_name=_("médicament"), on_delete=models.PROTECT, related_name="+"
    )
    boxes = models.SmallIntegerField()
    charged_centimes = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dispensing", "item"], name="one_dispensed_line_an_item"
            ),
            models.CheckConstraint(
                condition=models.Q(boxes__gt=0, charged_centimes__gt=0),
                name="dispensed_line_is_plausible",
            ),
        ]
