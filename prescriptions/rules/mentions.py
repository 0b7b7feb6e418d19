"""What a prescription must bear for a pharmacist to accept it. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Mention(StrEnum):
    """A mention of article 34 that data may lack; the date and the signature are in the document."""

    AUTHOR_NAME = "AUTHOR_NAME"
    AUTHOR_CAPACITY = "AUTHOR_CAPACITY"
    AUTHOR_ADDRESS = "AUTHOR_ADDRESS"
    PATIENT_NAME = "PATIENT_NAME"


@dataclass(frozen=True, slots=True)
class Bearing:
    """What a prescription would bear."""

    author_name: str
    author_capacity: str
    author_address: str
    patient_name: str


def missing_mentions(bearing: Bearing) -> tuple[Mention, ...]:
    """Nommer chaque mention qui manque à une ordonnance.

    La date et la signature sont celles du document signé ; l'âge de l'enfant vient de sa date de naissance,
    toujours connue.

    Référence : loi 17-04, article 34 (amo-facts, section 6).
    """
    borne = {
        Mention.AUTHOR_NAME: bearing.author_name,
        Mention.AUTHOR_CAPACITY: bearing.author_capacity,
        Mention.AUTHOR_ADDRESS: bearing.author_address,
        Mention.PATIENT_NAME: bearing.patient_name,
    }
    return tuple(mention for mention, text in borne.items() if not text.strip())
