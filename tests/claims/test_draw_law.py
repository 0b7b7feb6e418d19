"""docs/adjudication.md says what the rules and the law say, and a stale page is noticed."""

import copy

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command

from claims.adjudication import Law, Rule
from claims.adjudication.legislation.loader import load_law
from claims.management.commands.draw_law import MARK, page
from claims.management.commands.draw_law import TEXT as TEXT_NAME

TEXT = project.BASE_DIR.joinpath("docs", TEXT_NAME).read_text(encoding="utf-8")


def test_the_page_is_current():
    call_command("draw_law", check=True)


def test_a_stale_or_missing_page_fails_until_it_is_drawn_again(tmp_path, settings):
    docs = tmp_path / "docs"
    docs.mkdir()
    docs.joinpath(TEXT_NAME).write_text(TEXT, encoding="utf-8")
    settings.BASE_DIR = tmp_path

    with pytest.raises(CommandError, match="stale"):
        call_command("draw_law", check=True)
    call_command("draw_law", verbosity=0)
    call_command("draw_law", check=True)
    docs.joinpath("adjudication.md").write_text("# Another page", encoding="utf-8")
    with pytest.raises(CommandError, match="stale"):
        call_command("draw_law", check=True)


def test_every_mark_is_drawn_and_every_parameter_shown():
    law = load_law()
    drawn = page(TEXT, law)

    assert not MARK.search(drawn)
    for key in law.keys():  # noqa: SIM118  not a mapping
        family, _dot, name = key.partition(".")
        assert f"### `{family}`" in drawn
        assert f"| `{name}` |" in drawn
    for rule in Rule:
        assert f"### {rule.number}. " in drawn
        assert f"`{rule}.py`" in drawn


def test_what_is_announced_or_to_be_confirmed_is_marked_once_a_value():
    law = load_law()
    drawn = page(TEXT, law)

    assert drawn.count("**announced:**") == len(law.announced())
    assert drawn.count("**to be confirmed**") - 1 == len(law.to_be_confirmed())


def test_a_change_of_law_changes_the_page():
    content = copy.deepcopy(load_law().to_dict())
    content["parameters"]["rates.standard_act"]["values"][0]["value"]["value"] = 7_550

    drawn = page(TEXT, Law.from_dict(content))

    assert "75,5\u202f%" in drawn
    assert '"reimbursed": "60.40"' in drawn


def test_a_text_without_an_example_is_refused():
    with pytest.raises(CommandError, match="no example"):
        page("<!-- drawn: answer -->", load_law())
