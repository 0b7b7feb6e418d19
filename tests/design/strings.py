"""Reads the French strings a template asks gettext for, and the Arabic ones a catalogue answers."""

import re
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]

_COMMENT = re.compile(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", re.DOTALL)
_TRANSLATE = re.compile(r"{%\s*trans(?:late)?\s+(\"[^\"]*\"|'[^']*')")
_BLOCK = re.compile(
    r"{%\s*blocktrans(?:late)?\b([^%]*)%}(.*?){%\s*endblocktrans(?:late)?\s*%}", re.DOTALL
)
_PLURAL = re.compile(r"{%\s*plural\s*%}")
_VARIABLE = re.compile(r"{{\s*([\w.]+)\s*}}")
_FUNCTIONS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2)}


def templates(*folders: str) -> list[Path]:
    """Every template of the project, or of some folders of it."""
    roots = [ROOT / "templates" / folder for folder in folders] or [ROOT / "templates"]
    return sorted(path for root in roots for path in root.rglob("*.html"))


def _msgid(text: str, *, trimmed: bool) -> str:
    if trimmed:
        text = " ".join(line.strip() for line in text.strip().splitlines())
    return _VARIABLE.sub(r"%(\1)s", text.replace("%", "%%"))


def strings_of(path: Path) -> set[str]:
    """The message identifiers a template or a Python file asks for."""
    if path.suffix == ".py":
        return _strings_of_code(path)
    source = path.read_text(encoding="utf-8")
    source = _COMMENT.sub("", source)
    # Django doubles the per cent signs of a template's text before asking gettext.
    found = {quoted[1:-1].replace("%", "%%") for quoted in _TRANSLATE.findall(source)}
    for options, body in _BLOCK.findall(source):
        for text in _PLURAL.split(body):
            found.add(_msgid(text, trimmed="trimmed" in options))
    return found


def _strings_of_code(path: Path) -> set[str]:
    found: set[str] = set()
    with path.open("rb") as file:
        for _line, message, _comments, _context in extract("python", file, _FUNCTIONS):
            found |= set(message) if isinstance(message, tuple) else {message}
    return found


def catalogue_files() -> list[Path]:
    """The Arabic catalogue of the house and those of the rooms."""
    return sorted(
        path
        for pattern in ("locale", "*/locale")
        for path in ROOT.glob(f"{pattern}/ar/LC_MESSAGES/django.po")
        if ".venv" not in path.parts
    )


def translated(path: Path) -> dict[str, list[str]]:
    """What a catalogue answers: all forms of each message, empty ones left out."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale="ar")
    answers: dict[str, list[str]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        plural = isinstance(message.id, tuple)
        forms = list(message.string) if plural else [message.string]
        for identifier in message.id if plural else (message.id,):
            answers[identifier] = [form for form in forms if form]
    return answers
