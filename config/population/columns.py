"""The files of a population: columns, what a cell holds, and the sentence for one that does not.

The exchange format of synthetic countries: one folder of UTF-8 CSV files with a header, money in dirhams
with two decimals, days and instants ISO, instants with their offset. docs/populations.md says each column.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Cell(Enum):
    """What a cell holds: an SQL condition on its text `{c}`, the value kept, the sentence if not."""

    TEXT = ("true", "{c}", _("texte attendu"))
    DAY = (
        r"regexp_full_match({c}, '\d{{4}}-\d\d-\d\d') and try_cast({c} as date) is not null",
        "cast({c} as date)",
        _("jour AAAA-MM-JJ attendu"),
    )
    INSTANT = (
        (
            r"regexp_full_match({c}, '\d{{4}}-\d\d-\d\d[T ]\d\d:.*(Z|[+-]\d\d(:?\d\d)?)')"
            " and try_cast({c} as timestamptz) is not null"
        ),
        "cast({c} as timestamptz)",
        _("instant ISO avec son décalage attendu"),
    )
    MONEY = (
        r"regexp_full_match({c}, '\d{{1,12}}([.]\d\d?)?')",
        "cast(cast({c} as decimal(16, 2)) * 100 as bigint)",
        _("montant positif en dirhams, deux décimales au plus, attendu"),
    )
    WHOLE = (
        r"regexp_full_match({c}, '\d{{1,9}}([.]0+)?')",
        "cast(cast({c} as decimal(12, 2)) as integer)",
        _("nombre entier positif attendu"),
    )
    DECIMAL = (
        r"regexp_full_match({c}, '\d{{1,7}}([.]\d{{1,6}})?')",
        "cast({c} as decimal(10, 2))",
        _("nombre positif attendu"),
    )
    LATITUDE = (
        "coalesce(try_cast({c} as double) between -90 and 90, false)",
        "cast({c} as double)",
        _("latitude entre -90 et 90 attendue"),
    )
    LONGITUDE = (
        "coalesce(try_cast({c} as double) between -180 and 180, false)",
        "cast({c} as double)",
        _("longitude entre -180 et 180 attendue"),
    )

    def __init__(self, valid: str, kept: str, sentence: Promise) -> None:
        self.valid, self.kept, self.sentence = valid, kept, sentence


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `required` cells may not be empty, `choices` closes the list of values."""

    name: str
    cell: Cell = Cell.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """One file: its columns, what names a row, the row it belongs to, whether it may be absent."""

    table: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    parent: tuple[str, str] | None = None
    optional: bool = False

    @property
    def name(self) -> str:
        """The name of the file in its folder."""
        return f"{self.table}.csv"


def _must(name: str, cell: Cell = Cell.TEXT, choices: tuple[str, ...] = ()) -> Column:
    return Column(name, cell, required=True, choices=choices)


def _may(name: str, cell: Cell = Cell.TEXT) -> Column:
    return Column(name, cell)


PROVIDER_KINDS: Final = (
    "GENERAL_PRACTITIONER",
    "SPECIALIST",
    "DENTIST",
    "PHARMACY",
    "LABORATORY",
    "RADIOLOGY",
    "CLINIC",
    "HOSPITAL",
)
SCHEMES: Final = (
    "PHANTOM",
    "REPLAY",
    "UPCODING",
    "UNBUNDLING",
    "REFILL_MILL",
    "SHOPPER",
    "COUPLE",
    "RING",
    "LENT_CARD",
    "AFTER_DEATH",
    "NO_PRESCRIPTION",
    "NEW_DEALER",
    "IMPOSSIBLE_DAY",
    "STOLEN_KEY",
)
FACTS: Final = ("REPLAY", "AFTER_DEATH", "NO_PRESCRIPTION")
_PLACE = (_may("region"), _may("latitude", Cell.LATITUDE), _may("longitude", Cell.LONGITUDE))

PROVIDERS = File(
    "providers",
    (
        _must("inpe"),
        _must("kind", choices=PROVIDER_KINDS),
        _may("speciality"),
        _may("sector"),
        *_PLACE,
        _may("agreed_from", Cell.DAY),
        _may("agreed_until", Cell.DAY),
        _may("practice"),
        _may("bank_account"),
    ),
    key=("inpe",),
)
MEMBERS = File(
    "members",
    (
        _must("member"),
        _may("family"),
        _may("sex"),
        _may("birth_date", Cell.DAY),
        _may("death_date", Cell.DAY),
        *_PLACE,
        _may("scheme"),
        _may("rights_from", Cell.DAY),
        _may("rights_until", Cell.DAY),
        _may("illnesses"),
        _may("bank_account"),
    ),
    key=("member",),
)
PRESCRIPTIONS = File(
    "prescriptions",
    (
        _must("prescription"),
        _may("prescriber"),
        _must("member"),
        _must("signed_at", Cell.INSTANT),
        _may("valid_until", Cell.DAY),
    ),
    key=("prescription",),
)
PRESCRIPTION_LINES = File(
    "prescription_lines",
    (
        _must("prescription"),
        _must("line"),
        _must("code"),
        _may("quantity", Cell.WHOLE),
        _may("days", Cell.WHOLE),
        _may("repeats", Cell.WHOLE),
    ),
    key=("prescription", "line"),
    parent=("prescriptions", "prescription"),
)
CLAIMS = File(
    "claims",
    (
        _must("claim"),
        _may("fse_number"),
        _must("provider"),
        _must("member"),
        _must("submitted_at", Cell.INSTANT),
        _may("prescription"),
        _may("device"),
    ),
    key=("claim",),
)
CLAIM_LINES = File(
    "claim_lines",
    (
        _must("claim"),
        _must("line"),
        _must("kind", choices=("ACT", "MEDICINE")),
        _must("code"),
        _may("letter"),
        _may("coefficient", Cell.DECIMAL),
        _must("quantity", Cell.WHOLE),
        _must("charged", Cell.MONEY),
        _must("care_date", Cell.DAY),
        _may("started_at", Cell.INSTANT),
        _may("days", Cell.WHOLE),
        _may("prescription_line"),
    ),
    key=("claim", "line"),
    parent=("claims", "claim"),
)
STAYS = File(
    "stays",
    (
        _must("provider"),
        _must("member"),
        _must("admitted", Cell.DAY),
        _may("discharged", Cell.DAY),
    ),
    optional=True,
)
LABELS = File(
    "labels",
    (
        _must("scheme", choices=SCHEMES),
        _must("instance"),
        _may("claim"),
        _may("line"),
        _may("provider"),
        _may("member"),
    ),
    optional=True,
)
# A row before those that belong to it.
HISTORY = (PROVIDERS, MEMBERS, PRESCRIPTIONS, PRESCRIPTION_LINES, CLAIMS, CLAIM_LINES, STAYS)
