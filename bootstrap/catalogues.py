"""Compiles the translations, of the site and of each room, with Babel: no gettext needed."""

import os
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from bootstrap.steps import CHECKOUT

CATALOGUES = ("locale/*/LC_MESSAGES/*.po", "*/locale/*/LC_MESSAGES/*.po")


class CatalogueError(ValueError):
    """A catalogue cannot be compiled; the message names its file."""


def compile_catalogues(root: Path = CHECKOUT) -> list[Path]:
    """Compile each catalogue that is newer than its compiled form; return what was written.

    Raises:
        CatalogueError: a catalogue is not well formed.
    """
    written = []
    for source in sorted(file for pattern in CATALOGUES for file in root.glob(pattern)):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime_ns > source.stat().st_mtime_ns:
            continue
        _compile(source, compiled)
        written.append(compiled)
    return written


def _compile(source: Path, compiled: Path) -> None:
    with source.open("rb") as text:
        try:
            catalogue = read_po(text, locale=source.parts[-3], abort_invalid=True)
        except (PoFileError, ValueError) as error:
            raise CatalogueError(f"{source} cannot be compiled: {error}") from None
    fresh = compiled.with_name(f"{compiled.name}.{os.getpid()}")
    with fresh.open("wb") as binary:
        write_mo(binary, catalogue)
    fresh.replace(compiled)


if __name__ == "__main__":
    try:
        compile_catalogues()
    except CatalogueError as error:
        sys.exit(str(error))
