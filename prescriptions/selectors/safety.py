"""What a safety check reads: the medicines and the thesaurus from memory, the patient in one round trip."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Q
from django.utils.timezone import localdate

from core.pipeline import Question, Row, ask, ask_one
from insured.selectors import Care, care_of
from prescriptions.models import (
    Medicine,
    SafetyAlert,
    SafetyDemotion,
    ThesaurusEdition,
    ThesaurusEntry,
    ThesaurusSubstance,
)
from prescriptions.rules.safety import Interaction, Level, Product, Source, Thesaurus, facts
from prescriptions.rules.safety.alerts import Condition

_WATCHED = ("prescriptions_medicine", "prescriptions_thesaurusedition")


def list_versions() -> Question[dict[str, int]]:
    """Ask the number of the two lists that a check keeps in memory (`core.list_versions`)."""
    return Question(
        "SELECT name, version FROM core_listversion WHERE name = ANY(%s)", [list(_WATCHED)], dict
    )


@dataclass(slots=True)
class _Kept:
    """What this process has in memory, and of which state of the list."""

    medicines_version: int | None = None
    medicines: dict[str, Product] | None = None
    thesaurus_version: int | None = None
    thesaurus: Thesaurus | None = None


_kept = _Kept()


def products(versions: dict[str, int]) -> dict[str, Product]:
    """Every medicine of the list by EAN, read again when the list changed."""
    version = versions.get(_WATCHED[0], 0)
    if _kept.medicines is None or _kept.medicines_version != version:
        _kept.medicines = {ean: Product(ean, *rest) for ean, *rest in _medicine_rows()}
        _kept.medicines_version = version
    return _kept.medicines


def thesaurus(versions: dict[str, int]) -> Thesaurus | None:
    """The latest imported edition, or None where none was imported."""
    version = versions.get(_WATCHED[1], 0)
    if _kept.thesaurus_version != version:
        _kept.thesaurus = _imported()
        _kept.thesaurus_version = version
    return _kept.thesaurus


def versions_now() -> dict[str, int]:
    """The numbers of the lists, for who asks nothing else."""
    return ask_one(list_versions())


def _medicine_rows() -> Iterable[Row]:
    columns = ("ean", "name", "inn", "form", "strength", "strength_unit")
    return Medicine.objects.values_list(*columns).iterator(chunk_size=5000)


def _imported() -> Thesaurus | None:
    edition = ThesaurusEdition.objects.order_by("-edition").first()
    if edition is None:
        return None
    substances = ThesaurusSubstance.objects.filter(edition=edition).values_list("name", "classes")
    entries = ThesaurusEntry.objects.filter(edition=edition).values_list(
        "first", "second", "levels", "mechanism"
    )
    return Thesaurus.build(
        Source(edition.name, edition.edition),
        dict(substances),
        (_entry(*row) for row in entries.iterator()),
        facts().synonyms,
    )


def _entry(first: str, second: str, levels: list[Any], mechanism: str) -> Interaction:
    conditions = tuple(Condition(Level(level), text) for level, text in levels)
    return Interaction((first, second), conditions, mechanism)


class Justified(NamedTuple):
    """The last written override of an alert for a patient: what, why, by whom, when."""

    key: str
    level: str
    reason: str
    note: str
    provider: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of a patient for one check; `care` is None when nobody has this key.

    `shown`: the alerts that this provider was already shown today at this moment of care.
    """

    versions: dict[str, int]
    care: Care | None
    history: tuple[Row, ...]
    justified: dict[str, Justified]
    demoted: frozenset[str]
    shown: frozenset[str]


def known_of(
    *,
    patient_id: UUID,
    provider_id: UUID,
    moment: SafetyAlert.Moment,
    fse_number: str,
    at: datetime,
    repeat_days: int,
) -> Known:
    """Ask everything a check needs in one round trip.

    The history is what still runs: of every prescriber with the patient's consent, otherwise what this
    provider wrote or handed over. The prescription `fse_number` itself is left out.
    """
    day = localdate(at)
    answers = ask(
        list_versions(),
        care_of(patient_id, day=day),
        _history(patient_id, provider_id, fse_number, day),
        _justified(patient_id, at - timedelta(days=repeat_days)),
        Question(
            "SELECT key FROM prescriptions_safetydemotion WHERE decision <> 'RESTORED'", [], _keys
        ),
        Question(
            "SELECT key FROM prescriptions_safetyalert"
            " WHERE patient_id = %s AND provider_id = %s AND moment = %s AND shown_on = %s",
            [patient_id, provider_id, moment.value, day],
            _keys,
        ),
    )
    return Known(*answers)


def _keys(rows: list[Row]) -> frozenset[str]:
    return frozenset(key for (key,) in rows)


_UNDONE = ["CANCELLED", "ENTERED_IN_ERROR"]
_TAKEN = ["PARTIAL", "OWING", "DISPENSED"]
_TO_TAKE = ["TO_DISPENSE", "RESERVED"]


def _history(
    patient_id: UUID, provider_id: UUID, fse_number: str, day: date
) -> Question[tuple[Row, ...]]:
    """Lines whose treatment still runs: handed over, or still to be. Columns: EAN, INN, form, strength,
    unit, first day, days, the four doses, prescriber."""
    return Question(
        "SELECT medicine.ean, item.inn, item.form, item.strength, item.strength_unit,"
        " coalesce(written.starts_on, written.written_on), item.duration_days, item.dose_morning,"
        " item.dose_noon, item.dose_evening, item.dose_bedtime, prescriber.name"
        " FROM prescriptions_prescription written"
        " JOIN prescriptions_prescribeditem item ON item.prescription_id = written.id"
        " JOIN providers_provider prescriber ON prescriber.id = written.prescriber_id"
        " LEFT JOIN prescriptions_medicine medicine ON medicine.id = item.medicine_id"
        " WHERE written.patient_id = %s AND written.fse_number <> %s"
        " AND written.state <> ALL(%s)"
        " AND (item.state = ANY(%s) OR item.state = ANY(%s) AND written.valid_until > %s)"
        " AND item.kind IN ('MEDICINE', 'INN')"
        " AND coalesce(written.starts_on, written.written_on) + item.duration_days > %s"
        " AND (written.prescriber_id = %s"
        "  OR EXISTS (SELECT FROM prescriptions_dispensing given"
        "   WHERE given.prescription_id = written.id AND given.pharmacy_id = %s)"
        "  OR EXISTS (SELECT FROM insured_careprofile profile"
        "   WHERE profile.person_id = written.patient_id AND profile.shares_history))",
        [patient_id, fse_number, _UNDONE, _TAKEN, _TO_TAKE, day, day, provider_id, provider_id],
        tuple,
    )


def _justified(patient_id: UUID, since: datetime) -> Question[dict[str, Justified]]:
    return Question(
        "SELECT DISTINCT ON (alert.key) alert.key, alert.level, alert.reason, alert.note,"
        " provider.name, alert.answered_at FROM prescriptions_safetyalert alert"
        " JOIN providers_provider provider ON provider.id = alert.provider_id"
        " WHERE alert.patient_id = %s AND alert.answer = 'OVERRIDDEN' AND alert.answered_at > %s"
        " ORDER BY alert.key, alert.answered_at DESC",
        [patient_id, since],
        lambda rows: {row[0]: Justified(*row) for row in rows},
    )


class Answers(NamedTuple):
    """How an alert was answered since a moment, by everybody."""

    answered: int
    overridden: int
    people: int


def answers_of(key: str, *, since: datetime) -> Answers:
    """Count the answers to an alert; `people` are those who overrode it."""
    overridden = Q(answer=SafetyAlert.Answer.OVERRIDDEN)
    counted = SafetyAlert.objects.filter(key=key, answered_at__gt=since).aggregate(
        answered=Count("id"),
        overridden=Count("id", filter=overridden),
        people=Count("author", filter=overridden, distinct=True),
    )
    return Answers(**counted)


class Tally(NamedTuple):
    """What professionals did with an alert, everywhere and since it exists; counts of rows shown."""

    shown: int
    accepted: int
    overridden: int
    people: int

    @property
    def unanswered(self) -> int:
        return self.shown - self.accepted - self.overridden


def tallies_of(keys: Iterable[str]) -> dict[str, Tally]:
    """Return how often each alert was shown, followed and overridden; `people` overrode it."""
    overridden = Q(answer=SafetyAlert.Answer.OVERRIDDEN)
    rows = (
        SafetyAlert.objects.filter(key__in=list(keys))
        .values_list("key")
        .annotate(
            shown=Count("id"),
            accepted=Count("id", filter=Q(answer=SafetyAlert.Answer.ACCEPTED)),
            overridden=Count("id", filter=overridden),
            people=Count("author", filter=overridden, distinct=True),
        )
    )
    return {key: Tally(*counts) for key, *counts in rows}


def override_reasons(key: str) -> list[tuple[str, int]]:
    """Return the coded reasons given to override an alert, most frequent first."""
    given = SafetyAlert.objects.filter(key=key, answer=SafetyAlert.Answer.OVERRIDDEN)
    return list(given.values_list("reason").annotate(n=Count("id")).order_by("-n", "reason"))


def demotions_waiting() -> int:
    """Count the alerts demoted by use that no reviewer looked at yet."""
    return SafetyDemotion.objects.filter(decision=SafetyDemotion.Decision.WAITING).count()


def last_level_of(key: str) -> str:
    """Return the level with which an alert was last shown, empty when only its answers are known."""
    shown = SafetyAlert.objects.filter(key=key).exclude(level="").order_by("-shown_at")
    return shown.values_list("level", flat=True).first() or ""
