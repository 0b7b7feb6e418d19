"""What a prescription must bear for a pharmacist to accept it. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.periods import has_reached_age


class Mention(StrEnum):
    """A mention of article 34 that data may lack; the date and the signature are in the document."""

    AUTHOR_NAME = "AUTHOR_NAME"
    AUTHOR_CAPACITY = "AUTHOR_CAPACITY"
    AUTHOR_ADDRESS = "AUTHOR_ADDRESS"
    PATIENT_NAME = "PATIENT_NAME"
    PATIENT_AGE = "PATIENT_AGE"


@dataclass(frozen=True, slots=True)
class Bearing:
    """What a prescription would bear."""

    author_name: str
    author_capacity: str
    author_address: str
    patient_name: str
    patient_birth: date


def missing_mentions(bearing: Bearing, *, on: date, age_below: int) -> tuple[Mention, ...]:
    """Nommer chaque mention qui manque à une ordonnance.

    La date et la signature sont celles du document signé. L'âge est celui de l'enfant de moins de
    `age_below` ans : il vient de sa date de naissance, et manque à qui naît après le jour de l'écriture.

    Référence : loi 17-04, article 34 (amo-facts, section 6).
    """
    borne = {
        Mention.AUTHOR_NAME: bearing.author_name,
        Mention.AUTHOR_CAPACITY: bearing.author_capacity,
        Mention.AUTHOR_ADDRESS: bearing.author_address,
        Mention.PATIENT_NAME: bearing.patient_name,
    }
    missing = [mention for mention, text in borne.items() if not text.strip()]
    is_child = not has_reached_age(bearing.patient_birth, age_below, on)
    if is_child and bearing.patient_birth > on:
        missing.append(Mention.PATIENT_AGE)
    return tuple(missing)
