"""Small hand-written histories for the rules: what is said is kept, all else is ordinary."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fraud.gateways.warehouse import Alarm, Warehouse
from fraud.rules import thresholds
from fraud.rules.catalogue import RULES

DAY = date(2026, 6, 15)  # a Monday
UNTIL = date(2026, 6, 30)
FIGURES = thresholds.load().at(UNTIL)
DRUG = "6118000000017"
Found = tuple[str | None, float, float, dict[str, Any]]


def after(days: int, day: date = DAY) -> date:
    return day + timedelta(days=days)


def noon(day: date, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, 11, tzinfo=UTC) + timedelta(minutes=minute)


class History:
    """Rows told one after the other; claims are submitted in the order they are told."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[Any, ...]]] = {}

    def tell(self, table: str, *row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def provider(self, name: str, **told: Any) -> None:
        row = {"kind": "SPECIALIST", "at": (34.0, -6.0), "agreed": (None, None)} | told
        latitude, longitude = row["at"]
        start, end = row["agreed"]
        self.tell("providers", name, row["kind"], row.get("speciality", "S"), None, "R", latitude,
                  longitude, start, end, row.get("practice"), row.get("bank"))  # fmt: skip

    def member(self, name: str, **told: Any) -> None:
        latitude, longitude = told.get("at", (34.0, -6.0))
        start, end = told.get("rights", (None, None))
        birth = told.get("birth", date(1970, 1, 1))
        self.tell("members", name, None, "F", birth, told.get("death"), "R", latitude,
                  longitude, None, start, end, told.get("illnesses"), told.get("bank"))  # fmt: skip

    def drug(
        self, code: str, inn: str, *, atc: str | None = None, controlled: bool = False
    ) -> None:
        self.tell("medicines", code, inn, atc, None, controlled)

    def prescription(self, name: str, prescriber: str, member: str, day: date = DAY) -> None:
        self.tell("prescriptions", name, prescriber, member, noon(day), after(90, day))

    def care(self, provider: str, member: str, day: date = DAY, **told: Any) -> str:
        """One claim of one line, submitted at noon of its day unless told; returns its number."""
        n = len(self.rows.get("claims", []))
        claim = f"C{n:04d}"
        row = {
            "kind": "ACT",
            "code": "C",
            "boxes": 1,
            "price": 8000,
            "at": noon(day, n % 60),
        } | told
        self.tell("claims", claim, "F" + claim, provider, member, row["at"], row.get("rx"),
                  row.get("device", "D" + provider))  # fmt: skip
        self.tell("claim_lines", claim, "1", row["kind"], row["code"], row.get("letter"), None,
                  row["boxes"], row["price"], day, row.get("started"), row.get("days"),
                  row.get("rx_line"))  # fmt: skip
        return claim

    def boxes(self, pharmacy: str, member: str, day: date = DAY, **told: Any) -> str:
        return self.care(pharmacy, member, day, **{"kind": "MEDICINE", "code": DRUG} | told)

    def alarms(
        self, rule: str, figures: Mapping[str, int], *, before: tuple[str, ...] = ()
    ) -> list[Found]:
        """What a rule sees, after those it reads: whom, observed, threshold, evidence."""
        return sorted(
            (each.claim or each.provider or each.member, each.observed, each.threshold,
             json.loads(each.evidence))
            for each in self.seen(rule, figures, before=before)
        )  # fmt: skip

    def strengths(self, rule: str, figures: Mapping[str, int]) -> dict[str | None, int]:
        """How strongly a rule sees each professional, in basis points."""
        return {each.provider: each.strength for each in self.seen(rule, figures)}

    def seen(
        self, rule: str, figures: Mapping[str, int], *, before: tuple[str, ...] = ()
    ) -> list[Alarm]:
        """The alarms of a rule, after those it reads."""
        rules = {each.name: each for each in RULES}
        with Warehouse() as house:
            for table, rows in self.rows.items():
                house.keep(table, rows)
            house.rebuild(UNTIL)
            for name in before:
                house.run(rules[name], FIGURES[name], date(2020, 1, 1), UNTIL)
            house.run(rules[rule], FIGURES[rule] | figures, date(2020, 1, 1), UNTIL)
            return [each for each in house.alarms(date(2020, 1, 1), UNTIL) if each.rule == rule]
