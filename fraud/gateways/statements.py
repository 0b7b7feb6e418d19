"""The statements of the warehouse that are made from the texts of the rules."""

import re

from fraud.gateways.derived import COUNTERS
from fraud.rules.catalogue import SQL
from fraud.rules.rule import COLUMNS, Level, Rule

_NAME = re.compile(r"\$(\w+)")
# Submitted on a day or before; instants are compared, for telling the day of each costs more.
SUBMITTED = "c.submitted_at < CAST($until + 1 AS TIMESTAMPTZ)"


def parameters(text: str) -> set[str]:
    """The names of the figures and days a statement asks for."""
    return set(_NAME.findall(text))


def reads_members(rule: Rule) -> bool:
    """Whether all that a rule compares is the care of one person: it may read touched persons only."""
    text = SQL[rule.name]
    return rule.level in {Level.CLAIM, Level.MEMBER} and not any(
        re.search(rf"\b{name}\b", text) for name in COUNTERS
    )


def alarms_text(rule: Rule) -> str:
    """The statement that runs a rule and keeps its alarms; DuckDB and PostgreSQL both read it."""
    names = ", ".join(f"found.{name}" for name in COLUMNS)
    names = names.replace("found.strength", "CAST(round(10000 * found.strength) AS INTEGER)")
    subject = "concat_ws('|', $rule, provider, member, other, claim, line, CAST(day AS TEXT))"
    text = (
        f"INSERT INTO main.alarms SELECT $rule, {names}, {subject}"
        f" FROM ({SQL[rule.name]}) AS found"
        " ORDER BY found.strength DESC, found.evidence ON CONFLICT DO NOTHING"
    )
    return text.replace("$rule", "CAST($rule AS TEXT)")
