"""The ranking aid as a night judged it: kept or not, by which figures, in which order."""

from django.db import models
from django.db.models import F, Q

from core.record_keys import new_key


class RankingAid(models.Model):
    """What one night made of the decided cases: append only, a row a run.

    `confirmed` and `unfounded` count professionals, `needed` how many of each were asked for then.
    `sort_bp` and `aid_bp` are average precisions, in basis points, null while too few are decided.
    `ranking` names the professionals with alarms, the first to look at first; empty unless kept.
    """

    class Standing(models.TextChoices):
        FEW = "FEW"
        BEATEN = "BEATEN"
        KEPT = "KEPT"

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    run = models.OneToOneField("fraud.NightRun", on_delete=models.PROTECT, related_name="aid")
    standing = models.CharField(max_length=10, choices=Standing.choices)
    confirmed = models.IntegerField()
    unfounded = models.IntegerField()
    needed = models.IntegerField()
    sort_bp = models.IntegerField(null=True)
    aid_bp = models.IntegerField(null=True)
    ranking = models.JSONField(default=list)
    judged_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(standing="FEW", sort_bp__isnull=True, aid_bp__isnull=True)
                | Q(~Q(standing="FEW"), sort_bp__isnull=False, aid_bp__isnull=False),
                name="an_aid_is_judged_iff_enough_is_decided",
            ),
            models.CheckConstraint(
                condition=~Q(standing="KEPT") | Q(aid_bp__gt=F("sort_bp")),
                name="an_aid_is_kept_only_if_it_beats_the_sort",
            ),
            models.CheckConstraint(
                condition=Q(standing="KEPT") | Q(ranking=[]),
                name="an_aid_not_kept_ranks_nobody",
            ),
        ]
