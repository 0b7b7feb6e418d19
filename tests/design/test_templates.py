"""What no page may do: inline code, physical directions, words without a translation."""

import re
from pathlib import Path

import pytest

from tests.design.strings import ROOT, catalogue_files, strings_of, templates, translated

STYLES = sorted(path for path in (ROOT / "static/css").rglob("*.css") if path.name != "app.css")
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right)"
    r"|(?:left|right)\s*:|float\s*:|text-align:\s*left)"
)
INLINE = {
    "style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "handler": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "script body": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(?:ld\+)?json\")[^>]*>", re.IGNORECASE
    ),
}
TEXT_BETWEEN_TAGS = re.compile(r">([^<]*)<")
IGNORED = re.compile(
    r"{%\s*comment.*?endcomment\s*%}"
    r"|{%\s*blocktrans.*?endblocktrans(?:late)?\s*%}"
    r"|{%.*?%}|{{.*?}}|{#.*?#}"
    r"|<script\b.*?</script>|<kbd\b.*?</kbd>|<c-kbd>.*?</c-kbd>|<span class=\"code.*?</span>",
    re.DOTALL,
)
WORD = re.compile(r"[A-Za-zÀ-ÿ]{3,}")
# Names that are the same in every language: medicines and our own tag names in the gallery.
NAMES = {"Glucophage", "Kardégic", "Amlodipine", "Metformine", "Doxycycline"}


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", templates(), ids=shown)
def test_template_carries_no_inline_code(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    assert [name for name, pattern in INLINE.items() if pattern.search(source)] == []


@pytest.mark.parametrize("path", templates(), ids=shown)
def test_template_has_no_word_outside_a_translation(path: Path) -> None:
    source = IGNORED.sub("", path.read_text(encoding="utf-8"))

    words = {word for text in TEXT_BETWEEN_TAGS.findall(source) for word in WORD.findall(text)}

    assert words - NAMES == set()


@pytest.mark.parametrize("path", templates(), ids=shown)
def test_template_is_translated_into_arabic(path: Path) -> None:
    answers = {identifier for file in catalogue_files() for identifier in translated(file)}

    assert strings_of(path) - answers == set()


@pytest.mark.parametrize("path", catalogue_files(), ids=shown)
def test_catalogue_keeps_every_variable_and_all_plural_forms(path: Path) -> None:
    wrong = {}
    for identifier, forms in translated(path).items():
        wanted = set(re.findall(r"%\((\w+)\)s", identifier))
        plural = len(forms) > 1
        for form in forms:
            present = set(re.findall(r"%\((\w+)\)s", form))
            if present - wanted or (wanted - present and not plural):
                wrong[identifier] = form
        if plural and len(forms) != 6:
            wrong[identifier] = f"{len(forms)} forms"

    assert wrong == {}


@pytest.mark.parametrize("path", STYLES, ids=shown)
def test_style_sheet_uses_logical_directions_only(path: Path) -> None:
    assert PHYSICAL.findall(path.read_text(encoding="utf-8")) == []


# tokens.css is where colours are written.
PAINTED = [path for path in STYLES if path.name != "tokens.css"]


@pytest.mark.parametrize("path", PAINTED, ids=shown)
def test_style_sheet_takes_its_colours_from_the_tokens(path: Path) -> None:
    colours = set(re.findall(r"#[0-9A-Fa-f]{3,8}\b", path.read_text(encoding="utf-8")))

    # White is real paper and the ground of a QR code.
    assert colours - {"#FFFFFF"} == set()
