"""Versions of the rules: thresholds, weight and action, written by one person, switched on by another."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from fraud.states import RULE_MACHINE, RuleState


class RuleVersion(models.Model):
    """One wording of a rule's figures, numbered from 1; version 0 is what the code came with.

    `thresholds` are integers by name, in the units of fraud/rules/thresholds.yaml; `weight_bp` in basis
    points. `impact` is what the shadow showed by region and speciality when it was switched on. Turning
    a rule off is a version too, whose action is OFF: two people turn it off.
    """

    MACHINE = RULE_MACHINE

    class Action(models.TextChoices):
        OFF = "OFF", _("éteinte")
        FLAG = "FLAG", _("signale")
        HOLD = "HOLD", _("suspend")
        REFUSE = "REFUSE", _("rejette")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    rule = models.CharField(_("règle"), max_length=40)
    n = models.SmallIntegerField(_("version"))
    thresholds = models.JSONField(_("seuils"))
    weight_bp = models.IntegerField(_("poids"))
    action = models.CharField(_("action"), max_length=10, choices=Action.choices)
    state = models.CharField(_("état"), max_length=10, choices=RuleState.choices)
    reason = models.CharField(_("motif"), max_length=500)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("préparée par"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    prepared_at = models.DateTimeField(_("préparée le"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("mise en service par"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    valid_from = models.DateTimeField(_("en service depuis"), null=True)
    impact = models.JSONField(null=True)

    class Meta:
        verbose_name = _("version de règle")
        verbose_name_plural = _("versions de règles")
        constraints = [
            models.UniqueConstraint(fields=["rule", "n"], name="one_version_a_number"),
            models.UniqueConstraint(
                fields=["rule"], condition=Q(state="ON"), name="one_version_of_a_rule_is_on"
            ),
            models.UniqueConstraint(
                fields=["rule"], condition=Q(state="SHADOW"), name="one_version_of_a_rule_in_shadow"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("prepared_by")),
                name="who_prepares_a_rule_never_switches_it_on",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["ON", "RETIRED"],
                    approved_by__isnull=False,
                    valid_from__isnull=False,
                    impact__isnull=False,
                )
                | Q(
                    state__in=["SHADOW", "DROPPED"],
                    approved_by__isnull=True,
                    valid_from__isnull=True,
                ),
                name="no_rule_is_on_unmeasured",
            ),
            models.CheckConstraint(
                condition=Q(n__gt=0, weight_bp__range=(0, 10_000)), name="rule_version_is_plausible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} · {self.n}"


class RuleSuspension(models.Model):
    """A version that lost its right to hold by itself, and the figures that took it: append only.

    Two people give it back with a new version.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    rule = models.CharField(max_length=40)
    version = models.SmallIntegerField()
    holds = models.IntegerField()
    overturned = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "version"], name="a_version_is_suspended_once"),
            models.CheckConstraint(
                condition=Q(overturned__gt=0, overturned__lte=F("holds")),
                name="a_suspension_has_its_figures",
            ),
        ]
