"""Where a population is written down while it is being made: columns of integers, added in blocks.

Instants are minutes of the year, days are numbers of it, people and things are positions; `NONE` is a cell
that stays empty. Names and formats are the affair of `config.population.writing`.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from claims.adjudication.legislation.loader import load_law
from config.population.honest.calendar import FIRST_DAY, MINUTES, NONE, Ints

COLUMNS: Final = {
    "prescriptions": ("prescriber", "member", "signed_at", "valid_until", "sheet"),
    "prescription_lines": ("prescription", "line", "item", "quantity", "days", "repeats"),
    "claims": ("provider", "member", "submitted_at", "sheet", "prescription", "device", "kept"),
    "claim_lines": (
        "claim",
        "line",
        "item",
        "quantity",
        "charged",
        "care_date",
        "started_at",
        "days",
        "prescription_line",
    ),
    "stays": ("provider", "member", "admitted", "discharged"),
}
Table = dict[str, Ints]
_EMPTY: Final = np.empty(0, dtype=np.int64)


@dataclass(slots=True)
class Book:
    """Five growing tables. What it gives back are the positions of what was added."""

    blocks: dict[str, list[Table]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    sizes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))
    sheets: int = 0

    def new_sheets(self, count: int) -> Ints:
        """The numbers of as many care sheets nobody has written on."""
        self.sheets += count
        return np.arange(self.sheets - count, self.sheets)

    def prescribe(self, *, prescriber: Any, member: Any, signed_at: Any, sheet: Any) -> Ints:
        """Signed prescriptions, dispensable for as long as the law says."""
        validity = load_law().at(FIRST_DAY).delay("prescription_validity_days")
        until = np.asarray(signed_at) // MINUTES + validity
        return self._add(
            "prescriptions",
            prescriber=prescriber,
            member=member,
            signed_at=signed_at,
            valid_until=until,
            sheet=sheet,
        )

    def order(
        self, *, prescription: Any, line: Any, item: Any, quantity: Any, days: Any, repeats: Any
    ) -> Ints:
        """Medicines of prescriptions: boxes of one renewal, the days they last, how often again."""
        return self._add(
            "prescription_lines",
            prescription=prescription,
            line=line,
            item=item,
            quantity=quantity,
            days=days,
            repeats=repeats,
        )

    def claim(
        self,
        *,
        provider: Any,
        member: Any,
        submitted_at: Any,
        sheet: Any,
        prescription: Any = NONE,
        kept: Any = 0,
    ) -> Ints:
        """Claims; `kept` ones are never dropped to reach the number of claims that was asked."""
        provider = np.asarray(provider)
        return self._add(
            "claims",
            provider=provider,
            member=member,
            submitted_at=submitted_at,
            sheet=sheet,
            prescription=prescription,
            device=np.asarray(sheet) % 2,
            kept=kept,
        )

    def charge(
        self,
        *,
        claim: Any,
        line: Any,
        item: Any,
        charged: Any,
        at: Any,
        timed: Any = True,
        quantity: Any = 1,
        days: Any = NONE,
        prescription_line: Any = NONE,
    ) -> Ints:
        """Lines of claims: centimes for the whole line, the instant `at` kept only where `timed`."""
        return self._add(
            "claim_lines",
            claim=claim,
            line=line,
            item=item,
            quantity=quantity,
            charged=charged,
            care_date=np.asarray(at) // MINUTES,
            started_at=np.where(timed, at, NONE),
            days=days,
            prescription_line=prescription_line,
        )

    def stay(self, *, provider: Any, member: Any, admitted: Any, discharged: Any) -> Ints:
        """Nights in an establishment, by day of entry and of leaving."""
        return self._add(
            "stays", provider=provider, member=member, admitted=admitted, discharged=discharged
        )

    def table(self, name: str) -> Table:
        """One table whole; its columns may be changed in place."""
        if len(self.blocks[name]) != 1:
            merged = {
                column: np.concatenate([block[column] for block in self.blocks[name]] or [_EMPTY])
                for column in COLUMNS[name]
            }
            self.blocks[name] = [merged]
        return self.blocks[name][0]

    def keep(self, claims: Ints) -> None:
        """Make claims stay whatever the number of claims that was asked."""
        self.table("claims")["kept"][claims] = 1

    def _add(self, table: str, **columns: Any) -> Ints:
        arrays = np.broadcast_arrays(*(np.asarray(columns[name]) for name in COLUMNS[table]))
        block = {
            name: np.array(array, dtype=np.int64).reshape(-1)
            for name, array in zip(COLUMNS[table], arrays, strict=True)
        }
        first = self.sizes[table]
        count = len(next(iter(block.values())))
        self.blocks[table].append(block)
        self.sizes[table] = first + count
        return np.arange(first, first + count)
