"""Translations are compiled at set-up, without gettext on the machine."""

import gettext
import os
from pathlib import Path

import pytest

from bootstrap.catalogues import CatalogueError, compile_catalogues

ARABIC = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
"n%100>=11 && n%100<=99 ? 4 : 5;\\n"

msgid "Pharmacie"
msgstr "صيدلية"

#, fuzzy
msgid "Médecin"
msgstr "لا أعرف"
"""


def test_catalogues_of_the_site_and_of_rooms_are_compiled(tmp_path: Path) -> None:
    sources = [_write(tmp_path / folder) for folder in ("locale", "payments/locale")]

    written = compile_catalogues(tmp_path)

    assert written == [source.with_suffix(".mo") for source in sources]
    with written[0].open("rb") as compiled:
        translations = gettext.GNUTranslations(compiled)
    assert translations.gettext("Pharmacie") == "صيدلية"
    assert translations.gettext("Médecin") == "Médecin"


def test_what_is_compiled_already_is_left_alone(tmp_path: Path) -> None:
    source = _write(tmp_path / "locale")
    compile_catalogues(tmp_path)

    assert compile_catalogues(tmp_path) == []
    later = source.with_suffix(".mo").stat().st_mtime + 10
    os.utime(source, (later, later))
    assert compile_catalogues(tmp_path) == [source.with_suffix(".mo")]


def test_a_broken_catalogue_is_named(tmp_path: Path) -> None:
    source = _write(tmp_path / "locale")
    source.write_text('msgid "Pharmacie"\nsomething else\n')

    with pytest.raises(CatalogueError, match=str(source)):
        compile_catalogues(tmp_path)


def _write(folder: Path) -> Path:
    source = folder / "ar" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(ARABIC)
    return source
