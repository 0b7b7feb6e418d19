"""What was decided, by line and by step, and on exactly which facts: append only."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from claims.models.act import PriorApproval
from claims.models.claim import Claim, ClaimLine
from core.money import format_dirhams, format_rate
from core.record_keys import new_key


class Decision(models.Model):
    """Judgement number `n` of a claim; a new judgement is a new row. Money in centimes.

    `case` is the case exactly as judged, in the exchange format of docs/adjudication.md: judging it again
    under the law of digest `law_digest` gives the same decision.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    claim = models.ForeignKey(
        Claim, verbose_name=_("demande"), on_delete=models.PROTECT, related_name="decisions"
    )
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    n = models.SmallIntegerField()
    outcome = models.CharField(max_length=20, choices=Claim.Outcome.choices)
    needs_review = models.BooleanField()
    charged_centimes = models.BigIntegerField()
    reimbursed_centimes = models.BigIntegerField()
    insured_share_centimes = models.BigIntegerField()
    law_digest = models.CharField(max_length=64)
    case = models.JSONField()
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "n"], name="one_decision_a_number"),
            models.CheckConstraint(
                condition=Q(reimbursed_centimes__gte=0)
                & Q(charged_centimes=F("reimbursed_centimes") + F("insured_share_centimes")),
                name="shares_sum_to_the_charge",
            ),
        ]

    @property
    def expected(self) -> dict[str, Any]:
        """The stored decision in the exchange format, to compare a new judgement with."""
        return {
            "id": str(self.claim_id),
            "outcome": self.outcome,
            "needs_review": self.needs_review,
            "total_charged": format_dirhams(self.charged_centimes),
            "total_reimbursed": format_dirhams(self.reimbursed_centimes),
            "total_insured_share": format_dirhams(self.insured_share_centimes),
            "lines": [
                line.expected
                for line in sorted(self.lines.all(), key=lambda each: each.line.position)
            ],
        }


class LineDecision(models.Model):
    """What was decided of one line: tariff, base, rate, amount, and the coded reasons."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    decision = models.ForeignKey(
        Decision, verbose_name=_("décision"), on_delete=models.PROTECT, related_name="lines"
    )
    line = models.ForeignKey(
        ClaimLine, verbose_name=_("ligne"), on_delete=models.PROTECT, related_name="decisions"
    )
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    care_date = models.DateField()
    tariff_centimes = models.BigIntegerField()
    base_centimes = models.BigIntegerField()
    rate_bp = models.IntegerField()
    reimbursed_centimes = models.BigIntegerField()
    insured_share_centimes = models.BigIntegerField()
    reasons = ArrayField(models.CharField(max_length=40))
    is_denied = models.BooleanField()
    ceiling = models.CharField(max_length=40, blank=True)
    frequency = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["insured", "care_date"],
                name="ceiling_and_frequency_history",
                condition=~Q(ceiling="") | ~Q(frequency=""),
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["decision", "line"], name="one_decision_a_line"),
            models.CheckConstraint(
                condition=Q(reimbursed_centimes__gte=0)
                & Q(reimbursed_centimes__lte=F("base_centimes"))
                & Q(rate_bp__range=(0, 10000)),
                name="line_never_above_its_base",
            ),
        ]

    @property
    def expected(self) -> dict[str, Any]:
        """The stored line in the exchange format."""
        return {
            "id": str(self.line.position),
            "tariff": format_dirhams(self.tariff_centimes),
            "base": format_dirhams(self.base_centimes),
            "rate": format_rate(self.rate_bp),
            "reimbursed": format_dirhams(self.reimbursed_centimes),
            "insured_share": format_dirhams(self.insured_share_centimes),
            "reasons": self.reasons,
        }


class DecisionStep(models.Model):
    """One step of "why this amount": rule, reference and integers; sentences are rendered from it."""

    pk = models.CompositePrimaryKey("id", "at")
    id = models.UUIDField(default=new_key, editable=False)
    at = models.DateTimeField()
    insured_id = models.UUIDField()
    decision_id = models.UUIDField()
    line_position = models.SmallIntegerField()
    order = models.SmallIntegerField()
    rule = models.CharField(max_length=40)
    reference = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    values = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["decision_id"], name="steps_of_a_decision")]


class ApprovalUse(models.Model):
    """What a decision consumed of a prior approval."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    approval = models.ForeignKey(
        PriorApproval,
        verbose_name=_("entente préalable"),
        on_delete=models.PROTECT,
        related_name="uses",
    )
    decision = models.ForeignKey(
        Decision, verbose_name=_("décision"), on_delete=models.PROTECT, related_name="approval_uses"
    )
    line = models.ForeignKey(
        ClaimLine, verbose_name=_("ligne"), on_delete=models.PROTECT, related_name="+"
    )
    quantity = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="approval_use_is_positive")
        ]
