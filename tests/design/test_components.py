"""Every component documents its parameters, and the gallery or a page shows it."""

import re
from pathlib import Path

import pytest

from tests.design.strings import ROOT, templates

COMPONENTS = templates("cotton")
# Slots and attributes django-cotton hands to every component.
GIVEN = {"slot", "attrs"}


def documentation(path: Path) -> str:
    source = path.read_text(encoding="utf-8")
    comment = re.match(r"{%\s*comment\s*%}(.*?){%\s*endcomment\s*%}", source, re.DOTALL)
    return comment.group(1) if comment else ""


def parameters(path: Path) -> set[str]:
    source = path.read_text(encoding="utf-8")
    declared = re.search(r"<c-vars\s(.*?)/>", source, re.DOTALL)
    if declared is None:
        return set()
    return {name.lstrip(":") for name in re.findall(r"([:\w-]+)=", declared.group(1))}


def tag(path: Path) -> str:
    return "c-" + path.stem.replace("_", "-")


@pytest.mark.parametrize("path", COMPONENTS, ids=tag)
def test_component_opens_with_its_documentation(path: Path) -> None:
    assert len(documentation(path).strip().splitlines()) >= 1


@pytest.mark.parametrize("path", COMPONENTS, ids=tag)
def test_component_documents_each_parameter(path: Path) -> None:
    words = set(re.findall(r"[a-z_]+", documentation(path)))

    assert parameters(path) - words == set()


@pytest.mark.parametrize("path", COMPONENTS, ids=tag)
def test_component_is_used_by_a_page_or_another_component(path: Path) -> None:
    pattern = re.compile(rf"<{tag(path)}[\s/>]")

    users = [
        other for other in templates() if other != path and pattern.search(other.read_text("utf-8"))
    ]

    assert users != []


def test_gallery_shows_every_component_made_for_the_pages() -> None:
    gallery = (ROOT / "templates/gallery.html").read_text(encoding="utf-8")
    # Shown inside others, or by the pages that own them.
    elsewhere = {
        "c-icon",
        "c-state-icon",
        "c-amount-row",
        "c-fields",
        "c-life-stamp",
        "c-door",
        "c-refusal",
    }

    missing = {tag(path) for path in COMPONENTS if not re.search(rf"<{tag(path)}[\s/>]", gallery)}

    assert missing <= elsewhere


def test_icons_are_under_twenty_and_each_asked_for_exists() -> None:
    sprite = (ROOT / "templates/layout/icons.html").read_text(encoding="utf-8")
    drawn = set(re.findall(r'id="i-([\w-]+)"', sprite))

    asked = {
        name
        for path in templates()
        for name in re.findall(r'<c-icon name="([\w-]+)"', path.read_text(encoding="utf-8"))
    }

    assert len(drawn) < 20
    assert asked - drawn == set()
