"""What the detectors saw: signals with their evidence, and the decisions of people on held claims."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key


class Signal(models.Model):
    """One thing one detector saw on one claim, with the very rows it saw: append only.

    `version` is that of the rule (0: as the code came); one in shadow (`is_shadow`) changes nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="signals")
    insured = models.ForeignKey("insured.Insured", on_delete=models.PROTECT, related_name="+")
    decision_n = models.SmallIntegerField()
    detector = models.CharField(_("détecteur"), max_length=40)
    version = models.SmallIntegerField(default=0)
    is_shadow = models.BooleanField(default=False)
    strength_bp = models.IntegerField(default=10_000)
    evidence = models.JSONField(_("preuves"))
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("signalement")
        verbose_name_plural = _("signalements")
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "decision_n", "detector", "is_shadow"],
                name="one_signal_a_detector",
            ),
            models.CheckConstraint(
                condition=models.Q(strength_bp__range=(0, 10_000)),
                name="signal_strength_within_0_and_1",
            ),
        ]


class HoldDecision(models.Model):
    """How a hold ended: released or refused by a person, with a reason, or ended by the clock."""

    class Verdict(models.TextChoices):
        RELEASED = "RELEASED", _("levée")
        REFUSED = "REFUSED", _("refusée")
        EXPIRED = "EXPIRED", _("délai écoulé")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    claim = models.ForeignKey(
        "claims.Claim", on_delete=models.PROTECT, related_name="hold_decisions"
    )
    insured = models.ForeignKey("insured.Insured", on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.TextField(_("motif"))
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80)
