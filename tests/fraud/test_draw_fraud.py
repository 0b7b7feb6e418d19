"""docs/fraud.md says what the rules say, and each rule says everything it must."""

import re
from typing import Any

import pytest
from django.core.management import call_command

from fraud.management.commands.draw_fraud import page
from fraud.rules import thresholds
from fraud.rules.catalogue import MODULES, RULES
from fraud.rules.rule import COLUMNS, Action, Kind


def test_the_page_is_up_to_date() -> None:
    call_command("draw_fraud", check=True)


def test_the_page_shows_what_was_measured() -> None:
    told = page({"date": "2026-11-23", "seeds": [1], "by_rule": {"COUPLE": {"precision": 0.5}}})
    assert "precision 0.500" in told
    assert "seeds 1" in told


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.RULE.name)
def test_a_rule_says_what_it_sees_where_it_comes_from_and_what_it_never_does(
    module: Any,
) -> None:
    doc = module.__doc__ or ""
    assert doc.startswith(f"{module.RULE.name}: ")
    assert "règle" in doc, "its source in the catalogue"
    assert "fait jamais" in doc


def test_every_rule_has_a_weight_and_every_figure_a_rule() -> None:
    figures = thresholds.load().figures
    assert set(figures) == {rule.name for rule in RULES} | {"SCORE"}
    assert all("weight" in figures[rule.name] for rule in RULES)


def test_only_facts_refuse() -> None:
    assert all(rule.kind == Kind.FACT for rule in RULES if rule.action == Action.REFUSE)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.RULE.name)
def test_a_rule_reads_only_figures_it_has(module: Any) -> None:
    asked = set(re.findall(r"\$(\w+)", module.SQL)) - {"since", "until"}
    assert asked <= set(thresholds.load().figures[module.RULE.name])
    assert COLUMNS[0] in module.SQL
