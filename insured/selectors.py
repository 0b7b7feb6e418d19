"""Reading persons, their rights and their illnesses."""

import json
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from core import locks
from core.errors import DomainError
from core.pipeline import Array, Question, Row
from core.record_keys import TextKey
from core.whole_rows import WholeRow
from insured.models import (
    CareProfile,
    Entitlement,
    Illness,
    Insured,
    LongTermIllness,
    Person,
    PresenceProof,
    ProofLevel,
)


class HouseholdUnknown(DomainError):
    """No household has this immatriculation."""

    code = "HOUSEHOLD_UNKNOWN"
    status = 422
    message = _("Aucun foyer ne porte l’immatriculation %(number)s. Rien n’a été enregistré.")


def household_by_number(registration_number: str) -> Insured:
    """Return the household of an immatriculation, spaces aside. Raises HouseholdUnknown."""
    number = registration_number.replace(" ", "")
    insured = Insured.objects.filter(registration_number=number).first()
    if insured is None:
        raise HouseholdUnknown(pointer="registration_number", number=number)
    return insured


def find_persons(*, cin: str | None = None, registration_number: str | None = None) -> list[Person]:
    """Return the household found by a CIN or an immatriculation: the holder first, then by age."""
    if cin:
        wanted = Q(cin=cin.upper().replace(" ", ""))
    elif registration_number:
        wanted = Q(insured__registration_number=registration_number.replace(" ", ""))
    else:
        return []
    found = Person.objects.filter(wanted).values_list("insured_id", flat=True)[:1]
    persons = Person.objects.select_related("insured").filter(insured_id__in=list(found))
    return sorted(persons, key=lambda person: (person.relation != "SELF", person.birth_date))


def person_by_id(person_id: Any) -> Person | None:
    """Return one person with the household."""
    return Person.objects.select_related("insured").filter(pk=person_id).first()


def person_held(person_id: UUID, *, number: str) -> Question[Person | None]:
    """Ask for one person with the household; hold it, then a sheet's number, to the transaction's end."""
    return Question(
        f"SELECT {_PERSON.columns}, {_INSURED.columns}, {locks.person_lock('person.insured_id')},"  # noqa: S608
        f" {locks.NUMBER_LOCK}"
        " FROM insured_person person JOIN insured_insured insured ON insured.id = person.insured_id"
        " WHERE person.id = %s",
        [number, person_id],
        _person,
    )


def _person(rows: list[Row]) -> Person | None:
    if not rows:
        return None
    person, insured = _PERSON.read(rows[0]), _INSURED.read(rows[0], _PERSON.width)
    assert person is not None  # noqa: S101 (joined, not looked for)
    assert insured is not None  # noqa: S101
    person.insured = insured
    return person


_PERSON = WholeRow(Person, "person")
_INSURED = WholeRow(Insured, "insured")


def entitlement_on(insured: Insured, day: date) -> Entitlement | None:
    """Return the open rights of a household on `day`, if any."""
    return insured.entitlements.filter(period__contains=day).first()


def illnesses_on(person: Person, day: date) -> list[LongTermIllness]:
    """Return the long illnesses granted to a person and valid on `day`."""
    return list(person.illnesses.filter(period__contains=day).order_by("code"))


class Cover(NamedTuple):
    """A period of rights of a household, or of a long illness of a person, whose key is `holder`.

    `name` is the scheme, or the illness's code; rate in basis points and category are an illness's.
    """

    kind: str
    holder: TextKey
    name: str
    rate: int | None
    category: str
    start: date | None
    end: date | None


# The kind of rights; the other one is ILLNESS.
RIGHTS = "RIGHTS"


def cover_of(
    insured_ids: Collection[TextKey], person_ids: Collection[TextKey]
) -> Question[list[Cover]]:
    """Ask for the rights of households, oldest first, then the long illnesses of persons."""
    return Question(
        "SELECT kind, holder, name, rate_bp, category, lower(period), upper(period) FROM ("
        "SELECT 'RIGHTS' AS kind, insured_id AS holder, scheme AS name, NULL::int AS rate_bp,"
        " '' AS category, period FROM insured_entitlement WHERE insured_id = ANY(%s::uuid[])"
        " UNION ALL SELECT 'ILLNESS', person_id, code, rate_bp, category, period"
        " FROM insured_longtermillness WHERE person_id = ANY(%s::uuid[])) AS cover"
        " ORDER BY kind DESC, period, name",
        [Array.of(insured_ids), Array.of(person_ids)],
        lambda rows: list(map(Cover._make, rows)),
        text_keys=True,
    )


def illness_names_ar(codes: Iterable[str]) -> dict[str, str]:
    """Return the Arabic names of long illnesses by code, as last published; none where none is."""
    named = Illness.objects.filter(code__in=set(codes)).exclude(label_ar="")
    return dict(named.order_by("period").values_list("code", "label_ar"))


def with_names_ar(granted: QuerySet[LongTermIllness]) -> QuerySet[LongTermIllness]:
    """Return granted illnesses with `name_ar`, as last published in Arabic; None where none is."""
    named = Illness.objects.filter(code=OuterRef("code")).exclude(label_ar="").order_by("-period")
    return granted.annotate(name_ar=Subquery(named.values("label_ar")[:1]))


def insured_of(user: Any) -> Insured | None:
    """Return the household whose holder signs in as `user`."""
    return Insured.objects.filter(user=user).first()


def household_of(insured: Insured) -> list[Person]:
    """Return the people of a household: the holder first, then by age."""
    persons = Person.objects.filter(insured=insured)
    return sorted(persons, key=lambda person: (person.relation != "SELF", person.birth_date))


def presence_rules(name: str, day: date) -> dict[str, int]:
    """Return the figures of a rule of presence on `day`; the law is above this room, config says where."""
    rules: dict[str, int] = import_string(settings.LAW)().at(day).numbers(f"presence.{name}")
    return rules


def age_of_majority(day: date) -> int:
    """Return the age, in whole years, from which a person answers for themselves."""
    return int(import_string(settings.LAW)().at(day).number("ages.majority"))


def consents_of(persons: Collection[Person]) -> dict[UUID, bool | None]:
    """Return, by person, whether they agree to show their treatments; None was never asked."""
    found = CareProfile.objects.filter(person__in=[person.pk for person in persons])
    return dict(found.values_list("person_id", "shares_history"))


def is_card_of(insured: Insured, number: str) -> bool:
    """Tell whether a number is the household's immatriculation or the CIN of one of its people."""
    if not number:
        return False
    return number == insured.registration_number or insured.persons.filter(cin=number).exists()


def presence_of(insured_id: UUID, *, inpe: str, at: datetime) -> PresenceProof | None:
    """Return the strongest proof of presence that serves at `at` for a provider, the last one of them."""
    serving = PresenceProof.objects.filter(
        insured_id=insured_id, inpe=inpe, made_at__lte=at, until__gt=at
    )
    ranks = {level: rank for rank, level in enumerate(ProofLevel.values)}
    return min(serving.order_by("-made_at"), key=lambda proof: ranks[proof.level], default=None)


class Care(NamedTuple):
    """What a safety check must know of a person; None is « never asked »."""

    person_id: UUID
    insured_id: UUID
    birth_date: date
    sex: str
    allergies: tuple[tuple[str, str], ...] | None
    pregnant: bool | None
    breast_feeding: bool | None
    shares_history: bool | None
    illnesses: tuple[str, ...]


def care_of(person_id: UUID, *, day: date) -> Question[Care | None]:
    """Ask what is known of a person for a treatment; long illnesses by their ICD-10 code."""
    return Question(
        "SELECT person.id, person.insured_id, person.birth_date, person.sex, profile.allergies::text,"
        " CASE WHEN profile.holds_until >= %s THEN profile.pregnant END,"
        " CASE WHEN profile.holds_until >= %s THEN profile.breast_feeding END,"
        " profile.shares_history,"
        " ARRAY(SELECT coalesce(nullif(listed.icd10, ''), granted.code)"
        "  FROM insured_longtermillness granted LEFT JOIN insured_illness listed"
        "  ON listed.code = granted.code AND listed.period @> %s::date"
        "  WHERE granted.person_id = person.id AND granted.period @> %s::date)"
        " FROM insured_person person LEFT JOIN insured_careprofile profile"
        " ON profile.person_id = person.id WHERE person.id = %s",
        [day, day, day, day, person_id],
        _care,
    )


def _care(rows: list[Row]) -> Care | None:
    if not rows:
        return None
    (row,) = rows
    known = None if row[4] is None else json.loads(row[4])
    allergies = None if known is None else tuple((each["inn"], each["atc"]) for each in known)
    return Care(*row[:4], allergies, *row[5:8], tuple(row[8]))


def care_profile_of(person: Person) -> CareProfile | None:
    """Return what a person was asked, if ever."""
    return CareProfile.objects.filter(person=person).first()
