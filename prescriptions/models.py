"""The medicine list with dated prices, electronic prescriptions, and what was dispensed of them."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from prescriptions.states import PRESCRIPTION_MACHINE, PrescriptionState


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


class Prescription(models.Model):
    """A signed prescription, found by the FSE number printed on it."""

    MACHINE = PRESCRIPTION_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    fse_number = models.CharField(_("numéro FSE"), max_length=12, unique=True)
    state = models.CharField(_("état"), max_length=20, choices=PrescriptionState.choices)
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    patient = models.ForeignKey(
        "insured.Person",
        verbose_name=_("bénéficiaire"),
        on_delete=models.PROTECT,
        related_name="prescriptions",
    )
    prescriber = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("prescripteur"),
        on_delete=models.PROTECT,
        related_name="prescriptions",
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
    written_on = models.DateField(_("écrite le"))
    valid_until = models.DateField(_("à délivrer avant le"))
    document = models.JSONField()
    document_hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=100)
    received_at = models.DateTimeField()
    # Custody: the pharmacy that has the prescription open at its counter, until a moment (a lease).
    custodian = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("détenue par"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    custody_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("ordonnance")
        verbose_name_plural = _("ordonnances")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(custodian__isnull=True, custody_until__isnull=True)
                | models.Q(custodian__isnull=False, custody_until__isnull=False),
                name="custody_is_a_pair",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("written_on")),
                name="prescription_is_valid_for_some_time",
            ),
        ]

    def __str__(self) -> str:
        return self.fse_number


class PrescribedItem(models.Model):
    """One line of a prescription: a medicine, its dose pattern, and how many boxes are still due."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    prescription = models.ForeignKey(
        Prescription, verbose_name=_("ordonnance"), on_delete=models.PROTECT, related_name="items"
    )
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    position = models.SmallIntegerField()
    medicine = models.ForeignKey(
        Medicine, verbose_name=_("médicament"), on_delete=models.PROTECT, related_name="+"
    )
    dose_morning = models.CharField(max_length=5)
    dose_noon = models.CharField(max_length=5)
    dose_evening = models.CharField(max_length=5)
    duration_days = models.SmallIntegerField(_("durée en jours"))
    boxes = models.SmallIntegerField(_("boîtes"))
    boxes_dispensed = models.SmallIntegerField(_("boîtes délivrées"), default=0)
    substitution_allowed = models.BooleanField(_("substitution permise"))
    illness_code = models.CharField(_("ALD"), max_length=20, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["prescription", "position"], name="one_item_a_position"
            ),
            models.CheckConstraint(
                condition=models.Q(boxes__gt=0, duration_days__gt=0), name="item_is_plausible"
            ),
            models.CheckConstraint(
                condition=models.Q(boxes_dispensed__gte=0)
                & models.Q(boxes_dispensed__lte=models.F("boxes")),
                name="never_more_boxes_than_prescribed",
                violation_error_message=_(
                    "On ne délivre pas plus de boîtes qu’il n’en est prescrit."
                ),
            ),
        ]

    @property
    def boxes_left(self) -> int:
        return self.boxes - self.boxes_dispensed


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
