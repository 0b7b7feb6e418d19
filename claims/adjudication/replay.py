"""What another law would change: decisions judged again, their differences added up by group.

Pure, standard library only. A difference is a line whose answer changed; it is counted under the
first rule whose work differs, and under its provider's region and speciality.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from claims.adjudication.decision import Decision, Rule, Step
from claims.adjudication.exchange import Json, decision_to_json
from claims.adjudication.facts import ClaimFacts
from core.money import parse_dirhams

UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a provider works and at what: a region's code and a speciality, empty when unknown."""

    region: str = UNKNOWN
    speciality: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class Change:
    """One line that another law pays otherwise; reimbursed amounts in centimes."""

    rule: Rule
    provider: str
    before: int
    after: int


@dataclass(slots=True)
class Total:
    """Lines counted and what was reimbursed for them, in centimes, before and after."""

    lines: int = 0
    before: int = 0
    after: int = 0

    @property
    def difference(self) -> int:
        """What the fund pays more (less, when negative), in centimes."""
        return self.after - self.before

    def add(self, change: Change) -> None:
        """Count one more line."""
        self.lines += 1
        self.before += change.before
        self.after += change.after


Groups = dict[str, Total]


@dataclass(slots=True)
class Tally:
    """Differences added up, of any number of decisions in the space of its groups.

    ``before`` and ``after`` are what all judged decisions reimburse, in centimes. ``no_law`` counts,
    by parameter, the decisions that the law could not judge: they are in no other figure.
    """

    judged: int = 0
    changed: int = 0
    before: int = 0
    after: int = 0
    lines: Total = field(default_factory=Total)
    by_rule: Groups = field(default_factory=dict)
    by_region: Groups = field(default_factory=dict)
    by_speciality: Groups = field(default_factory=dict)
    no_law: dict[str, int] = field(default_factory=dict)

    @property
    def equal(self) -> int:
        """Decisions that come out the same, to the last centime and reason."""
        return self.judged - self.changed

    @property
    def is_equal(self) -> bool:
        """Whether every decision was judged and none changed."""
        return self.changed == 0 and not self.no_law

    def add(
        self, changes: Sequence[Change], places: Mapping[str, Place], *, before: int, after: int
    ) -> None:
        """Count one decision: its totals in centimes, and its lines that changed, if any."""
        self.judged += 1
        self.changed += bool(changes)
        self.before += before
        self.after += after
        for change in changes:
            place = places.get(change.provider, Place())
            self.lines.add(change)
            self.by_rule.setdefault(change.rule, Total()).add(change)
            self.by_region.setdefault(place.region, Total()).add(change)
            self.by_speciality.setdefault(place.speciality, Total()).add(change)

    def refuse(self, key: str) -> None:
        """Count one decision that a parameter without value left without judgement."""
        self.no_law[key] = self.no_law.get(key, 0) + 1

    def to_dict(self) -> Json:
        """Plain content for JSON; groups stand by the size of their difference."""
        return {
            "judged": self.judged,
            "equal": self.equal,
            "changed": self.changed,
            "before_centimes": self.before,
            "after_centimes": self.after,
            "difference_centimes": self.after - self.before,
            "lines": _total(self.lines),
            **{name: _groups(getattr(self, name)) for name in _GROUPINGS},
            "no_law": dict(sorted(self.no_law.items())),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Tally":
        """The tally that ``to_dict`` wrote, ready to count on."""
        return cls(
            judged=content["judged"],
            changed=content["changed"],
            before=content["before_centimes"],
            after=content["after_centimes"],
            lines=_read(content["lines"]),
            no_law=dict(content["no_law"]),
            **{name: {each["name"]: _read(each) for each in content[name]} for name in _GROUPINGS},
        )


_GROUPINGS = ("by_rule", "by_region", "by_speciality")


def changed_positions(stored: Mapping[str, Any], now: Decision) -> list[int]:
    """Positions of the lines whose answer is another one than that stored in the exchange format."""
    answered = decision_to_json(now, "")["lines"]
    pairs = zip(stored["lines"], answered, strict=True)
    return [at for at, (old, new) in enumerate(pairs) if {**old, "id": ""} != {**new, "id": ""}]


def changes(
    facts: ClaimFacts,
    stored: Mapping[str, Any],
    steps: Sequence[Sequence[Step]],
    now: Decision,
    positions: Sequence[int],
) -> Iterator[Change]:
    """The changes of the lines at ``positions``; ``steps`` are those stored, line by line."""
    for at in positions:
        yield Change(
            rule=rule_that_differs(steps[at], now.lines[at].steps),
            provider=facts.lines[at].provider,
            before=parse_dirhams(stored["lines"][at]["reimbursed"]),
            after=now.lines[at].reimbursed,
        )


def rule_that_differs(before: Sequence[Step], after: Sequence[Step]) -> Rule:
    """The first rule, in the order of the law, that did something else to a line.

    A line whose steps are all the same changed in its shares alone.
    """
    for pair in zip_longest(before, after):
        if _work(pair[0]) != _work(pair[1]):
            return min((step.rule for step in pair if step), key=lambda rule: rule.number)
    return Rule.SHARES


def _work(step: Step | None) -> tuple[object, ...]:
    """What a step did; its details in whatever order they were stored."""
    return () if step is None else (step.rule, step.reason, step.reference, step.values)


def _groups(groups: Groups) -> list[Json]:
    ordered = sorted(groups.items(), key=lambda item: (-abs(item[1].difference), item[0]))
    return [{"name": str(name), **_total(total)} for name, total in ordered]


def _total(total: Total) -> Json:
    return {
        "lines": total.lines,
        "before_centimes": total.before,
        "after_centimes": total.after,
        "difference_centimes": total.difference,
    }


def _read(content: Mapping[str, Any]) -> Total:
    return Total(content["lines"], content["before_centimes"], content["after_centimes"])
