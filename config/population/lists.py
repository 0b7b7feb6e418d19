"""The reference rows rules may read beside a history: usual minutes of key letters, substances, controls.

They are the product's own lists; the full medicine list of 2014 is read as well where it lies on the machine.
"""

from pathlib import Path
from typing import Any

import pandas as pd
from django.conf import settings

from claims.adjudication.law import LawOn
from claims.adjudication.legislation.loader import load_law
from config.population.honest.calendar import FIRST_DAY
from config.population.honest.sources import ACTS, read_list
from fraud.gateways.warehouse import Warehouse
from prescriptions.selectors.writing import controlled_substances

MEDICINES = settings.BASE_DIR / "fixtures" / "reference" / "medicines.csv"
# Beside the repository on machines that have it: development data, never shipped.
SHARED = settings.BASE_DIR.parent / "shared" / "data"
FULL_LIST = Path("medicaments") / "cnops_2014_ref_des_medicaments.csv"


def keep_lists(house: Warehouse, shared: Path = SHARED) -> dict[str, int]:
    """Fill the reference tables of a warehouse; how many rows of each."""
    law = load_law().at(FIRST_DAY)
    rows = {
        "letters": _letters(law),
        "medicines": _medicines(shared / FULL_LIST),
    }
    return {table: house.keep(table, each) for table, each in rows.items()}


def _letters(law: LawOn) -> list[tuple[Any, ...]]:
    letters = sorted(set(_text(ACTS)["letter"]) - {""})
    return [(letter, law.act_minutes(letter), None) for letter in letters]


def _medicines(full: Path) -> list[tuple[Any, ...]]:
    """Each medicine once: the product's list, the populations' own, the full one where it is."""
    watched = {name.upper() for name in controlled_substances()}
    watched |= set(read_list("psychotropics")["substance"])
    own = read_list("medicines").rename(columns={"code": "CODE", "dci": "DCI1", "price": "PPV"})
    lists = [_text(MEDICINES), own, *([_text(full)] if full.exists() else [])]
    known = pd.concat([each[["CODE", "DCI1", "PPV"]] for each in lists]).drop_duplicates("CODE")
    price = (pd.to_numeric(known["PPV"], errors="coerce").fillna(0) * 100).round().astype(int)
    return [
        (code, inn, None, cents, inn.strip().upper() in watched)
        for code, inn, cents in zip(known["CODE"], known["DCI1"], price.tolist(), strict=True)
    ]


def _text(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)
