"""Candidate laws for tests: the law in force with some files written otherwise."""

import shutil
from datetime import date
from pathlib import Path

from accounts.models import Role, User
from claims import services
from claims.adjudication.legislation.loader import LEGISLATION
from claims.models import ShadowLaw
from tests import world

SINCE = date(2026, 11, 1)
RATE = """\
description: "Taux des actes, à l'essai"
unit: rate
values:
  0001-01-01:
    value: "{rate}"
    reference: "Projet de test"
"""
ENDED_LETTER = """\
description: "Lettre clé C, à l'essai"
unit: dirhams
values_by:
  PRIVATE:
    2006-09-01:
      value: "80.00"
      reference: "Projet de test"
    2026-01-01:
      value: null
      reference: "Projet de test"
"""
STANDARD_ACT = "rates/standard_act.yaml"


def candidate(folder: Path, files: dict[str, str]) -> Path:
    """A folder with the law in force and `files` in place of its own."""
    shutil.copytree(LEGISLATION, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def a_law(rate: str = "0.80", *, by: User | None = None, **files: str) -> ShadowLaw:
    """A draft that changes the rate of acts."""
    by = by or world.user(Role.MEDICAL_OFFICER)
    texts = files or {STANDARD_ACT: RATE.format(rate=rate)}
    return services.draft_law(name="Actes à 80 %", files=texts, by=by, at=world.NOW)


def measure(shadow: ShadowLaw, *, by: User | None = None) -> ShadowLaw:
    """The law, measured to the end over November."""
    services.start_measure(
        shadow=shadow, since=SINCE, until=None, by=by or shadow.author, at=world.NOW
    )
    while services.advance_measures(at=world.NOW):
        pass
    shadow.refresh_from_db()
    return shadow


def adopted_law() -> ShadowLaw:
    """A law that went the whole way."""
    shadow = measure(a_law())
    services.propose_law(shadow=shadow, by=shadow.author, at=world.NOW)
    services.adopt_law(shadow=shadow, by=world.user(Role.ADMINISTRATOR), at=world.NOW)
    return shadow
