"""Contrast measured on the tokens themselves (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from itertools import product

import pytest

from tests.design.strings import ROOT

PAPERS = ("sheet", "desk", "sunken")
MEANINGS = ("paid", "equal", "held", "offline", "fix")


def tokens() -> dict[str, str]:
    source = (ROOT / "static/css/tokens.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6})", source))


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    colours = tokens()
    lighter, darker = sorted((luminance(colours[first]), luminance(colours[second])), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_ink_is_known() -> None:
    assert round(contrast("ink", "sheet"), 2) == 15.43


@pytest.mark.parametrize(
    ("ink", "paper"), list(product(("ink", "ink-2", "ink-3", "action", "fix"), PAPERS))
)
def test_text_is_readable_on_every_paper(ink: str, paper: str) -> None:
    assert contrast(ink, paper) >= 4.5


@pytest.mark.parametrize("meaning", MEANINGS)
def test_meaning_is_readable_on_its_wash_and_on_the_sheet(meaning: str) -> None:
    assert contrast(meaning, f"{meaning}-wash") >= 4.5
    assert contrast(meaning, "sheet") >= 4.5


@pytest.mark.parametrize("paper", PAPERS)
def test_control_border_is_seen_on_every_paper(paper: str) -> None:
    assert contrast("rule-strong", paper) >= 3


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("on-action", "action"),
        ("on-action", "action-hover"),
        ("on-action", "fix"),
        ("on-action", "paid"),
        ("on-action", "held"),
        ("action", "action-soft"),
        ("ink-2", "fix-wash"),
        ("ink-2", "mark-soft"),
        ("ink-3", "mark-soft"),
        ("ink", "mark"),
        ("sheet", "ink"),
    ],
)
def test_text_is_readable_where_components_put_it(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize("paper", PAPERS)
def test_focus_edge_is_seen_on_every_paper(paper: str) -> None:
    assert contrast("ink", paper) >= 3
    assert contrast("ink", "mark") >= 3
