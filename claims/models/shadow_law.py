"""Laws on trial: files that would change the law, and what they would have changed."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from claims.states import MEASURED_STATES, SHADOW_LAW_MACHINE, ShadowLawState
from core.record_keys import new_key


class ShadowLaw(models.Model):
    """A candidate law: `files` of the law written otherwise, by name, over the law in force.

    `report` is what its replay counted so far (claims/adjudication/replay.py), `last` the last decision
    judged: a replay that was stopped anywhere goes on from there. `law_digest` is the candidate's,
    `base_digest` that of the law in force when the replay began. Adopting writes no law: the files are
    put in the code by a reviewed change.
    """

    MACHINE = SHADOW_LAW_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    name = models.CharField(_("nom"), max_length=120)
    files = models.JSONField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("auteur"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("créée le"))
    state = models.CharField(
        _("état"), max_length=10, choices=ShadowLawState.choices, default=ShadowLawState.DRAFT
    )
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    total = models.IntegerField(default=0)
    report = models.JSONField(null=True)
    last = models.UUIDField(null=True)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    law_digest = models.CharField(max_length=64)
    base_digest = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("proposée par"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("adoptée par"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("loi à l’essai")
        verbose_name_plural = _("lois à l’essai")
        constraints = [
            models.CheckConstraint(
                condition=Q(adopted_by__isnull=True) | ~Q(adopted_by=F("proposed_by")),
                name="who_proposes_a_law_never_adopts_it",
            ),
            models.CheckConstraint(
                condition=Q(state="ADOPTED", adopted_by__isnull=False)
                | (~Q(state="ADOPTED") & Q(adopted_by__isnull=True)),
                name="shadow_law_adopted_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[str(state) for state in MEASURED_STATES])
                | Q(report__isnull=False),
                name="no_law_is_proposed_unmeasured",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def judged(self) -> int:
        """Decisions the replay has been through, those the law could not judge included."""
        report = self.report or {"judged": 0, "no_law": {}}
        return report["judged"] + sum(report["no_law"].values())
