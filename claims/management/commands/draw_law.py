"""`draw_law`: writes docs/adjudication.md from the rules, the law and a text; `--check` fails when stale.

The text is docs/adjudication.in.md: what is written by hand, with a mark where each drawing goes.
"""

import inspect
import json
import re
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from claims.adjudication.batch import judge_case
from claims.adjudication.decision import Rule
from claims.adjudication.engine import ORDER, SheetRule
from claims.adjudication.facts import LineKind, Relation, Scheme, Sector
from claims.adjudication.law import Law
from claims.adjudication.legislation.loader import load_law
from claims.adjudication.parameters import ANNOUNCED, Parameter, Value
from claims.adjudication.reasons import EXPLANATIONS, Reason
from claims.adjudication.step_packing import FIRST_DETAIL, SHAPES, Shape
from claims.adjudication.wording import SENTENCES
from core.money import display_dirhams, display_rate

TEXT, DRAWN = "adjudication.in.md", "adjudication.md"
MARK = re.compile(r"<!-- drawn: (\w+) -->")
EXAMPLE = re.compile(r"```json\n(.*?)```", re.DOTALL)
NOTICE = (
    f"Drawn by `python manage.py draw_law` from docs/{TEXT}, the rules, the wordings and the law; do not"
    " edit this page."
)
LEGEND = (
    "A value holds from its first day until the next one of the same parameter; where no first day is given it"
    " holds for all days before the next. A value **announced** is kept and shown, never used; one **to be"
    " confirmed** has no source of its own yet."
)


class Command(BaseCommand):
    help = "Dessine docs/adjudication.md depuis les règles et la loi ; --check échoue s’il n’est pas à jour."
    requires_system_checks: list[str] = []  # type: ignore[assignment]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.BASE_DIR / "docs"
        drawn = page(folder.joinpath(TEXT).read_text(encoding="utf-8"), load_law())
        path = folder / DRAWN
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != drawn:
                raise CommandError(f"docs/{DRAWN} is stale: run `python manage.py draw_law`.")
            return
        path.write_text(drawn, encoding="utf-8")
        self.stdout.write(f"docs/{DRAWN}")


def page(text: str, law: Law) -> str:
    """The whole page: each mark of the text replaced by its drawing."""
    drawings: dict[str, Callable[[], str]] = {
        "notice": lambda: NOTICE,
        "steps": _steps,
        "rules": _rules,
        "law": lambda: _law(law),
        "names": lambda: _names(law),
        "answer": lambda: _answer(text, law),
    }
    return MARK.sub(lambda mark: drawings[mark[1]](), text)


def _table(head: str, rows: Iterable[Iterable[object]]) -> str:
    titles = [title.strip() for title in head.split("|")]
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(content: object) -> str:
    return str(content).replace("|", "\\|").replace("\n", " ")


def _in_reading_order() -> list[tuple[Rule, SheetRule]]:
    """The rules by number; each stands in the module of its name."""
    named = [(Rule(judge.__module__.rpartition(".")[2]), judge) for judge in ORDER]
    return sorted(named, key=lambda each: each[0].number)


def _title(judge: SheetRule) -> str:
    """First line of the rule's module, without its number."""
    module = inspect.getmodule(judge)
    first = (inspect.getdoc(module) or "").splitlines()[0]
    title = first.partition(" : ")[2].rstrip(".")
    return title[:1].upper() + title[1:]


def _steps() -> str:
    rows = []
    for rule, judge in _in_reading_order():
        shapes = [shape for shape in SHAPES if shape.rule is rule]
        sources = dict.fromkeys(source for shape in shapes if (source := _source(shape)))
        reasons = dict.fromkeys(f"`{shape.reason}`" for shape in shapes if shape.reason)
        rows.append(
            (rule.number, _title(judge), f"`{rule}.py`", ", ".join(sources), ", ".join(reasons))
        )
    return _table("# | Step | In `rules/` | Rests on | Reasons", rows)


def _source(shape: Shape) -> str:
    """The parameter a step of that shape rests on, a star where the line decides which."""
    if shape.reference is not None:
        name = shape.reference.replace(FIRST_DETAIL, ".*.")
    else:
        name = f"{EXPLANATIONS[shape.reason].reference_key if shape.reason else f'{shape.rule}s'}.*"
    return f"`{name}`" if name else ""


def _rules() -> str:
    return "\n\n".join(_rule(rule, judge) for rule, judge in _in_reading_order())


def _rule(rule: Rule, judge: SheetRule) -> str:
    rows = [
        (shape.code, f"`{shape.reason}`" if shape.reason else "", _source(shape), _sentence(shape))
        for shape in SHAPES
        if shape.rule is rule
    ]
    words = (inspect.getdoc(judge) or "").replace("``", "`")
    table = _table("Code | Reason | Rests on | Says", rows)
    return f"### {rule.number}. {_title(judge)}\n\n{words}\n\n{table}"


def _sentence(shape: Shape) -> str:
    if shape.reason is None:
        return SENTENCES[shape.sentence][0]
    return EXPLANATIONS[Reason(shape.reason)].french


def _law(law: Law) -> str:
    parameters = [law.parameter(key) for key in law.keys()]  # noqa: SIM118  not a mapping
    families = groupby(parameters, key=lambda parameter: parameter.key.partition(".")[0])
    counts = f"to be confirmed: {len(law.to_be_confirmed())}; announced: {len(law.announced())}"
    parts = [f"{len(parameters)} parameters; values {counts}. {LEGEND}"]
    for family, members in families:
        rows = [row for parameter in members for row in _rows(parameter)]
        head = "Parameter | What | From | Value | Source"
        parts.append(f"### `{family}`\n\n{_table(head, rows)}")
    return "\n\n".join(parts)


def _rows(parameter: Parameter) -> Iterable[tuple[str, ...]]:
    """One row a value; the name and the description stand on the first."""
    name = parameter.key.partition(".")[2]
    for place, value in enumerate(parameter.values):
        shown = (f"`{name}`", parameter.description) if place == 0 else ("", "")
        yield (*shown, _day(value.first_day), _worth(parameter, value), _reference(value))


def _day(first_day: date) -> str:
    return "" if first_day == date.min else first_day.isoformat()


def _worth(parameter: Parameter, value: Value) -> str:
    if value.numbers is None:
        return "ended"
    units = dict(parameter.units)
    numbers = [
        (f"{name} " if len(units) > 1 else "") + _figure(number, units[name])
        for name, number in value.numbers
    ]
    return ("**announced:** " if value.status == ANNOUNCED else "") + ", ".join(numbers)


def _figure(number: int, unit: str) -> str:
    match unit:
        case "centimes":
            return f"{display_dirhams(number)} DH"
        case "basis_points":
            return display_rate(number)
        case "applies":
            return "yes" if number else "no"
        case _:
            return f"{number} {unit.removesuffix('s') if number == 1 else unit}"


def _reference(value: Value) -> str:
    reference = value.reference if value.is_confirmed else f"**{value.reference}**"
    checked = f"read on {value.checked_on.isoformat()}" if value.checked_on else ""
    return ". ".join(part.rstrip(".") for part in (reference, value.note, checked) if part)


def _names(law: Law) -> str:
    rows = [
        (what, ", ".join(f"`{name}`" for name in names))
        for what, names in (
            ("relation", Relation),
            ("scheme", Scheme),
            ("sector", Sector),
            ("kind", LineKind),
            ("ceiling", sorted(law.ceiling_names())),
            ("frequency", sorted(law.frequency_names())),
        )
    ]
    return _table("Name of a | Is one of", rows)


def _answer(text: str, law: Law) -> str:
    """What the engine answers to the example of the text, a line of the claim on a line."""
    example = EXAMPLE.search(text)
    if example is None:
        raise CommandError(f"docs/{TEXT} has no example.")
    answer = judge_case(json.loads(example[1]), law)
    lines = ",\n  ".join(json.dumps(line) for line in answer.pop("lines"))
    return f'```json\n{json.dumps(answer)[:-1]},\n "lines": [\n  {lines}]}}\n```'
