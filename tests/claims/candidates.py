"""Candidate laws for tests: the law in force with some files written otherwise."""

import shutil
from pathlib import Path

from claims.adjudication.legislation.loader import LEGISLATION

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
