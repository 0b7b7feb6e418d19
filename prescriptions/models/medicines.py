"""The medicine list with dated prices."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key


class Medicine(models.Model):
    """A presentation of the official list, known by its EAN-13 (read as text)."""

    class Kind(models.TextChoices):
        ORIGINATOR = "P", _("princeps")
        GENERIC = "G", _("générique")
        UNKNOWN = "", _("non précisé")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    ean = models.CharField("EAN-13", max_length=13, unique=True)
    ean_check_is_right = models.BooleanField(_("clé EAN juste"))
    name = models.CharField(_("nom"), max_length=150)
    inn = models.CharField(_("DCI"), max_length=400, blank=True)
    strength = models.CharField(_("dosage"), max_length=80, blank=True)
    strength_unit = models.CharField(_("unité"), max_length=40, blank=True)
    form = models.CharField(_("forme"), max_length=120, blank=True)
    presentation = models.CharField(_("présentation"), max_length=150, blank=True)
    kind = models.CharField(_("nature"), max_length=1, choices=Kind.choices, blank=True)
    search_text = models.CharField(max_length=800, editable=False)

    class Meta:
        verbose_name = _("médicament")
        verbose_name_plural = _("médicaments")
        indexes = [
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="medicine_search")
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ean__regex=r"^\d{13}$"),
                name="ean_has_13_digits",
                violation_error_message=_("Un code EAN compte 13 chiffres."),
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Brand, strength, form and presentation, as a pharmacist reads them on the box."""
        dose = f"{self.strength} {self.strength_unit}".strip()
        name = self.name if not dose or dose.split()[0] in self.name else f"{self.name} {dose}"
        return ", ".join(
            part for part in (name, self.form.lower(), self.presentation.lower()) if part
        )


class MedicinePrice(models.Model):
    """What a medicine costs and on what it is reimbursed, for a period (half-open), in centimes."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    medicine = models.ForeignKey(
        Medicine, verbose_name=_("médicament"), on_delete=models.CASCADE, related_name="prices"
    )
    period = DateRangeField(_("période"))
    public_price_centimes = models.BigIntegerField(_("prix public"), null=True)
    hospital_price_centimes = models.BigIntegerField(_("prix hôpital"), null=True)
    base_price_centimes = models.BigIntegerField(_("prix base de remboursement"))
    list_rate_bp = models.IntegerField(_("taux de la liste, points de base"))
    source = models.CharField(_("source"), max_length=250)

    class Meta:
        verbose_name = _("prix d’un médicament")
        verbose_name_plural = _("prix des médicaments")
        constraints = [
            ExclusionConstraint(
                name="prices_do_not_overlap",
                expressions=[
                    ("medicine", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(base_price_centimes__gte=0)
                & models.Q(list_rate_bp__range=(0, 10000))
                & (
                    models.Q(public_price_centimes__isnull=True)
                    | models.Q(public_price_centimes__gt=0)
                ),
                name="price_is_plausible",
            ),
        ]
