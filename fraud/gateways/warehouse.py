"""The warehouse: a DuckDB file (or memory) where the nightly statistics run, under pseudonyms.

It is told rows (`keep`), moves its horizon from day to day (`advance`) and keeps the alarms the rules
raise. What was submitted after the horizon is not seen, so history can be replayed as it happened.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pandas

from fraud.gateways import tables
from fraud.gateways.derived import COUNTED, COUNTERS, PEERS, VISITS
from fraud.gateways.statements import SUBMITTED, alarms_text, parameters, reads_members
from fraud.rules import dense_ring
from fraud.rules.catalogue import RULES, SQL
from fraud.rules.rule import COLUMNS, Level, Rule
from fraud.rules.score import Mark

MEMORY = ":memory:"
Figures = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Alarm:
    """What one rule saw of one subject; strength in basis points, evidence a JSON text."""

    rule: str
    provider: str | None
    member: str | None
    other: str | None
    claim: str | None
    line: str | None
    day: date
    strength: int
    observed: float | None
    threshold: float | None
    peers: int | None
    evidence: str


class Warehouse:
    """One connection to one warehouse; close it, or use it in a `with`."""

    def __init__(self, path: Path | None = None, *, rules: Sequence[Rule] = RULES) -> None:
        self.connection = duckdb.connect(str(path) if path else MEMORY)
        self.rules = tuple(rules)
        self.connection.execute("SET TimeZone = 'Africa/Casablanca'")
        self.connection.execute(tables.created(tables.CANONICAL | tables.REFERENCE))
        self._make_derived()
        self.connection.execute("CREATE SCHEMA IF NOT EXISTS touched")
        self.connection.execute(PEERS)

    def _make_derived(self) -> None:
        """Create the derived tables; those that a version with other columns made are made again."""
        run, wanted = self.connection.execute, tables.created(tables.DERIVED)
        run("CREATE TABLE IF NOT EXISTS layout (said TEXT)")
        if run("SELECT said FROM layout").fetchall() == [(wanted,)]:
            return
        for name in tables.DERIVED:
            run(f"DROP TABLE IF EXISTS {name}")
        run(wanted)
        run("DELETE FROM layout")
        run("INSERT INTO layout VALUES ($wanted)", {"wanted": wanted})
        run("INSERT INTO fresh SELECT claim FROM claims")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def keep(self, table: str, rows: Iterable[Sequence[Any]]) -> int:
        """Keep rows, in the table's order of columns, in the place of those of the same key.

        The key of `prescription_lines` is their prescription, that of `claim_lines` their claim, that
        of `stays` their member: these are always given whole. Returns how many rows were kept.
        """
        known = list(rows)
        if not known:
            return 0
        columns = self._columns(table)
        frame = _frame(columns, known)
        self.connection.register("told", frame)
        try:
            self.keep_from(table, "told")
        finally:
            self.connection.unregister("told")
        return len(known)

    def keep_from(self, table: str, relation: str) -> None:
        """Keep the rows of a relation DuckDB can read (a table, a view, `read_csv(...)`)."""
        columns = self._columns(table)
        key = tables.KEYS[table]
        names = ", ".join(columns)
        casts = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in columns.items())
        run = self.connection.execute
        run(f"CREATE OR REPLACE TEMP TABLE told_rows AS SELECT {casts} FROM {relation}")
        run(f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM told_rows)")
        run(f"INSERT INTO {table} ({names}) SELECT {names} FROM told_rows")
        if table in {"claims", "claim_lines"}:
            run(
                "INSERT INTO fresh SELECT DISTINCT claim FROM told_rows"
                " WHERE claim NOT IN (SELECT claim FROM fresh)"
            )
        run("DROP TABLE told_rows")

    def clear(self) -> None:
        """Forget all that was told, and all that was derived from it."""
        for table in tables.CANONICAL | tables.REFERENCE | tables.DERIVED:
            self.connection.execute(f"DELETE FROM main.{table}")

    def forget(self, claims: Sequence[str]) -> None:
        """Take claims out, with all that was derived from them and the alarms that rest on them."""
        if not claims:
            return
        run = self.connection.execute
        run(
            "CREATE OR REPLACE TEMP TABLE gone AS SELECT unnest(CAST($claims AS TEXT[])) AS claim",
            {"claims": list(claims)},
        )
        run(
            "CREATE OR REPLACE TEMP TABLE touched_months AS SELECT DISTINCT provider, month"
            " FROM main.care WHERE claim IN (SELECT claim FROM gone)"
        )
        for table in ("claims", "claim_lines", "fresh", "care", "alarms"):
            run(f"DELETE FROM main.{table} WHERE claim IN (SELECT claim FROM gone)")
        run(
            "DELETE FROM main.alarms WHERE json_extract_string(evidence, '$.other_claim')"
            " IN (SELECT claim FROM gone)"
        )
        self._count_again()
        run("DROP TABLE gone")

    def freshen(self) -> None:
        """Forget what was derived: every claim of the canonical tables is to be seen from day one.

        For whoever filled the canonical tables by other means than `keep`.
        """
        run = self.connection.execute
        run("DELETE FROM main.alarms; DELETE FROM main.care; DELETE FROM main.fresh")
        run("INSERT INTO main.fresh SELECT claim FROM claims")

    def _columns(self, table: str) -> dict[str, str]:
        described = self.connection.execute(f"DESCRIBE main.{table}").fetchall()
        return {row[0]: row[1] for row in described}

    def horizon(self) -> date | None:
        """The last day of submission the derived tables have seen."""
        found = self.connection.execute("SELECT max(submitted_day) FROM main.care").fetchone()
        return found[0] if found else None

    def advance(
        self, until: date, thresholds: Figures, *, names: Collection[str] | None = None
    ) -> int:
        """See what was submitted up to a day, run the rules on what it touches; return new alarms.

        Rules about claims and members read the touched members only. Those about providers compare every
        provider with its peers: they need not run each day, and `names` says which rules do.
        """
        since = self._see(until)
        return sum(
            self.run(rule, thresholds.get(rule.name, {}), since, until, touched=True)
            for rule in self.rules
            if names is None or rule.name in names
        )

    def _see(self, until: date) -> date:
        """Derive what the fresh claims up to a day bring; return the first of their days."""
        run = self.connection.execute
        run(
            "CREATE OR REPLACE TEMP TABLE batch AS SELECT c.claim, c.member, c.prescription,"
            " CAST(c.submitted_at AS DATE) AS day FROM fresh f JOIN claims c ON c.claim = f.claim"
            f" WHERE {SUBMITTED}",
            {"until": until},
        )
        run(
            f"CREATE OR REPLACE TEMP TABLE seen ({tables.CARE});"
            f"INSERT INTO seen {tables.CARE_SELECT} WHERE c.claim IN (SELECT claim FROM batch)"
        )
        run(
            "CREATE OR REPLACE TEMP TABLE touched_months AS SELECT provider, month FROM seen"
            " UNION SELECT provider, month FROM main.care WHERE claim IN (SELECT claim FROM batch)"
        )
        run("DELETE FROM main.care WHERE claim IN (SELECT claim FROM batch)")
        run("INSERT INTO main.care FROM seen")
        run("DELETE FROM fresh WHERE claim IN (SELECT claim FROM batch)")
        self._count_again()
        run(
            "CREATE OR REPLACE TABLE touched.care AS SELECT * EXCLUDE (device, charged, month)"
            " FROM main.care WHERE member IN ("
            "SELECT member FROM batch UNION SELECT member FROM claims"
            " WHERE prescription IN (SELECT prescription FROM batch))"
        )
        first = run("SELECT min(day) FROM batch").fetchone()
        return first[0] if first and first[0] else until

    def _count_again(self) -> None:
        """Count the touched months of the providers again: temporary tables stand before the others."""
        run = self.connection.execute
        oldest = run("SELECT min(month) FROM touched_months").fetchone()
        if oldest is None or oldest[0] is None:
            return
        months = (
            f"WHERE month >= DATE '{oldest[0]}'"
            " AND (provider, month) IN (SELECT (provider, month) FROM touched_months)"
        )
        run(f"CREATE OR REPLACE TEMP TABLE care AS SELECT {COUNTED} FROM main.care {months}")
        for name in COUNTERS:
            run(f"DELETE FROM main.{name} {months}")
        self._count()
        run("DROP TABLE temp.care")

    def _count(self) -> None:
        """Fill the counters from `care`."""
        self.connection.execute(VISITS)
        for name, (_columns, select) in COUNTERS.items():
            self.connection.execute(f"INSERT INTO main.{name} {select}")
        self.connection.execute("DROP TABLE temp.visits")

    def rebuild(self, until: date) -> None:
        """Build the derived tables again from the canonical ones, up to a day; alarms are forgotten."""
        run = self.connection.execute
        run("DELETE FROM main.alarms; DELETE FROM main.care; DELETE FROM main.fresh")
        run(
            f"INSERT INTO main.care {tables.CARE_SELECT} WHERE {SUBMITTED}",
            {"until": until},
        )
        for name in COUNTERS:
            run(f"DELETE FROM main.{name}")
        self._count()
        run(
            f"INSERT INTO main.fresh SELECT c.claim FROM claims c WHERE NOT ({SUBMITTED})",
            {"until": until},
        )

    def run_all(self, thresholds: Figures, since: date, until: date) -> int:
        """Run every rule over the whole of what `rebuild` built; return the new alarms."""
        return sum(
            self.run(rule, thresholds.get(rule.name, {}), since, until) for rule in self.rules
        )

    def run(
        self,
        rule: Rule,
        figures: Mapping[str, int],
        since: date,
        until: date,
        *,
        touched: bool = False,
    ) -> int:
        """Run one rule over a window of days of submission; keep its alarms, return the new ones."""
        if rule.level == Level.RING:
            return self._run_rings(rule, figures, until)
        path = "touched,main" if touched and reads_members(rule) else "main"
        text = alarms_text(rule)
        values: dict[str, object] = {**figures, "rule": rule.name, "since": since, "until": until}
        asked = parameters(text)
        self.connection.execute(f"SET search_path = '{path}'")
        try:
            done = self.connection.execute(text, {name: values[name] for name in asked}).fetchone()
        finally:
            self.connection.execute("SET search_path = 'main'")
        return int(done[0]) if done else 0

    def _run_rings(self, rule: Rule, figures: Mapping[str, int], until: date) -> int:
        links = self._asked(SQL[rule.name], {**figures, "until": until})
        rows = [
            (
                rule.name,
                provider,
                None,
                inside[0],
                None,
                None,
                until,
                10_000,
                len(inside),
                figures["providers"],
                None,
                f'{{"providers":{len(inside)},"members":{len(theirs)}}}',
                f"{rule.name}|{provider}|{inside[0]}|{until}",
            )
            for inside, theirs in dense_ring.rings(links, figures)
            for provider in inside
        ]
        marks = ", ".join("?" * len(COLUMNS) + "??")
        for row in rows:
            self.connection.execute(
                f"INSERT INTO main.alarms VALUES ({marks}) ON CONFLICT DO NOTHING", row
            )
        return len(rows)

    def _asked(self, text: str, values: Mapping[str, object]) -> list[Any]:
        asked = parameters(text)
        return self.connection.execute(text, {name: values[name] for name in asked}).fetchall()

    def alarms(self, since: date, until: date) -> list[Alarm]:
        """The alarms of a window of days, oldest first."""
        rows = self.connection.execute(
            f"SELECT rule, {', '.join(COLUMNS)} FROM main.alarms"
            " WHERE day BETWEEN $since AND $until ORDER BY day, subject",
            {"since": since, "until": until},
        ).fetchall()
        return [Alarm(*row) for row in rows]

    def mark(self, alarm: Alarm, until: date, thresholds: Figures) -> Mark:
        """What an alarm gives to a score on a day: its weight and its strength, faded by its age."""
        rule = self._named()[alarm.rule]
        fade_days = thresholds["SCORE"]["fade_days"]
        left = max(0, fade_days - (until - alarm.day).days)
        return Mark(
            rule=rule.name,
            family=rule.family,
            kind=rule.kind,
            action=rule.action,
            level=rule.level,
            weight=thresholds[rule.name]["weight"],
            strength=alarm.strength * left // fade_days,
            claim=alarm.claim,
        )

    def _named(self) -> dict[str, Rule]:
        return {rule.name: rule for rule in self.rules}


def subjects(mark: Mark, alarm: Alarm) -> list[tuple[str, str]]:
    """Whose score an alarm enters: its provider's and its couple's other, or its member's."""
    if mark.level == Level.CLAIM:
        return []
    if mark.level == Level.MEMBER:
        return [("member", alarm.member)] if alarm.member else []
    named = [each for each in (alarm.provider, alarm.other) if each]
    return [("provider", each) for each in named]


def _frame(columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> Any:
    return pandas.DataFrame(list(rows), columns=list(columns), dtype=object)
