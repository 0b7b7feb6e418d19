"""What pharmacies prepared, handed over, owed or refused."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from prescriptions.models.medicines import Medicine
from prescriptions.models.prescriptions import PrescribedItem, Prescription
from prescriptions.states import (
    DISPENSING_MACHINE,
    PENDING_MACHINE,
    DispensingState,
    PendingState,
)


class Outcome(models.TextChoices):
    """What a pharmacy did with a line."""

    DISPENSED = "DISPENSED", _("délivrée")
    PARTIAL = "PARTIAL", _("délivrée en partie")
    OWING = "OWING", _("due")
    NOT_DISPENSED = "NOT_DISPENSED", _("non délivrée")


class NotDispensed(models.TextChoices):
    """Why a line is owed or not dispensed (the eleven reasons of the design, after England's list)."""

    NOT_REQUIRED = "NOT_REQUIRED", _("le patient n’en veut pas")
    CLINICALLY_UNSUITABLE = "CLINICALLY_UNSUITABLE", _("inadapté à son état : prescripteur appelé")
    OUT_OF_STOCK = "OUT_OF_STOCK", _("en rupture")
    PRESCRIBER_CANCELLED = "PRESCRIBER_CANCELLED", _("annulé par le prescripteur")
    DECEASED = "DECEASED", _("patient décédé")
    UNLAWFUL = "UNLAWFUL", _("prescription contraire à la loi")
    OUT_OF_SCOPE = "OUT_OF_SCOPE", _("hors du droit de prescrire de l’auteur")
    LINE_EXPIRED = "LINE_EXPIRED", _("ligne périmée")
    NOT_ALLOWED_HERE = "NOT_ALLOWED_HERE", _("ne se délivre pas en officine")
    NOT_COLLECTED = "NOT_COLLECTED", _("non retiré")
    BOUGHT_OUTSIDE = "BOUGHT_OUTSIDE", _("acheté hors ordonnance")


# Refusals that stand whoever asks next; the others fall with the custody of who refused.
DEFINITIVE = frozenset(
    {
        NotDispensed.PRESCRIBER_CANCELLED,
        NotDispensed.DECEASED,
        NotDispensed.UNLAWFUL,
        NotDispensed.OUT_OF_SCOPE,
    }
)


class SubstitutionReason(models.TextChoices):
    """Why another product of the group was handed over."""

    OUT_OF_STOCK = "OUT_OF_STOCK", _("produit prescrit en rupture")
    CHEAPER = "CHEAPER", _("moins cher pour l’assuré")
    PATIENT_ASKED = "PATIENT_ASKED", _("demandé par le patient")
    PRESCRIBER_AGREED = "PRESCRIBER_AGREED", _("accord du prescripteur")


class Dispensing(models.Model):
    """What one pharmacy handed over at one moment from one prescription, signed."""

    MACHINE = DISPENSING_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    state = models.CharField(
        _("état"),
        max_length=20,
        choices=DispensingState.choices,
        default=DispensingState.HANDED_OVER,
    )
    # The version that this one replaces; the older one is kept, and found from here.
    replaces = models.OneToOneField(
        "self",
        verbose_name=_("rectifie"),
        null=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
    )
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
    # The proof of presence that served at this counter at that moment, and so the guarantee; None without.
    presence = models.ForeignKey(
        "insured.PresenceProof",
        verbose_name=_("preuve de présence"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    dispensed_on = models.DateField(_("délivrée le"))
    # The plausible instant of a hand-over with no network; none when it was recorded as it was made.
    handed_over_at = models.DateTimeField(null=True)
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
    # Boxes handed over in good faith, with no network, beyond what was prescribed: another pharmacy
    # had given them first. They are paid, and do not count on the prescription.
    boxes_beyond = models.SmallIntegerField(default=0)
    charged_centimes = models.BigIntegerField()
    substitution = models.CharField(
        _("motif de substitution"), max_length=20, choices=SubstitutionReason.choices, blank=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dispensing", "item"], name="one_dispensed_line_an_item"
            ),
            models.CheckConstraint(
                condition=models.Q(boxes__gt=0, charged_centimes__gt=0),
                name="dispensed_line_is_plausible",
            ),
            models.CheckConstraint(
                condition=models.Q(boxes_beyond__gte=0)
                & models.Q(boxes_beyond__lte=models.F("boxes")),
                name="beyond_is_a_part_of_the_boxes",
            ),
        ]


class DispensedPack(models.Model):
    """One box that bears a batch, an expiry day or a serial. A serial is paid once."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    dispensed = models.ForeignKey(
        DispensedItem,
        verbose_name=_("ligne délivrée"),
        on_delete=models.PROTECT,
        related_name="packs",
    )
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    medicine = models.ForeignKey(
        Medicine, verbose_name=_("médicament"), on_delete=models.PROTECT, related_name="+"
    )
    batch = models.CharField(_("lot"), max_length=20, blank=True)
    expires_on = models.DateField(_("péremption"), null=True)
    serial = models.CharField(_("numéro de série"), max_length=20, blank=True)
    # The dispensing was taken back or amended: the box may be handed over again.
    given_back = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["medicine", "serial"],
                condition=~models.Q(serial="") & models.Q(given_back=False),
                name="one_box_is_paid_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(batch="", serial="", expires_on__isnull=True),
                name="pack_says_something",
            ),
        ]


class LineOutcome(models.Model):
    """What a pharmacy said of a line at one moment: read by the prescriber and by the next counter."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    item = models.ForeignKey(
        PrescribedItem,
        verbose_name=_("ligne"),
        on_delete=models.PROTECT,
        related_name="outcomes",
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
    dispensing = models.ForeignKey(
        Dispensing,
        verbose_name=_("délivrance"),
        null=True,
        on_delete=models.PROTECT,
        related_name="outcomes",
    )
    outcome = models.CharField(_("suite donnée"), max_length=15, choices=Outcome.choices)
    reason = models.CharField(_("motif"), max_length=25, choices=NotDispensed.choices, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["DISPENSED", "PARTIAL"], reason="")
                | models.Q(outcome__in=["OWING", "NOT_DISPENSED"]) & ~models.Q(reason=""),
                name="who_does_not_dispense_says_why",
            )
        ]


class PendingDispensing(models.Model):
    """What a counter prepares for somebody who will come back; nothing is handed over yet."""

    MACHINE = PENDING_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    state = models.CharField(
        _("état"), max_length=20, choices=PendingState.choices, default=PendingState.PREPARING
    )
    prescription = models.ForeignKey(
        Prescription, verbose_name=_("ordonnance"), on_delete=models.PROTECT, related_name="pending"
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
    started_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    dispensing = models.OneToOneField(
        Dispensing,
        verbose_name=_("délivrance"),
        null=True,
        on_delete=models.PROTECT,
        related_name="prepared",
    )

    class Meta:
        verbose_name = _("préparation au comptoir")
        verbose_name_plural = _("préparations au comptoir")
        constraints = [
            models.UniqueConstraint(
                fields=["prescription", "pharmacy"],
                condition=models.Q(state__in=["PREPARING", "READY_FOR_PICKUP", "ON_HOLD"]),
                name="one_preparation_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="HANDED_OVER", dispensing__isnull=False)
                | ~models.Q(state="HANDED_OVER") & models.Q(dispensing__isnull=True),
                name="handed_over_iff_dispensing",
            ),
        ]
