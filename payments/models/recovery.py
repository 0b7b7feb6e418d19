"""What was paid and is taken back: reversals, debts, their plans, and what each transfer kept."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.record_keys import new_key
from payments.models.settlement import OrderClaim
from payments.rules import Payee, PayeeKind
from payments.states import REVERSAL_MACHINE, UNDUE_MACHINE, ReversalState, UndueState


class Reversal(models.Model):
    """A claim taken back: asked by one person with evidence, decided by another. Amount in centimes."""

    MACHINE = REVERSAL_MACHINE

    class Reason(models.TextChoices):
        CARE_NOT_GIVEN = "CARE_NOT_GIVEN", _("soins non réalisés")
        BILLED_TWICE = "BILLED_TWICE", _("soins facturés deux fois")
        WRONG_PATIENT = "WRONG_PATIENT", _("soins d’une autre personne")
        WRONG_ACT = "WRONG_ACT", _("acte ou quantité inexacts")
        RIGHTS_CLOSED = "RIGHTS_CLOSED", _("droits fermés le jour des soins")
        OTHER_PAYER = "OTHER_PAYER", _("soins dus par un autre organisme")
        PROVEN_FRAUD = "PROVEN_FRAUD", _("fraude établie")
        OWN_ERROR = "OWN_ERROR", _("erreur de la CNSS")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    claim = models.ForeignKey(
        "claims.Claim",
        verbose_name=_("demande"),
        on_delete=models.PROTECT,
        related_name="reversals",
    )
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("état"), max_length=10, choices=ReversalState.choices)
    reason = models.CharField(_("motif"), max_length=20, choices=Reason.choices)
    explanation = models.CharField(_("explication"), max_length=500)
    evidence_reference = models.CharField(_("pièce justificative"), max_length=80)
    evidence_sha256 = models.CharField(_("empreinte SHA-256 de la pièce"), max_length=64)
    amount_centimes = models.BigIntegerField(_("montant"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("demandée par"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("décidée par"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(null=True)
    refusal_reason = models.CharField(_("motif du refus"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("extourne")
        verbose_name_plural = _("extournes")
        constraints = [
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(state__in=["REQUESTED", "CONFIRMED"]),
                name="a_claim_is_reversed_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="who_asks_never_confirms",
            ),
            models.CheckConstraint(
                condition=Q(state="REQUESTED", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="REQUESTED") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="reversal_decided_iff_decider",
            ),
            models.CheckConstraint(
                condition=Q(evidence_sha256__regex=r"^[0-9a-f]{64}$"),
                name="evidence_is_a_digest",
            ),
            models.CheckConstraint(condition=Q(amount_centimes__gt=0), name="reversal_is_positive"),
        ]

    def __str__(self) -> str:
        return self.claim.sheet.fse_number


class ReversalNotice(models.Model):
    """What the insured person and the provider are told of a reversal, and since when: append only.

    The row is the fact; the sentence is rendered from the reversal in the reader's language.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    reversal = models.ForeignKey(Reversal, on_delete=models.PROTECT, related_name="notices")
    insured = models.ForeignKey(
        "insured.Insured", null=True, on_delete=models.PROTECT, related_name="reversal_notices"
    )
    provider = models.ForeignKey(
        "providers.Provider", null=True, on_delete=models.PROTECT, related_name="reversal_notices"
    )
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(insured__isnull=True, provider__isnull=False)
                | Q(insured__isnull=False, provider__isnull=True),
                name="notice_has_one_reader",
            ),
            models.UniqueConstraint(
                fields=["reversal", "insured", "provider"],
                nulls_distinct=False,
                name="one_notice_a_reader",
            ),
        ]


class UndueAmount(models.Model):
    """What a payee was paid and must give back, and how much of it was recovered. In centimes."""

    MACHINE = UNDUE_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    reversal = models.OneToOneField(Reversal, on_delete=models.PROTECT, related_name="undue")
    claim = models.ForeignKey(
        "claims.Claim", verbose_name=_("demande"), on_delete=models.PROTECT, related_name="undues"
    )
    insured = models.ForeignKey(
        "insured.Insured",
        verbose_name=_("assuré"),
        null=True,
        on_delete=models.PROTECT,
        related_name="undue_amounts",
    )
    provider = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("professionnel"),
        null=True,
        on_delete=models.PROTECT,
        related_name="undue_amounts",
    )
    state = models.CharField(_("état"), max_length=12, choices=UndueState.choices)
    amount_centimes = models.BigIntegerField(_("indu"))
    recovered_centimes = models.BigIntegerField(_("récupéré"), default=0)
    opened_at = models.DateTimeField()
    cancel_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    cancel_asked_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(_("motif de l’abandon"), max_length=500, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("indu")
        verbose_name_plural = _("indus")
        constraints = [
            models.CheckConstraint(
                condition=Q(insured__isnull=True, provider__isnull=False)
                | Q(insured__isnull=False, provider__isnull=True),
                name="undue_has_one_payee",
            ),
            models.CheckConstraint(
                condition=Q(amount_centimes__gt=0)
                & Q(recovered_centimes__gte=0)
                & Q(recovered_centimes__lte=F("amount_centimes")),
                name="never_recovered_more_than_undue",
            ),
            models.CheckConstraint(
                condition=~Q(state="RECOVERED") | Q(recovered_centimes=F("amount_centimes")),
                name="recovered_is_all_of_it",
            ),
            models.CheckConstraint(
                condition=Q(cancel_asked_by__isnull=True, cancel_asked_at__isnull=True)
                | Q(cancel_asked_by__isnull=False, cancel_asked_at__isnull=False),
                name="giving_up_is_asked_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="CANCELLED", cancelled_by__isnull=False)
                | (~Q(state="CANCELLED") & Q(cancelled_by__isnull=True)),
                name="given_up_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_by__isnull=True)
                | (Q(cancel_asked_by__isnull=False) & ~Q(cancelled_by=F("cancel_asked_by"))),
                name="who_asks_never_gives_up",
            ),
        ]

    def __str__(self) -> str:
        return self.claim.sheet.fse_number

    @property
    def left_centimes(self) -> int:
        """What is still to be recovered; nothing once the fund gave it up."""
        if self.state == UndueState.CANCELLED:
            return 0
        return self.amount_centimes - self.recovered_centimes

    @property
    def payee(self) -> Payee:
        """Who must give it back; the database holds that it is exactly one."""
        if self.provider_id is not None:
            return Payee(PayeeKind.PROVIDER, self.provider_id)
        assert self.insured_id is not None  # noqa: S101 (undue_has_one_payee)
        return Payee(PayeeKind.INSURED, self.insured_id)


class RecoveryPlan(models.Model):
    """How a debt is taken back, batch after batch: a share of what is due, or a fixed sum.

    `paused_because` says why nothing is taken for now: the payee contests.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    undue = models.OneToOneField(
        UndueAmount, verbose_name=_("indu"), on_delete=models.PROTECT, related_name="plan"
    )
    share_bp = models.IntegerField(_("part des paiements"), null=True)
    fixed_centimes = models.BigIntegerField(_("somme par bordereau"), null=True)
    first_date = models.DateField(_("à partir du"))
    agreement = models.CharField(_("accord ou notification"), max_length=120)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("établi par"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    agreed_at = models.DateTimeField()
    is_contested = models.BooleanField(_("contesté"), default=False)
    paused_because = models.CharField(_("contestation"), max_length=500, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("plan de récupération")
        verbose_name_plural = _("plans de récupération")
        constraints = [
            models.CheckConstraint(
                condition=Q(share_bp__range=(1, 10_000), fixed_centimes__isnull=True)
                | Q(share_bp__isnull=True, fixed_centimes__gt=0),
                name="plan_takes_a_share_or_a_sum",
            ),
            models.CheckConstraint(
                condition=Q(is_contested=False, paused_because="")
                | (Q(is_contested=True) & ~Q(paused_because="")),
                name="a_contest_has_a_reason",
            ),
        ]


class Recovery(models.Model):
    """What one transfer kept of one claim for one debt; `is_live` unless its batch was cancelled.

    `came_back`: nothing was kept, the bank returned the transfer of the very claim that was reversed.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    undue = models.ForeignKey(UndueAmount, on_delete=models.PROTECT, related_name="recoveries")
    order_claim = models.ForeignKey(OrderClaim, on_delete=models.PROTECT, related_name="recoveries")
    amount_centimes = models.BigIntegerField()
    at = models.DateTimeField()
    is_live = models.BooleanField(default=True)
    came_back = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["undue", "order_claim"], name="one_recovery_a_debt_and_claim"
            ),
            models.CheckConstraint(condition=Q(amount_centimes__gt=0), name="recovery_is_positive"),
        ]
