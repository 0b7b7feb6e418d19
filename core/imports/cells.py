"""From the text of a cell to an exact value; what cannot be read says why."""

import re
from datetime import date

from django.utils.translation import gettext as _

from core.money import BASIS_POINTS

_DECIMAL = re.compile(r"(\d+)(?:[.,](\d+))?", re.ASCII)
_TRUE = {"1", "oui", "yes", "true", "vrai", "o", "y"}
_FALSE = {"0", "non", "no", "false", "faux", "n"}


class CellError(ValueError):
    """A cell that cannot be taken: a code, and a sentence with what was found."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def words(text: str, most: int, column: str) -> str:
    """The text itself when it fits in `most` characters."""
    if len(text) > most:
        raise CellError(
            "TEXT_TOO_LONG",
            _("%(column)s : %(length)d caractères, %(most)d au plus")
            % {"column": column, "length": len(text), "most": most},
        )
    return text


def smallest_units(text: str, places: int, column: str) -> int:
    """Whole number of the smallest units of a decimal: ("25.10", 2) gives 2510. No float on the way."""
    found = _DECIMAL.fullmatch(text.replace(" ", "").replace("\u202f", ""))
    decimals = (found[2] or "").rstrip("0") if found else ""
    if found is None or len(decimals) > places:
        raise CellError(
            "NOT_A_NUMBER",
            _(
                "%(column)s : « %(text)s » n’est pas un nombre positif d’au plus %(places)d décimales"
            )
            % {"column": column, "text": text, "places": places},
        )
    return int(found[1] + decimals.ljust(places, "0"))


def centimes(text: str, most: int, column: str) -> int:
    """Centimes of an amount in dirhams; an empty cell is zero; above `most` it is refused."""
    amount = smallest_units(text, 2, column) if text else 0
    if amount > most:
        raise CellError(
            "AMOUNT_IMPLAUSIBLE",
            _("%(column)s : « %(text)s » dépasse tout prix plausible")
            % {"column": column, "text": text},
        )
    return amount


def basis_points(text: str, column: str) -> int:
    """Basis points of a rate written "70%", "70" or "0.7"; above 1 without a sign it is a percentage."""
    number = text.removesuffix("%").strip()
    value = smallest_units(number, 4, column)
    is_percentage = text.endswith("%") or value > BASIS_POINTS
    rate, rest = divmod(value, 100) if is_percentage else (value, 0)
    if rest or rate > BASIS_POINTS:
        raise CellError(
            "NOT_A_RATE",
            _("%(column)s : « %(text)s » n’est pas un taux entre 0 et 100 %%")
            % {"column": column, "text": text},
        )
    return rate


def day(text: str, column: str) -> date:
    """A day written 2026-11-22 (an Excel date arrives as 2026-11-22 00:00:00)."""
    try:
        return date.fromisoformat(text.removesuffix(" 00:00:00"))
    except ValueError:
        raise CellError(
            "NOT_A_DAY",
            _("%(column)s : « %(text)s » n’est pas un jour écrit AAAA-MM-JJ")
            % {"column": column, "text": text},
        ) from None


def flag(text: str, column: str) -> bool:
    """Yes or no, in French or English, or as 1 and 0."""
    value = text.casefold()
    if value not in _TRUE | _FALSE:
        raise CellError(
            "NOT_A_FLAG",
            _("%(column)s : « %(text)s » n’est ni oui ni non") % {"column": column, "text": text},
        )
    return value in _TRUE


def one_of(text: str, choices: list[str], column: str) -> str:
    """The text itself when it is one of the choices."""
    if text not in choices:
        raise CellError(
            "NOT_A_CHOICE",
            _("%(column)s : « %(text)s » n’est pas parmi %(choices)s")
            % {"column": column, "text": text, "choices": ", ".join(choices)},
        )
    return text
