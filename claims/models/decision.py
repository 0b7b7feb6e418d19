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


class LawVersion(models.Model):
    """The law as decisions applied it: whole content under its digest, so that any can be judged again.

    The key is drawn from the digest: who writes a decision needs no look-up.
    """

    id = models.BigIntegerField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    content = models.JSONField()
    first_used_at = models.DateTimeField()


class Decision(models.Model):
    """Judgement number `n` of a claim; a new judgement is a new row. Money in centimes.

    `facts` is the claim exactly as judged (`adjudication.packing`): judging it again under `law` gives
    the same decision. Settlement writes thousands of these at once: the keys of claim and law are
    checked by `check_invariants`, not row by row.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    claim = models.ForeignKey(
        Claim,
        verbose_name=_("demande"),
        on_delete=models.PROTECT,
        related_name="decisions",
        db_index=False,
        db_constraint=False,
    )
    insured = models.ForeignKey(
        "insured.Insured",
        verbose_name=_("assuré"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    n = models.SmallIntegerField()
    outcome = models.CharField(max_length=20, choices=Claim.Outcome.choices)
    needs_review = models.BooleanField()
    charged_centimes = models.BigIntegerField()
    reimbursed_centimes = models.BigIntegerField()
    insured_share_centimes = models.BigIntegerField()
    law = models.ForeignKey(
        LawVersion,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    facts = models.TextField()
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
    def law_digest(self) -> str:
        """The first digits of the digest of the law this decision applied."""
        return f"{self.law_id:015x}"

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
                line.expected for line in sorted(self.lines.all(), key=lambda each: each.position)
            ],
        }


class LineDecision(models.Model):
    """What was decided of one line: tariff, base, rate, amount, coded reasons, and every step.

    `steps` says why, packed (`adjudication.packing`): rules, references and integers; sentences are
    rendered from it. Partitioned by the month of `at`, the instant of the decision.
    """

    pk = models.CompositePrimaryKey("decision_id", "position", "at")
    decision = models.ForeignKey(
        Decision,
        verbose_name=_("décision"),
        on_delete=models.PROTECT,
        related_name="lines",
        db_index=False,
        db_constraint=False,
    )
    position = models.SmallIntegerField()
    at = models.DateTimeField()
    line = models.ForeignKey(
        ClaimLine,
        verbose_name=_("ligne"),
        on_delete=models.PROTECT,
        related_name="decisions",
        db_index=False,
        db_constraint=False,
    )
    insured_id = models.UUIDField()
    tariff_centimes = models.BigIntegerField()
    base_centimes = models.BigIntegerField()
    rate_bp = models.IntegerField()
    reimbursed_centimes = models.BigIntegerField()
    insured_share_centimes = models.BigIntegerField()
    reasons = ArrayField(models.CharField(max_length=40))
    is_denied = models.BooleanField()
    steps = models.TextField()

    class Meta:
        constraints = [
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
            "id": str(self.position),
            "tariff": format_dirhams(self.tariff_centimes),
            "base": format_dirhams(self.base_centimes),
            "rate": format_rate(self.rate_bp),
            "reimbursed": format_dirhams(self.reimbursed_centimes),
            "insured_share": format_dirhams(self.insured_share_centimes),
            "reasons": self.reasons,
        }


class CountedUse(models.Model):
    """What an accepted line took of a ceiling, of a frequency or of a prior approval: append only.

    It counts while its decision `n` is the claim's current one and the claim is neither refused nor
    withdrawn. `amount`: centimes of a ceiling, uses of a frequency, quantity of an approval.
    """

    class Kind(models.TextChoices):
        CEILING = "CEILING", _("plafond")
        FREQUENCY = "FREQUENCY", _("périodicité")
        APPROVAL = "APPROVAL", _("entente préalable")

    pk = models.CompositePrimaryKey("patient_id", "claim_id", "n", "position", "kind")
    patient = models.ForeignKey(
        "insured.Person", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="uses", db_index=False)
    n = models.SmallIntegerField()
    position = models.SmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    insured_id = models.UUIDField()
    name = models.CharField(max_length=40, blank=True)
    approval = models.ForeignKey(
        PriorApproval, null=True, on_delete=models.PROTECT, related_name="uses"
    )
    care_date = models.DateField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="use_is_positive"),
            models.CheckConstraint(
                condition=Q(kind="APPROVAL", approval__isnull=False)
                | (~Q(kind="APPROVAL") & Q(approval__isnull=True) & ~Q(name="")),
                name="use_names_what_it_takes",
            ),
        ]
