"""The claim: what one provider submits under a sheet's number, its lines, its screening."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims.models.care_sheet import CareSheet
from claims.states import CLAIM_MACHINE, PAYABLE_STATES, ClaimState
from core.record_keys import new_key


class Claim(models.Model):
    """One provider's submission: lines, filing date, state, decisions, payee. Money in centimes.

    `reimbursed_centimes` repeats the last decision's total (`decision_n`), for lists and constraints; it
    is zero, and the outcome a refusal, once a person has refused the claim.

    No column that settlement changes is indexed, so that its updates stay in the row's page (HOT): what
    waits for somebody is listed in `WaitingClaim`, what was signed lies in `ClaimDocument`.
    """

    MACHINE = CLAIM_MACHINE

    class Kind(models.TextChoices):
        CARE = "CARE", _("soins")
        DISPENSING = "DISPENSING", _("délivrance")

    class Outcome(models.TextChoices):
        APPROVED = "approved", _("accord complet")
        PARTLY_APPROVED = "partly_approved", _("accord partiel")
        DENIED = "denied", _("refus")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    sheet = models.ForeignKey(
        CareSheet,
        verbose_name=_("feuille de soins"),
        on_delete=models.PROTECT,
        related_name="claims",
    )
    insured = models.ForeignKey(
        "insured.Insured",
        verbose_name=_("assuré"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    patient = models.ForeignKey(
        "insured.Person", verbose_name=_("bénéficiaire"), on_delete=models.PROTECT, related_name="+"
    )
    provider = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("professionnel"),
        on_delete=models.PROTECT,
        related_name="claims",
        db_index=False,
    )
    kind = models.CharField(_("nature"), max_length=10, choices=Kind.choices)
    state = models.CharField(_("état"), max_length=20, choices=ClaimState.choices)
    dispensing = models.OneToOneField(
        "prescriptions.Dispensing",
        verbose_name=_("délivrance"),
        null=True,
        on_delete=models.PROTECT,
        related_name="claim",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("auteur"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    # None for what an agent keyed in from paper: no device signed it, the server's seal did.
    device = models.ForeignKey(
        "providers.Device",
        verbose_name=_("poste"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    third_party_payment = models.BooleanField(_("tiers payant"))
    received_at = models.DateTimeField()
    received_date = models.DateField(_("déposée le"))
    treatment_end_date = models.DateField(_("fin du traitement continu"), null=True)
    excused = models.BooleanField(_("retard excusé"), default=False)
    # The declared outage that excuses a late filing, by its number.
    excuse = models.CharField(_("excusé par la panne"), max_length=20, blank=True)
    charged_centimes = models.BigIntegerField(_("demandé"))
    decision_n = models.SmallIntegerField(default=0)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    reimbursed_centimes = models.BigIntegerField(_("remboursé"), default=0)
    screening = models.ForeignKey(
        "claims.Screening",
        verbose_name=_("contrôle automatique"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    held_until = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("demande de remboursement")
        verbose_name_plural = _("demandes de remboursement")
        indexes = [
            models.Index(fields=["insured", "received_at"], name="claim_insured"),
            models.Index(fields=["provider", "received_at"], name="claim_provider"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[str(state) for state in PAYABLE_STATES])
                | Q(screening__isnull=False),
                name="no_money_leaves_unscreened",
            ),
            models.CheckConstraint(
                condition=Q(charged_centimes__gt=0)
                & Q(reimbursed_centimes__gte=0)
                & Q(reimbursed_centimes__lte=models.F("charged_centimes")),
                name="never_reimbursed_more_than_charged",
            ),
            models.CheckConstraint(
                condition=Q(state="HELD", held_until__isnull=False)
                | (~Q(state="HELD") & Q(held_until__isnull=True)),
                name="a_hold_always_ends",
            ),
            models.CheckConstraint(
                condition=Q(state="PAID", settled_at__isnull=False)
                | (~Q(state="PAID") & Q(settled_at__isnull=True)),
                name="paid_iff_settled_at",
            ),
            models.CheckConstraint(
                condition=Q(kind="CARE", dispensing__isnull=True)
                | Q(kind="DISPENSING", dispensing__isnull=False),
                name="dispensing_claim_has_its_dispensing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet.fse_number} {self.provider.name}"

    @property
    def is_from_paper(self) -> bool:
        return self.device_id is None

    @property
    def insured_share_centimes(self) -> int:
        return self.charged_centimes - self.reimbursed_centimes


class ClaimDocument(models.Model):
    """What a device signed, as received: append only. The same document is received once."""

    claim = models.OneToOneField(
        Claim, primary_key=True, on_delete=models.PROTECT, related_name="signed"
    )
    document = models.JSONField()
    document_hash = models.CharField(max_length=64, unique=True)
    signature = models.CharField(max_length=100)


class ClaimLine(models.Model):
    """One act or one medicine of a claim; `charged_centimes` is the whole line, all quantities."""

    class Kind(models.TextChoices):
        ACT = "ACT", _("acte")
        MEDICINE = "MEDICINE", _("médicament")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    claim = models.ForeignKey(
        Claim,
        verbose_name=_("demande"),
        on_delete=models.PROTECT,
        related_name="lines",
        db_index=False,
    )
    insured = models.ForeignKey(
        "insured.Insured",
        verbose_name=_("assuré"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    patient = models.ForeignKey(
        "insured.Person",
        verbose_name=_("bénéficiaire"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    provider = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("professionnel"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    position = models.SmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    act = models.ForeignKey(
        "claims.Act", verbose_name=_("acte"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    medicine = models.ForeignKey(
        "prescriptions.Medicine",
        verbose_name=_("médicament"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    quantity = models.SmallIntegerField()
    charged_centimes = models.BigIntegerField()
    care_date = models.DateField()
    illness_code = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["position"]
        indexes = [models.Index(fields=["insured", "care_date"], name="line_insured_day")]
        constraints = [
            models.UniqueConstraint(fields=["claim", "position"], name="one_line_a_position"),
            models.CheckConstraint(
                condition=Q(kind="ACT", act__isnull=False, medicine__isnull=True)
                | Q(kind="MEDICINE", act__isnull=True, medicine__isnull=False),
                name="line_is_an_act_or_a_medicine",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, charged_centimes__gt=0), name="line_is_plausible"
            ),
        ]


class Screening(models.Model):
    """Proof that one decision of a claim went through the fraud detectors: append only."""

    class Verdict(models.TextChoices):
        CLEAN = "CLEAN", _("rien à signaler")
        SIGNALLED = "SIGNALLED", _("signalée")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    claim = models.ForeignKey(
        Claim,
        verbose_name=_("demande"),
        on_delete=models.PROTECT,
        related_name="screenings",
        db_index=False,
    )
    insured = models.ForeignKey(
        "insured.Insured",
        verbose_name=_("assuré"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    decision_n = models.SmallIntegerField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    screened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "decision_n"], name="one_screening_a_decision"
            ),
            # Target of the composite foreign key that ties a claim to a screening of its own.
            models.UniqueConstraint(fields=["id", "claim"], name="screening_of_this_claim"),
        ]


class ProviderDay(models.Model):
    """Minutes of acts a provider billed for one day: the counter of a fraud detector."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    provider = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("professionnel"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    day = models.DateField()
    minutes = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "day"], name="one_counter_a_provider_day"),
            models.CheckConstraint(condition=Q(minutes__gte=0), name="minutes_are_counted_up"),
        ]
