"""Is the scanned box what was prescribed? Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Match(StrEnum):
    """What a scanned box is to a prescribed line."""

    SAME = "SAME"
    EQUIVALENT = "EQUIVALENT"
    SUBSTITUTION_NOT_ALLOWED = "SUBSTITUTION_NOT_ALLOWED"
    NOT_PRESCRIBED = "NOT_PRESCRIBED"


@dataclass(frozen=True, slots=True)
class Product:
    """What identifies a box: its code, and its substance, strength and form."""

    ean: str
    inn: str
    strength: str
    strength_unit: str
    form: str

    @property
    def group(self) -> tuple[str, str, str, str]:
        """The products of one group differ by brand and box only; empty INN: no group."""
        return self.inn, self.strength, self.strength_unit, self.form


def match(prescribed: Product, scanned: Product, *, substitution_allowed: bool) -> Match:
    """Rapprocher la boîte scannée de la ligne prescrite.

    Le pharmacien ne change l'ordonnance qu'avec l'accord exprès de son auteur : la substitution n'est
    admise, dans le même groupe (DCI, dosage, forme), que si le prescripteur l'a permise sur la ligne.

    Référence : décret 2-63-486 du 26 décembre 1963, article 27 (amo-facts, section 6).
    """
    if scanned.ean == prescribed.ean:
        return Match.SAME
    if not prescribed.inn or scanned.group != prescribed.group:
        return Match.NOT_PRESCRIBED
    return Match.EQUIVALENT if substitution_allowed else Match.SUBSTITUTION_NOT_ALLOWED
