"""Cases: what was seen of one provider, member, couple or ring, and what people decided of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from fraud.states import CASE_MACHINE, CaseState


class Case(models.Model):
    """One subject's file. `subject` names it within its kind; one live case a subject.

    `score_bp` and `amount_centimes` repeat what its items add up to, for the order of the list.
    """

    MACHINE = CASE_MACHINE

    class Kind(models.TextChoices):
        PROVIDER = "PROVIDER", _("professionnel")
        MEMBER = "MEMBER", _("bénéficiaire")
        COUPLE = "COUPLE", _("couple prescripteur et pharmacie")
        RING = "RING", _("réseau")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    number = models.CharField(_("numéro"), max_length=20, unique=True)
    kind = models.CharField(_("sujet"), max_length=10, choices=Kind.choices)
    subject = models.CharField(max_length=80)
    state = models.CharField(_("état"), max_length=10, choices=CaseState.choices)
    score_bp = models.IntegerField(_("score"))
    amount_centimes = models.BigIntegerField(_("montant"))
    opened_at = models.DateTimeField(_("ouvert le"))
    seen_at = models.DateTimeField(_("dernière alarme"))
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("instruit par"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("dossier de fraude")
        verbose_name_plural = _("dossiers de fraude")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(state__in=["OPEN", "ASSIGNED"]),
                name="one_live_case_a_subject",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", officer__isnull=True)
                | (~Q(state="OPEN") & Q(officer__isnull=False)),
                name="a_case_has_its_officer",
            ),
            models.CheckConstraint(
                condition=Q(score_bp__range=(0, 10_000), amount_centimes__gte=0),
                name="case_score_is_plausible",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CaseParty(models.Model):
    """A provider or a member whom a case is about: append only, a ring grows."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    provider = models.ForeignKey(
        "providers.Provider", null=True, on_delete=models.PROTECT, related_name="+"
    )
    member = models.ForeignKey(
        "insured.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    insured = models.ForeignKey(
        "insured.Insured", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "provider", "member"],
                nulls_distinct=False,
                name="a_party_joins_a_case_once",
            ),
            models.CheckConstraint(
                condition=Q(provider__isnull=False, member__isnull=True, insured__isnull=True)
                | Q(provider__isnull=True, member__isnull=False, insured__isnull=False),
                name="party_is_a_provider_or_a_member",
            ),
        ]


class CaseItem(models.Model):
    """One alarm of the night, or one signal of a claim, in the one case it belongs to: append only."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="items")
    alarm = models.OneToOneField(
        "fraud.Alarm", null=True, on_delete=models.PROTECT, related_name="item"
    )
    signal = models.OneToOneField(
        "fraud.Signal", null=True, on_delete=models.PROTECT, related_name="item"
    )
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(alarm__isnull=True, signal__isnull=False)
                | Q(alarm__isnull=False, signal__isnull=True),
                name="item_is_an_alarm_or_a_signal",
            )
        ]


class CaseNote(models.Model):
    """What an officer wrote in a case: append only."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField(_("note"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="a_note_says_something")]


class CaseDecision(models.Model):
    """One decision on a case, with its reason: append only. A reopened case has several."""

    class Verdict(models.TextChoices):
        CONFIRMED = "CONFIRMED", _("fraude confirmée")
        UNFOUNDED = "UNFOUNDED", _("non fondé")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.TextField(_("motif"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="a_case_decision_has_a_reason")
        ]


class CaseRecovery(models.Model):
    """One claim to take back because of a confirmed case: append only, told to payments as an event.

    `amount_centimes` is what the fund pays of the claim's lines; `evidence_sha256` digests what the
    officer had in sight.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    decision = models.ForeignKey(CaseDecision, on_delete=models.PROTECT, related_name="recoveries")
    claim = models.OneToOneField("claims.Claim", on_delete=models.PROTECT, related_name="+")
    insured = models.ForeignKey("insured.Insured", on_delete=models.PROTECT, related_name="+")
    amount_centimes = models.BigIntegerField(_("montant"))
    evidence_sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_centimes__gt=0), name="case_recovery_is_positive"
            )
        ]
