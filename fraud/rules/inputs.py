"""What the rules read that the product does not hold: stays NULL in the warehouse of an installation.

`evaluate_fraud` is told these columns by its files; a night never is. A rule that cannot see without them
says so on its page, in docs/fraud.md and in docs/fraud-design.md.
"""

from enum import StrEnum

from fraud.rules.rule import Rule

# Columns of fraud/gateways/tables.py, or whole tables.
NOT_HELD: tuple[str, ...] = (
    "members.region",
    "members.latitude",
    "members.longitude",
    "claim_lines.started_at",
    "stays",
    "acts",
)


class Feed(StrEnum):
    """How much of what a rule reads an installation holds."""

    FED = "FED"
    PARTLY = "PARTLY"
    UNFED = "UNFED"


def missing(rule: Rule) -> tuple[str, ...]:
    """The inputs of a rule that no installation holds."""
    return tuple(each for each in (*rule.inputs, *rule.vital) if _is_missing(each))


def feed(rule: Rule) -> Feed:
    """Whether a rule sees all it reads, a part, or nothing."""
    if any(_is_missing(each) for each in rule.vital):
        return Feed.UNFED
    return Feed.PARTLY if missing(rule) else Feed.FED


def _is_missing(name: str) -> bool:
    return name in NOT_HELD or name.partition(".")[0] in NOT_HELD
