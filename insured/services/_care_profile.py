"""Writing what a professional asked a person about: allergies, pregnancy, breast-feeding, consent."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from core import audit, locks
from core.audit import Actor
from core.errors import DomainError
from core.periods import has_reached_age
from insured import selectors
from insured.models import CareProfile, Person


class AnswerWithoutEnd(DomainError):
    """Pregnancy or breast-feeding was answered without the last day on which it holds."""

    code = "ANSWER_WITHOUT_END"
    status = 422
    message = _(
        "Indiquez jusqu’à quel jour, à venir, la réponse sur la grossesse ou l’allaitement est valable. "
        "Rien n’a été enregistré."
    )


class NotYoursToAnswer(DomainError):
    """An adult of the family answers for themselves; a stranger's family is not theirs at all."""

    code = "NOT_YOURS_TO_ANSWER"
    status = 403
    message = _(
        "Vous répondez pour vous et pour vos enfants mineurs. Un autre adulte répond lui-même, au cabinet "
        "ou à la pharmacie. Rien n’a été modifié."
    )


@dataclass(frozen=True, slots=True)
class CareAnswers:
    """Every answer, as it stands after the conversation; None is « never asked »."""

    allergies: tuple[tuple[str, str], ...] | None  # (INN, ATC class), one of the two empty
    pregnant: bool | None
    breast_feeding: bool | None
    holds_until: date | None
    shares_history: bool | None


def record_care_profile(
    *, person: Person, answers: CareAnswers, by: Actor, at: datetime
) -> CareProfile:
    """Keep a person's answers in place of the earlier ones, which stay in the history.

    The audit trail says which answers changed, never what they are. Raises AnswerWithoutEnd.
    """
    answered = answers.pregnant is not None or answers.breast_feeding is not None
    if answered and (answers.holds_until is None or answers.holds_until < localdate(at)):
        raise AnswerWithoutEnd(pointer="/holds_until")
    values = asdict(answers)
    if answers.allergies is not None:
        values["allergies"] = [{"inn": inn, "atc": atc} for inn, atc in answers.allergies]
    with transaction.atomic():
        locks.hold(person.insured_id)  # two first answers at once: one row, the last one stays
        profile = CareProfile.objects.filter(person=person).first()
        if profile is None:
            profile = CareProfile(person=person, insured_id=person.insured_id)
        changed = [name for name, value in values.items() if getattr(profile, name) != value]
        if profile._state.adding or changed:
            for name, value in values.items():
                setattr(profile, name, value)
            profile.save()
            audit.record(
                by=by,
                at=at,
                action="insured.care_profile.recorded",
                subject=profile,
                insured_id=person.insured_id,
                after={"changed": changed},
            )
    return profile


def answers_for(user: Any, person: Person, *, on: date) -> bool:
    """Whether somebody signed in answers for a person: themselves as the holder, or a minor child."""
    if person.insured.user_id is None or person.insured.user_id != user.pk:
        return False
    minor = not has_reached_age(person.birth_date, selectors.age_of_majority(on), on)
    return person.relation == Person.Relation.SELF or minor


def consent_to_share(*, person_id: UUID, shares: bool, by: Any, at: datetime) -> CareProfile:
    """Agree, or no longer agree, that professionals see what others prescribed; by the insured person.

    The other answers stay as they are. Raises NotYoursToAnswer, another family's person included.
    """
    person = selectors.person_by_id(person_id)
    if person is None or not answers_for(by, person, on=localdate(at)):
        raise NotYoursToAnswer
    with transaction.atomic():
        locks.hold(person.insured_id)  # as record_care_profile does: one row, the last word stays
        profile = CareProfile.objects.filter(person=person).first()
        if profile is None:
            profile = CareProfile(person=person, insured_id=person.insured_id)
        if profile.shares_history is not shares:
            profile.shares_history = shares
            profile.save()
            audit.record(
                by=by,
                at=at,
                action="insured.care_profile.recorded",
                subject=profile,
                insured_id=person.insured_id,
                after={"changed": ["shares_history"]},
            )
    return profile
