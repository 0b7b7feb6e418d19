"""Electronic prescriptions and their lines."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from prescriptions.models.medicines import Medicine
from prescriptions.states import (
    LINE_MACHINE,
    PRESCRIPTION_MACHINE,
    LineState,
    PrescriptionState,
)


class LineKind(models.TextChoices):
    """What a line asks for."""

    MEDICINE = "MEDICINE", _("médicament")
    INN = "INN", _("médicament en DCI")
    COMPOUND = "COMPOUND", _("préparation magistrale")
    ORDER = "ORDER", _("examen, soin ou appareillage")


class OrderKind(models.TextChoices):
    """What is ordered, where it is not a medicine."""

    BIOLOGY = "BIOLOGY", _("analyses de biologie")
    IMAGING = "IMAGING", _("imagerie")
    PHYSIOTHERAPY = "PHYSIOTHERAPY", _("kinésithérapie")
    DEVICE = "DEVICE", _("appareillage")
    OPTICS = "OPTICS", _("optique")
    OTHER = "OTHER", _("autre soin")


class Provenance(models.TextChoices):
    """How a prescription came: a code's copy holds until its signed document arrives and matches."""

    ONLINE = "ONLINE", _("en ligne")
    OFFLINE = "OFFLINE", _("signée hors ligne")
    CODE = "CODE", _("copie du code, document attendu")


class Prescription(models.Model):
    """One signed prescription, or one instance of a repeated one, found by the FSE number printed on it."""

    MACHINE = PRESCRIPTION_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    fse_number = models.CharField(_("numéro FSE"), max_length=12)
    # A repeated prescription is signed once and has one row an instance, each with its own window.
    instance = models.SmallIntegerField(_("délivrance n°"), default=1)
    instances = models.SmallIntegerField(_("nombre de délivrances"), default=1)
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
    starts_on = models.DateField(_("à délivrer à partir du"), null=True)
    valid_until = models.DateField(_("à délivrer avant le"))
    provenance = models.CharField(
        _("provenance"), max_length=10, choices=Provenance.choices, default=Provenance.ONLINE
    )
    # Of a code's copy: what the code says; hash and signature are the document's, empty until it comes.
    document = models.JSONField()
    document_hash = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=100, blank=True)
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
    # What the prescriber asked while somebody held it, or after a part was given.
    cancel_asked_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(_("motif d’annulation"), max_length=500, blank=True)
    # A hold always ends: by the office that ordered it, or by itself.
    hold_until = models.DateTimeField(null=True)
    hold_office = models.CharField(_("suspendue par"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("ordonnance")
        verbose_name_plural = _("ordonnances")
        constraints = [
            models.UniqueConstraint(
                fields=["fse_number", "instance"], name="one_prescription_an_instance"
            ),
            models.CheckConstraint(
                condition=models.Q(instance__gte=1, instance__lte=models.F("instances")),
                name="instance_is_one_of_them",
            ),
            models.CheckConstraint(
                condition=models.Q(custodian__isnull=True, custody_until__isnull=True)
                | models.Q(custodian__isnull=False, custody_until__isnull=False),
                name="custody_is_a_pair",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["IN_CUSTODY", "CANCEL_PENDING"], custodian__isnull=False
                )
                | ~models.Q(state__in=["IN_CUSTODY", "CANCEL_PENDING"])
                & models.Q(custodian__isnull=True),
                name="custody_has_its_state",
            ),
            models.CheckConstraint(
                condition=models.Q(state="ON_HOLD", hold_until__isnull=False)
                | ~models.Q(state="ON_HOLD") & models.Q(hold_until__isnull=True),
                name="prescription_hold_always_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("written_on")),
                name="prescription_is_valid_for_some_time",
            ),
            models.CheckConstraint(
                condition=models.Q(provenance="CODE", document_hash="", signature="")
                | ~models.Q(provenance="CODE")
                & ~models.Q(document_hash="")
                & ~models.Q(signature=""),
                name="only_a_copy_waits_for_its_document",
            ),
        ]

    def __str__(self) -> str:
        return self.fse_number


class PrescribedItem(models.Model):
    """One line of a prescription: a medicine, its dose pattern, and how many boxes are still due."""

    MACHINE = LINE_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    prescription = models.ForeignKey(
        Prescription, verbose_name=_("ordonnance"), on_delete=models.PROTECT, related_name="items"
    )
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    position = models.SmallIntegerField()
    kind = models.CharField(
        _("nature"), max_length=10, choices=LineKind.choices, default=LineKind.MEDICINE
    )
    # A presentation, for MEDICINE; an INN, a formula or an order is `wording` and its columns below.
    medicine = models.ForeignKey(
        Medicine,
        verbose_name=_("médicament"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    inn = models.CharField(_("DCI"), max_length=400, blank=True)
    strength = models.CharField(_("dosage"), max_length=80, blank=True)
    strength_unit = models.CharField(_("unité"), max_length=40, blank=True)
    form = models.CharField(_("forme"), max_length=120, blank=True)
    order_kind = models.CharField(
        _("examen ou soin"), max_length=15, choices=OrderKind.choices, blank=True
    )
    # What the prescriber wrote in words: a dose, a formula to compound, an examination.
    wording = models.CharField(_("texte"), max_length=500, blank=True)
    state = models.CharField(
        _("état"), max_length=15, choices=LineState.choices, default=LineState.TO_DISPENSE
    )
    refusal = models.CharField(_("motif de non-délivrance"), max_length=40, blank=True)
    # The pharmacy that said last that it owes the line, or does not dispense it.
    answered_by = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("réponse de"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    dose_morning = models.CharField(max_length=5)
    dose_noon = models.CharField(max_length=5)
    dose_evening = models.CharField(max_length=5)
    dose_bedtime = models.CharField(max_length=5, default="0")
    duration_days = models.SmallIntegerField(_("durée en jours"))
    boxes = models.SmallIntegerField(_("boîtes"))
    boxes_dispensed = models.SmallIntegerField(_("boîtes délivrées"), default=0)
    substitution_allowed = models.BooleanField(_("substitution permise"))
    illness_code = models.CharField(_("ALD"), max_length=20, blank=True)
    # « Je dis bien »: the prescriber confirms in writing a dose above the maximum.
    over_maximum = models.BooleanField(_("« je dis bien »"), default=False)

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
                condition=models.Q(kind=LineKind.MEDICINE, medicine__isnull=False)
                | models.Q(kind=LineKind.INN, medicine__isnull=True) & ~models.Q(inn="")
                | models.Q(kind=LineKind.COMPOUND, medicine__isnull=True) & ~models.Q(wording="")
                | models.Q(kind=LineKind.ORDER, medicine__isnull=True) & ~models.Q(order_kind=""),
                name="item_says_what_is_prescribed",
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
