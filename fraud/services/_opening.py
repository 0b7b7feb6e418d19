"""From alarms to cases: one live case a subject; what is new joins it, what is little stays an alarm."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import localdate

from core import transitions
from core.record_keys import new_key
from fraud.models import Alarm, Case, CaseItem, CaseParty, Signal
from fraud.rules.facts import Detector
from fraud.rules.rule import Level
from fraud.rules.score import Mark, opens_file, score
from fraud.selectors import DEAD_STATES
from fraud.selectors.cases import dead_among, reimbursed_since
from fraud.selectors.rules import InForce, desk_on, limits_on
from fraud.states import LIVE_CASES, CaseState
from insured.models import Person

NIGHT = "system:night"


@dataclass
class Subject:
    """What was seen of one subject and belongs to no case yet."""

    alarms: list[Alarm] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)

    @property
    def rules(self) -> set[str]:
        return {each.rule for each in self.alarms} | {each.detector for each in self.signals}


Key = tuple[str, str]


def open_cases(*, rules: Mapping[str, InForce], at: datetime) -> int:
    """Put what belongs to no case in the live case of its subject, or open one; return how many opened.

    A fact opens a case when it comes back, a couple or a ring alone, statistics by two families
    (fraud/rules/score.py), a prescription given twice with no network at once. After an unfounded case,
    more of the same rules stays with it for a while: it opens nothing. Told again, it changes nothing.
    """
    day = localdate(at)
    opened = 0
    for key, found in sorted(_loose(day).items()):
        with transaction.atomic():
            opened += _file(key, found, rules, at=at)
    return opened


def _file(key: Key, found: Subject, rules: Mapping[str, InForce], *, at: datetime) -> int:
    day = localdate(at)
    case = _live(key, found) or _quiet(key, found, day)
    is_new = case is None
    if case is None:
        marks = marks_of(found.alarms, found.signals, rules, day)
        is_told = Detector.HANDED_OVER_TWICE in found.rules
        if not is_told and not opens_file(marks, limits_on(day)):
            return 0
        case = _open(key, at=at)
    _join(case, found, at=at)
    _weigh(case, rules, at=at)
    return int(is_new)


def _loose(day: date) -> dict[Key, Subject]:
    """Alarms and signals of no case that still weigh, by subject; those in shadow never.

    An alarm on a claim that died since, or beside one, is left out; a signal before payment stays: it
    may be why the claim was refused.
    """
    since = day - timedelta(days=limits_on(day)["fade_days"])
    subjects: dict[Key, Subject] = defaultdict(Subject)
    alarms = Alarm.objects.filter(is_shadow=False, item__isnull=True, day__gt=since)
    alarms = alarms.exclude(claim__state__in=DEAD_STATES).order_by("day", "id")
    beside = dead_among(alarm.evidence.get("other_claim") for alarm in alarms)
    for alarm in alarms:
        is_void = alarm.evidence.get("other_claim") in beside
        if not is_void and (key := subject_of(alarm)) is not None:
            subjects[key].alarms.append(alarm)
    signals = Signal.objects.filter(is_shadow=False, item__isnull=True, seen_at__date__gt=since)
    for signal in signals.exclude(evidence__has_key="failed").select_related("claim"):
        subjects[_subject_of_signal(signal)].signals.append(signal)
    return subjects


def _subject_of_signal(signal: Signal) -> Key:
    """The pharmacies of a prescription given twice could not know: whose it was is looked at."""
    if signal.detector == Detector.HANDED_OVER_TWICE:
        return "MEMBER", str(signal.claim.patient_id)
    return "PROVIDER", str(signal.claim.provider_id)


def subject_of(alarm: Alarm) -> Key | None:
    """The kind and the name of the case an alarm belongs to."""
    if alarm.level == Level.RING:
        return "RING", alarm.group
    if alarm.level == Level.COUPLE and alarm.provider_id and alarm.other_id:
        return "COUPLE", "+".join(sorted((str(alarm.provider_id), str(alarm.other_id))))
    if alarm.level == Level.MEMBER and alarm.member_id:
        return "MEMBER", str(alarm.member_id)
    return ("PROVIDER", str(alarm.provider_id)) if alarm.provider_id else None


def _cases_of(key: Key, found: Subject) -> QuerySet[Case]:
    """The cases of a subject; of a ring, those that share a provider with what was found."""
    kind, subject = key
    if kind != Case.Kind.RING:
        return Case.objects.filter(kind=kind, subject=subject)
    inside = {each.provider_id for each in found.alarms}
    shared = CaseParty.objects.filter(case=OuterRef("pk"), provider__in=inside)
    return Case.objects.filter(Exists(shared), kind=kind)


def _live(key: Key, found: Subject) -> Case | None:
    """The live case of a subject, locked."""
    live = _cases_of(key, found).filter(state__in=LIVE_CASES)
    return live.select_for_update(of=("self",)).order_by("opened_at").first()


def _quiet(key: Key, found: Subject, day: date) -> Case | None:
    """The subject's last case, if people found it unfounded lately and nothing but its rules came."""
    case = _cases_of(key, found).order_by("-opened_at").first()
    if case is None or case.state != CaseState.UNFOUNDED:
        return None
    decided = case.decisions.latest("at")
    if localdate(decided.at) <= day - timedelta(days=desk_on(day)["quiet_days"]):
        return None
    known = set(Alarm.objects.filter(item__case=case).values_list("rule", flat=True))
    known |= set(Signal.objects.filter(item__case=case).values_list("detector", flat=True))
    return case if found.rules <= known else None


def marks_of(
    alarms: Iterable[Alarm], signals: Iterable[Signal], rules: Mapping[str, InForce], day: date
) -> list[Mark]:
    """What alarms and signals give to a score on a day: weight and strength, faded with age.

    It fades in a straight line; after SCORE.fade_days it no longer weighs.
    """
    fade_days = limits_on(day)["fade_days"]
    seen = [
        (each.rule, each.day, each.strength_bp, Level(each.level), each.claim_id) for each in alarms
    ]
    seen += [
        (each.detector, localdate(each.seen_at), each.strength_bp, Level.CLAIM, each.claim_id)
        for each in signals
    ]
    return [
        replace(
            rules[name].mark(strength * max(0, fade_days - (day - since).days) // fade_days),
            level=level,
            claim=str(claim) if claim else None,
        )
        for name, since, strength, level, claim in seen
        if name in rules
    ]


def _open(key: Key, *, at: datetime) -> Case:
    kind, subject = key
    identity: UUID = new_key()
    case = Case.objects.create(
        id=identity,
        number=f"F{localdate(at):%y%m%d}-{identity.hex[-6:].upper()}",
        kind=kind,
        subject=subject,
        state=CaseState.OPEN,
        score_bp=0,
        amount_centimes=0,
        opened_at=at,
        seen_at=at,
    )
    transitions.born(case, by=NIGHT, at=at)
    return case


def _join(case: Case, found: Subject, *, at: datetime) -> None:
    CaseItem.objects.bulk_create(
        [
            *(CaseItem(case=case, alarm=each, joined_at=at) for each in found.alarms),
            *(CaseItem(case=case, signal=each, joined_at=at) for each in found.signals),
        ],
        ignore_conflicts=True,
    )
    CaseParty.objects.bulk_create(_parties(case, found), ignore_conflicts=True)


def _parties(case: Case, found: Subject) -> list[CaseParty]:
    """Who a case is about: the providers of its alarms, and the member of a member's."""
    providers = {key for each in found.alarms for key in (each.provider_id, each.other_id) if key}
    members = {UUID(case.subject)} if case.kind == Case.Kind.MEMBER else set()
    if case.kind == Case.Kind.PROVIDER:
        providers = {UUID(case.subject)}
    insured = dict(Person.objects.filter(pk__in=members).values_list("pk", "insured_id"))
    return [
        *(CaseParty(case=case, provider_id=key) for key in sorted(providers)),
        *(CaseParty(case=case, member_id=key, insured_id=insured[key]) for key in sorted(insured)),
    ]


def _weigh(case: Case, rules: Mapping[str, InForce], *, at: datetime) -> None:
    """Write the score and the amount a case adds up to now."""
    day = localdate(at)
    alarms = Alarm.objects.filter(item__case=case)
    signals = Signal.objects.filter(item__case=case)
    case.score_bp = score(marks_of(alarms, signals, rules, day))
    case.amount_centimes = reimbursed_since(case, day - timedelta(days=limits_on(day)["fade_days"]))
    case.seen_at = at
    case.save(update_fields=["score_bp", "amount_centimes", "seen_at"])
