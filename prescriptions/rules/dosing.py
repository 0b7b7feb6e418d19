"""Dose patterns as doctors write them, read into a coded dose; and the boxes a treatment needs. Pure.

`static/js/doctor/dosing.js` is its twin in the browser; tests/prescriptions/test_dosing.py runs the same
vectors (tests/prescriptions/dose_patterns.json) in both. What is not understood whole is not coded.
"""

import re
import unicodedata
from dataclasses import dataclass

HUNDREDTHS = 100
LONGEST_DAYS = 365
DAYS_OF = {"j": 1, "s": 7, "m": 30}
MOMENTS = ("morning", "noon", "evening", "bedtime")
_MOMENT_OF = {
    "matin": "morning",
    "midi": "noon",
    "soir": "evening",
    "coucher": "bedtime",
    "nuit": "bedtime",
}
# So many times a day, without saying when; once is not there: nobody knows at what moment.
_TIMES = {
    2: ("morning", "evening"),
    3: ("morning", "noon", "evening"),
    4: MOMENTS,
}
# Units counted whole, by the letters a written unit or a presentation begins with.
_COUNTED = (
    ("cp", "comprime"),
    ("comp", "comprime"),
    ("gel", "gelule"),
    ("caps", "capsule"),
    ("sach", "sachet"),
    ("suppo", "suppositoire"),
    ("amp", "ampoule"),
    ("ovule", "ovule"),
    ("pastille", "pastille"),
    ("dragee", "dragee"),
    ("patch", "patch"),
    ("dose", "dose"),
    ("unidose", "dose"),
)
_AMOUNT = r"(?:[0-9]{1,2} )?(?:1/2|1/4|3/4)|[0-9]{1,2}(?:[.,][0-9]{1,2})?"
_UNIT = (
    r"(?:cps?|cpr|comprimes?|comp|gelules?|gel|capsules?|caps|sachets?|sach|suppositoires?|suppos?|"
    r"ampoules?|amp|ovules?|pastilles?|dragees?|patchs?|doses?|unidoses?|gouttes?|gttes?|bouffees?|"
    r"cuilleres?|ml)\.?"
)
_WHEN = r"(?:le |au |a |la )?(?:matin|midi|soir|coucher|nuit)"
_GROUP = rf"(?:{_AMOUNT})(?: ?{_UNIT})? {_WHEN}(?:(?: et |, ?| ){_WHEN})*"
_GROUPS = re.compile(rf"{_GROUP}(?:(?: et |, ?| ){_GROUP})*")
_ONE_GROUP = re.compile(rf"({_AMOUNT})(?: ?({_UNIT}))? ({_WHEN}(?:(?: et |, ?| ){_WHEN})*)")
_ONE_MOMENT = re.compile(r"matin|midi|soir|coucher|nuit")
_DASHED = re.compile(
    rf"({_AMOUNT}) ?- ?({_AMOUNT}) ?- ?({_AMOUNT})(?: ?- ?({_AMOUNT}))?(?: ({_UNIT}))?"
)
_DAILY = re.compile(
    rf"({_AMOUNT})(?: ?({_UNIT}))?(?: ?x ?([2-4])(?: fois)?| ([2-4]) ?fois) ?(?:/|par) ?(?:jour|jr|j)"
)
_DURATION = re.compile(
    r"(?:, ?| |^)(?:(?:pdt|pendant|pour|durant|qsp|x) ?)?([0-9]{1,3}) ?(jours?|jrs?|j|semaines?|sem|mois)$"
)
# As the list writes it: how many packs, what they are, how many units each holds, of what.
_PRESENTATION = re.compile(r"([0-9]{1,4}) [a-z]+ ([0-9]{1,4}) ([a-z]+)")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A coded dose: decimal texts a moment, days (None: not said) and the unit, when one was written.

    `unit` is one of the counted units, "" when none was written, or "other": drops, spoonfuls.
    """

    morning: str
    noon: str
    evening: str
    bedtime: str
    days: int | None
    unit: str


def read_pattern(text: str) -> Pattern | None:
    """Return what a dose pattern says, or None when any part of it is not understood."""
    words, days = _without_duration(_plain(text))
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        return None
    found = _dashed(words) or _daily(words) or _moments(words)
    if found is None:
        return None
    doses, unit = found
    if not any(doses.values()):
        return None
    written = {moment: decimal(doses.get(moment, 0)) for moment in MOMENTS}
    return Pattern(**written, days=days, unit=unit)


def units_in_box(presentation: str) -> tuple[int, str] | None:
    """Return how many counted units a box holds and which, or None when the text does not tell."""
    found = _PRESENTATION.match(_plain(presentation))
    unit = _counted(found[3]) if found else ""
    if found is None or unit in {"", "other"}:
        return None
    units = int(found[1]) * int(found[2])
    return (units, unit) if units else None


def boxes_needed(presentation: str, pattern: Pattern, days: int) -> int | None:
    """Return the boxes that cover `days` days, or None when units and boxes do not speak of the same."""
    box = units_in_box(presentation)
    if box is None or pattern.unit not in {"", box[1]}:
        return None
    daily = sum(hundredths(getattr(pattern, moment)) for moment in MOMENTS)
    return max(1, -(-daily * days // (box[0] * HUNDREDTHS)))


def hundredths(dose: str) -> int:
    """Return a decimal text ("0.5") in hundredths of a unit."""
    whole, _point, decimals = dose.partition(".")
    return int(whole) * HUNDREDTHS + int(decimals.ljust(2, "0")[:2] or "0")


def decimal(amount: int) -> str:
    """Return hundredths of a unit as the document writes them: "1", "0.5", "0.25"."""
    whole, rest = divmod(amount, HUNDREDTHS)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("½", " 1/2").replace("¼", " 1/4"))
    kept = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(kept.lower().replace("×", "x").replace("–", "-").split())


def _without_duration(words: str) -> tuple[str, int | None]:
    found = _DURATION.search(words)
    if found is None:
        return words, None
    return words[: found.start()], int(found[1]) * DAYS_OF[found[2][0]]


def _amount(text: str) -> int:
    """Return "1", "0,5", "1/2" or "1 1/2" in hundredths."""
    *whole, last = text.split(" ")
    total = sum(int(part) * HUNDREDTHS for part in whole)
    if "/" in last:
        above, below = last.split("/")
        return total + int(above) * HUNDREDTHS // int(below)
    return total + hundredths(last.replace(",", "."))


def _counted(written: str) -> str:
    for letters, unit in _COUNTED:
        if written.startswith(letters):
            return unit
    return "other" if written else ""


def _dashed(words: str) -> tuple[dict[str, int], str] | None:
    found = _DASHED.fullmatch(words)
    if found is None:
        return None
    amounts = [_amount(found[index] or "0") for index in range(1, 5)]
    return dict(zip(MOMENTS, amounts, strict=True)), _counted(found[5] or "")


def _daily(words: str) -> tuple[dict[str, int], str] | None:
    found = _DAILY.fullmatch(words)
    if found is None:
        return None
    moments = _TIMES[int(found[3] or found[4])]
    return dict.fromkeys(moments, _amount(found[1])), _counted(found[2] or "")


def _moments(words: str) -> tuple[dict[str, int], str] | None:
    if not _GROUPS.fullmatch(words):
        return None
    doses: dict[str, int] = {}
    units = set()
    for amount, unit, when in _ONE_GROUP.findall(words):
        units.add(_counted(unit))
        for word in _ONE_MOMENT.findall(when):
            moment = _MOMENT_OF[word]
            if moment in doses:
                return None
            doses[moment] = _amount(amount)
    units.discard("")
    return (doses, units.pop() if units else "") if len(units) <= 1 else None
