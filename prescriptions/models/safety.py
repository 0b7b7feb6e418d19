"""The published interactions, and what professionals answered to safety alerts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from core.sealed_fields import SealedCharField
from prescriptions.rules.safety.alerts import LONGEST_KEY


class ThesaurusEdition(models.Model):
    """One edition of a published list of interactions; the latest one is in force."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    name = models.CharField(_("nom"), max_length=100)
    edition = models.DateField(_("édition du"), unique=True)
    source = models.CharField(_("source"), max_length=250)
    imported_at = models.DateTimeField(_("importée le"))

    class Meta:
        verbose_name = _("édition des interactions")
        verbose_name_plural = _("éditions des interactions")

    def __str__(self) -> str:
        return f"{self.name}, {self.edition:%d/%m/%Y}"


class ThesaurusEntry(models.Model):
    """An interaction between two substances or classes; several levels depend on a condition."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    edition = models.ForeignKey(
        ThesaurusEdition,
        verbose_name=_("édition"),
        on_delete=models.CASCADE,
        related_name="entries",
    )
    first = models.CharField(_("substance ou classe"), max_length=150)
    second = models.CharField(_("substance ou classe"), max_length=150)
    # [[level, condition], …], as published and in its order.
    levels = models.JSONField(_("niveaux"))
    mechanism = models.TextField(_("mécanisme"), blank=True)

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "first", "second"], name="one_entry_a_pair_of_an_edition"
            )
        ]


class ThesaurusSubstance(models.Model):
    """A substance of an edition, and the classes it is in."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    edition = models.ForeignKey(
        ThesaurusEdition,
        verbose_name=_("édition"),
        on_delete=models.CASCADE,
        related_name="substances",
    )
    name = models.CharField(_("substance"), max_length=150)
    classes = models.JSONField(_("classes"))

    class Meta:
        verbose_name = _("substance")
        verbose_name_plural = _("substances")
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "name"], name="one_substance_a_name_of_an_edition"
            )
        ]


class SafetyAlert(models.Model):
    """An alert shown to a practice for a patient on a day, and what was answered to it.

    The clinical text is not kept: `key` and the edition find it again.
    """

    class Moment(models.TextChoices):
        PRESCRIBING = "PRESCRIBING", _("prescription")
        DISPENSING = "DISPENSING", _("délivrance")

    class Answer(models.TextChoices):
        NONE = "", _("sans réponse")
        ACCEPTED = "ACCEPTED", _("suivie")
        OVERRIDDEN = "OVERRIDDEN", _("outrepassée")

    class Reason(models.TextChoices):
        BENEFIT = "BENEFIT", _("bénéfice supérieur au risque")
        MONITORED = "MONITORED", _("surveillance organisée")
        KNOWN_TOLERANCE = "KNOWN_TOLERANCE", _("déjà pris et bien toléré")
        SPECIALIST = "SPECIALIST", _("avis d’un spécialiste")
        NOT_TAKEN_TOGETHER = "NOT_TAKEN_TOGETHER", _("pas pris en même temps")
        WRONG_DATA = "WRONG_DATA", _("dossier inexact")
        PRESCRIBER_CALLED = "PRESCRIBER_CALLED", _("prescripteur appelé, maintient")
        OTHER = "OTHER", _("autre, écrit ci-dessous")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    patient = models.ForeignKey(
        "insured.Person",
        verbose_name=_("bénéficiaire"),
        on_delete=models.PROTECT,
        related_name="safety_alerts",
    )
    provider = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("professionnel"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("auteur"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    moment = models.CharField(_("moment"), max_length=12, choices=Moment.choices)
    key = models.CharField(_("alerte"), max_length=LONGEST_KEY)
    kind = models.CharField(_("nature"), max_length=20)
    level = models.CharField(_("niveau"), max_length=20)
    severity = models.CharField(_("gravité"), max_length=12)
    shown_on = models.DateField(_("montrée le"))
    shown_at = models.DateTimeField(_("montrée à"))
    answer = models.CharField(_("réponse"), max_length=10, choices=Answer.choices, blank=True)
    reason = models.CharField(_("motif"), max_length=20, choices=Reason.choices, blank=True)
    note = SealedCharField(_("note"), max_length=300, blank=True)
    answered_at = models.DateTimeField(_("réponse à"), null=True)
    fse_number = models.CharField(_("numéro FSE"), max_length=12, blank=True)

    class Meta:
        verbose_name = _("alerte de sécurité")
        verbose_name_plural = _("alertes de sécurité")
        indexes = [models.Index(fields=["key", "answered_at"], name="alert_answers_of_a_key")]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "provider", "moment", "key", "shown_on"],
                name="one_alert_a_day_a_practice",
            ),
            models.CheckConstraint(
                condition=models.Q(answer="", answered_at__isnull=True)
                | ~models.Q(answer="") & models.Q(answered_at__isnull=False),
                name="alert_answered_iff_answered_at",
            ),
            models.CheckConstraint(
                condition=~models.Q(answer="OVERRIDDEN") | ~models.Q(reason=""),
                name="no_override_without_a_reason",
            ),
        ]


class SafetyDemotion(models.Model):
    """An alert overridden too often by too many: shown one step lower until a reviewer says otherwise."""

    class Decision(models.TextChoices):
        WAITING = "WAITING", _("à revoir")
        KEPT = "KEPT", _("rétrogradation gardée")
        RESTORED = "RESTORED", _("alerte rétablie")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    key = models.CharField(_("alerte"), max_length=LONGEST_KEY)
    kind = models.CharField(_("nature"), max_length=20)
    since = models.DateTimeField(_("depuis"))
    answered = models.IntegerField(_("réponses"))
    overridden = models.IntegerField(_("outrepassées"))
    people = models.IntegerField(_("professionnels"))
    decision = models.CharField(
        _("décision"), max_length=10, choices=Decision.choices, default=Decision.WAITING
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("décidé par"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("décidé le"), null=True, blank=True)
    reason = models.CharField(_("motif"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("alerte rétrogradée")
        verbose_name_plural = _("alertes rétrogradées")
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=~models.Q(decision="RESTORED"),
                name="one_demotion_an_alert",
            ),
            models.CheckConstraint(
                condition=models.Q(decision="WAITING", decided_at__isnull=True)
                | ~models.Q(decision="WAITING") & models.Q(decided_at__isnull=False),
                name="demotion_decided_iff_decided_at",
            ),
        ]

    def __str__(self) -> str:
        return self.key
