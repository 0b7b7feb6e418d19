"""The night's work over the history: runs, their steps, and the alarms they left."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from fraud.states import NIGHT_MACHINE, NightState


class NightRun(models.Model):
    """One pass of the rules over the history up to `until`, not included.

    `rules` holds the versions it began with (name: version, thresholds, weight, action, shadow): a rule
    edited while it runs is taken up by the next one.
    """

    MACHINE = NIGHT_MACHINE

    class Scope(models.TextChoices):
        INCREMENT = "INCREMENT", _("jours changés")
        FULL = "FULL", _("tout l’historique")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    scope = models.CharField(_("étendue"), max_length=10, choices=Scope.choices)
    state = models.CharField(_("état"), max_length=10, choices=NightState.choices)
    since = models.DateField(_("depuis le"), null=True)
    until = models.DateField(_("jusqu’au"))
    rules = models.JSONField()
    started_at = models.DateTimeField(_("commencé le"))
    started_by = models.CharField(_("lancé par"), max_length=80)
    ended_at = models.DateTimeField(_("terminé le"), null=True)

    class Meta:
        verbose_name = _("passage de nuit")
        verbose_name_plural = _("passages de nuit")
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="RUNNING"), name="one_night_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="RUNNING", ended_at__isnull=True)
                | (~Q(state="RUNNING") & Q(ended_at__isnull=False)),
                name="night_ended_iff_ended_at",
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(since__lt=F("until")),
                name="night_looks_at_some_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.until:%d/%m/%Y}"


class NightStep(models.Model):
    """One step of a run, done once: what was done is not done again after a crash."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    run = models.ForeignKey(NightRun, on_delete=models.CASCADE, related_name="steps")
    position = models.SmallIntegerField()
    name = models.CharField(_("étape"), max_length=60)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    rows = models.IntegerField(_("lignes"), default=0)
    error = models.TextField(_("erreur"), blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="one_step_a_place"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(started_at__isnull=False),
                name="a_step_begins_before_it_ends",
            ),
        ]


class Alarm(models.Model):
    """What one rule saw in the history, with the very rows it saw: append only.

    `key` digests who and what it is about: the same thing seen again by the same version adds nothing.
    """

    class Level(models.TextChoices):
        CLAIM = "CLAIM", _("demande")
        PROVIDER = "PROVIDER", _("professionnel")
        MEMBER = "MEMBER", _("bénéficiaire")
        COUPLE = "COUPLE", _("couple")
        RING = "RING", _("réseau")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    run = models.ForeignKey(NightRun, on_delete=models.PROTECT, related_name="alarms")
    rule = models.CharField(_("règle"), max_length=40)
    version = models.SmallIntegerField()
    is_shadow = models.BooleanField()
    level = models.CharField(max_length=10, choices=Level.choices)
    provider = models.ForeignKey(
        "providers.Provider", null=True, on_delete=models.PROTECT, related_name="+"
    )
    other = models.ForeignKey(
        "providers.Provider", null=True, on_delete=models.PROTECT, related_name="+"
    )
    member = models.ForeignKey(
        "insured.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    insured = models.ForeignKey(
        "insured.Insured", null=True, on_delete=models.PROTECT, related_name="+"
    )
    claim = models.ForeignKey("claims.Claim", null=True, on_delete=models.PROTECT, related_name="+")
    line = models.SmallIntegerField(null=True)
    group = models.CharField(max_length=64, blank=True)
    day = models.DateField()
    strength_bp = models.IntegerField()
    observed = models.CharField(max_length=40, blank=True)
    threshold = models.CharField(max_length=40, blank=True)
    peers = models.IntegerField(null=True)
    evidence = models.JSONField()
    key = models.CharField(max_length=64)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("alarme")
        verbose_name_plural = _("alarmes")
        indexes = [models.Index(fields=["provider", "day"], name="alarm_provider_day")]
        constraints = [
            models.UniqueConstraint(fields=["rule", "version", "key"], name="an_alarm_rings_once"),
            models.CheckConstraint(
                condition=Q(strength_bp__range=(0, 10_000)), name="alarm_strength_within_0_and_1"
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=True, insured__isnull=True)
                | Q(member__isnull=False, insured__isnull=False),
                name="alarm_knows_whose_care_it_is",
            ),
            models.CheckConstraint(
                condition=~Q(level="RING") | ~Q(group=""), name="a_ring_has_a_name"
            ),
        ]
