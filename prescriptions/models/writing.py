"""What a practice prepares and keeps for its prescriptions; its register of narcotics."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from prescriptions.models.prescriptions import PrescribedItem, Prescription


class Preparation(models.Model):
    """A prescription prepared and not yet signed: no number is minted for it.

    A delegate writes it, the prescriber signs it (`prescription`) or drops it.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="+")
    insured = models.ForeignKey("insured.Insured", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("insured.Person", on_delete=models.PROTECT, related_name="+")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    prepared_at = models.DateTimeField()
    # The lines of the document, as the page writes them.
    lines = models.JSONField()
    prescription = models.OneToOneField(
        Prescription, null=True, on_delete=models.PROTECT, related_name="preparation"
    )
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("ordonnance préparée")
        verbose_name_plural = _("ordonnances préparées")
        ordering = ["prepared_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(prescription__isnull=True) | models.Q(dropped_at__isnull=True),
                name="a_signed_preparation_is_not_dropped",
            )
        ]


class Protocol(models.Model):
    """Lines a practice prescribes often, on a key from 1 to 9; one line is a favourite."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="+")
    key = models.SmallIntegerField(_("touche"))
    name = models.CharField(_("nom"), max_length=60)
    lines = models.JSONField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = _("protocole")
        verbose_name_plural = _("protocoles")
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "key"], name="one_protocol_a_key"),
            models.CheckConstraint(
                condition=models.Q(key__gte=1, key__lte=9), name="protocol_key_is_1_to_9"
            ),
        ]


class NarcoticEntry(models.Model):
    """One line of a prescriber's register of narcotics, numbered without a gap."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    prescriber = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="+")
    insured = models.ForeignKey("insured.Insured", on_delete=models.PROTECT, related_name="+")
    number = models.IntegerField(_("numéro d’ordre"))
    item = models.OneToOneField(
        PrescribedItem, on_delete=models.PROTECT, related_name="narcotic_entry"
    )
    entered_at = models.DateTimeField()

    class Meta:
        verbose_name = _("ligne du registre des stupéfiants")
        verbose_name_plural = _("registre des stupéfiants")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["prescriber", "number"], name="one_entry_a_register_number"
            ),
            models.CheckConstraint(
                condition=models.Q(number__gte=1), name="register_number_is_counted_up"
            ),
        ]
