"""Writing persons, their rights, long illnesses and bank account; every write leaves an audit event."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.types.range import Range

from accounts.models import Role, User
from core import audit
from core.audit import Actor
from core.errors import DomainError
from insured.models import (
    Entitlement,
    Illness,
    Insured,
    LongTermIllness,
    Person,
    Scheme,
)


class HouseholdWithoutHolder(DomainError):
    """A household has exactly one person who is the insured."""

    code = "HOUSEHOLD_WITHOUT_HOLDER"
    status = 422
    message = _("Un foyer compte un assuré et un seul.")


class PersonKnown(DomainError):
    """The immatriculation or a CIN is already someone's, or is not well formed."""

    code = "PERSON_KNOWN"
    message = _("Cette immatriculation ou une de ces CIN est déjà enregistrée, ou est mal formée.")


class RightsOverlap(DomainError):
    """Rights are already open on some day of the period."""

    code = "RIGHTS_OVERLAP"
    message = _("Des droits sont déjà ouverts sur une partie de cette période.")


class IllnessUnknown(DomainError):
    """The list has no such illness in force on the first day of the grant."""

    code = "ILLNESS_UNKNOWN"
    status = 422
    message = _("La maladie %(illness)s n’est pas dans la liste en vigueur au %(day)s.")


class IllnessRateUnknown(DomainError):
    """Neither the list nor the caller gives a rate."""

    code = "ILLNESS_RATE_UNKNOWN"
    status = 422
    message = _("La liste ne donne pas de taux pour %(illness)s : indiquez celui de l’accord.")


class IllnessGranted(DomainError):
    """The same illness is already granted on some day of the period."""

    code = "ILLNESS_GRANTED"
    message = _("Cette maladie est déjà accordée sur une partie de cette période.")


class PeriodIsEmpty(DomainError):
    """A period ends on its first day or before."""

    code = "PERIOD_IS_EMPTY"
    status = 422
    message = _("La période finit avant de commencer.")


class HouseholdHasAccount(DomainError):
    """Somebody already signs in for this household, or this person for another one."""

    code = "HOUSEHOLD_HAS_ACCOUNT"
    message = _(
        "Ce foyer a déjà un compte, ou cette personne en suit déjà un autre. Rien n’a été enregistré."
    )


class RoleWithoutHousehold(DomainError):
    """Only the insured role follows a household."""

    code = "ROLE_WITHOUT_HOUSEHOLD"
    status = 422
    message = _("Seul le rôle « assuré » suit un foyer. Rien n’a été enregistré.")


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is known of a person when a household is registered."""

    relation: str
    first_name: str
    last_name: str
    birth_date: date
    sex: str
    name_ar: str = ""
    cin: str = ""
    ins: str = ""
    idcs: str = ""
    death_date: date | None = None
    student: bool = False
    married: bool = False
    disabled: bool = False


def register_household(
    *,
    registration_number: str,
    persons: Sequence[NewPerson],
    phone: str = "",
    address: str = "",
    by: Actor,
    at: datetime,
) -> Insured:
    """Register an insured person and the dependants; rights are opened apart.

    Raises HouseholdWithoutHolder, PersonKnown.
    """
    holders = [person for person in persons if person.relation == Person.Relation.SELF]
    if len(holders) != 1:
        raise HouseholdWithoutHolder(pointer="persons")
    try:
        with transaction.atomic():
            insured = Insured.objects.create(
                registration_number=registration_number, phone=phone, address=address
            )
            for person in persons:
                Person.objects.create(insured=insured, **asdict(person))
            _record("insured.registered", insured, insured, by, at, persons=len(persons))
    except IntegrityError:
        raise PersonKnown(pointer="registration_number") from None
    return insured


def link_user(*, insured: Insured, user: User, by: Actor, at: datetime) -> None:
    """Let `user` sign in for a household that nobody signs in for yet.

    Raises RoleWithoutHousehold, HouseholdHasAccount.
    """
    if user.role != Role.INSURED:
        raise RoleWithoutHousehold(pointer="role")
    try:
        with transaction.atomic():
            locked = Insured.objects.select_for_update().get(pk=insured.pk)
            if locked.user_id is not None:
                raise HouseholdHasAccount(pointer="registration_number")
            locked.user = user
            locked.save(update_fields=["user"])
            _record("insured.user.linked", locked, locked, by, at, user=str(user.pk))
    except IntegrityError:
        raise HouseholdHasAccount(pointer="registration_number") from None


def open_entitlement(
    *,
    insured: Insured,
    scheme: Scheme | str,
    first_day: date,
    end: date | None = None,
    by: Actor,
    at: datetime,
) -> Entitlement:
    """Open rights from `first_day` to `end` excluded (open when None). Raises RightsOverlap, PeriodIsEmpty."""
    period = _period(first_day, end)
    try:
        with transaction.atomic():
            entitlement = Entitlement.objects.create(insured=insured, scheme=scheme, period=period)
            _record(
                "insured.rights.opened",
                entitlement,
                insured,
                by,
                at,
                **_days(period),
                scheme=scheme,
            )
    except IntegrityError:
        raise RightsOverlap(pointer="first_day") from None
    return entitlement


def grant_illness(
    *,
    person: Person,
    illness: str,
    first_day: date,
    end: date | None,
    rate_bp: int | None = None,
    by: Actor,
    at: datetime,
) -> LongTermIllness:
    """Grant a long illness of the list, at the rate of the agreement, or the list's when None.

    Raises IllnessUnknown, IllnessRateUnknown, IllnessGranted, PeriodIsEmpty.
    """
    period = _period(first_day, end)
    listed = Illness.objects.filter(code=illness, period__contains=first_day).first()
    if listed is None:
        raise IllnessUnknown(pointer="illness", illness=illness, day=first_day.isoformat())
    rate = listed.rate_bp if rate_bp is None else rate_bp
    if rate is None or not listed.category:
        raise IllnessRateUnknown(pointer="rate_bp", illness=illness)
    try:
        with transaction.atomic():
            granted = LongTermIllness.objects.create(
                person=person,
                insured_id=person.insured_id,
                code=illness,
                label=listed.label,
                category=listed.category,
                rate_bp=rate,
                period=period,
            )
            after = {**_days(period), "illness": illness, "rate_bp": rate}
            _record("insured.illness.granted", granted, person.insured, by, at, **after)
    except IntegrityError:
        raise IllnessGranted(pointer="first_day") from None
    return granted


def record_death(*, person: Person, day: date, by: Actor, at: datetime) -> Person:
    """Record a person's death, or correct its day."""
    with transaction.atomic():
        before = person.death_date.isoformat() if person.death_date else None
        person.death_date = day
        person.save(update_fields=["death_date"])
        audit.record(
            by=by,
            at=at,
            action="insured.death.recorded",
            subject=person,
            insured_id=person.insured_id,
            before={"death_date": before},
            after={"death_date": day.isoformat()},
        )
    return person


def _period(first_day: date, end: date | None) -> Any:
    if end is not None and end <= first_day:
        raise PeriodIsEmpty(pointer="end")
    return Range(first_day, end, "[)")


def _days(period: Any) -> dict[str, str | None]:
    end = period.upper
    return {"from_day": period.lower.isoformat(), "to_day": end.isoformat() if end else None}


def _record(
    action: str, subject: Any, insured: Insured, by: Actor, at: datetime, **after: Any
) -> None:
    audit.record(by=by, at=at, action=action, subject=subject, insured_id=insured.pk, after=after)
