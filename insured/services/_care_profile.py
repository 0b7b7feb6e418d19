"""Writing what a professional asked a person about: allergies, pregnancy, breast-feeding, consent."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from core import audit, locks
from core.audit import Actor
from core.errors import DomainError
from insured.models import CareProfile, Person


class AnswerWithoutEnd(DomainError):
    """Pregnancy or breast-feeding was answered without the last day on which it holds."""

    code = "ANSWER_WITHOUT_END"
    status = 422
    message = _(
        "Indiquez jusqu’à quel jour, à venir, la réponse sur la grossesse ou l’allaitement est valable. "
        "Rien n’a été enregistré."
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
