"""Compiles the translations, locale/*/LC_MESSAGES/*.po, with Babel: no gettext on the machine."""

import os
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from bootstrap.steps import CHECKOUT


def compile_catalogues(root: Path = CHECKOUT / "locale") -> list[Path]:
    """Compile each catalogue that is newer than its compiled form; return what was written.

    Raises:
        PoFileError: a catalogue is not well formed; the message names its line.
    """
    written = []
    for source in sorted(root.glob("*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime_ns > source.stat().st_mtime_ns:
            continue
        _compile(source, compiled)
        written.append(compiled)
    return written


def _compile(source: Path, compiled: Path) -> None:
    with source.open("rb") as text:
        catalogue = read_po(text, locale=source.parts[-3], abort_invalid=True)
    fresh = compiled.with_name(f"{compiled.name}.{os.getpid()}")
    with fresh.open("wb") as binary:
        write_mo(binary, catalogue)
    fresh.replace(compiled)


if __name__ == "__main__":
    try:
        compile_catalogues()
    except PoFileError as error:
        sys.exit(f"A catalogue under locale/ cannot be compiled: {error}")
