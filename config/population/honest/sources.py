"""What can be prescribed, done and charged: the product's own lists, and the small ones of populations."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from django.conf import settings

from claims.adjudication.facts import Sector
from claims.adjudication.legislation.loader import load_law
from config.population.honest.calendar import FIRST_DAY, Ints

LISTS = settings.BASE_DIR / "fixtures" / "population"
ACTS = settings.BASE_DIR / "fixtures" / "reference" / "acts.csv"
ILLNESSES = settings.BASE_DIR / "fixtures" / "reference" / "illnesses.csv"
CHRONIC = ("DIABETES", "HYPERTENSION", "HEART", "ASTHMA", "THYROID", "MIND", "EPILEPSY", "GLAUCOMA")
# The acts of one session in a dialysis centre, and its place in the same tariff.
_DIALYSIS = {"code": "K202", "letter": "K", "coefficient": "20"}
_UNVALUED = 1_000  # centimes of one coefficient where the act has no key letter


@dataclass(frozen=True, slots=True)
class Items:
    """Acts then medicines, by position: what a line may carry. `price` is in centimes."""

    code: pd.Series
    kind: pd.Series
    letter: pd.Series
    coefficient: pd.Series
    price: Ints
    days: Ints
    boxes: Ints
    role: pd.Series

    def act(self, code: str) -> int:
        """The position of an act."""
        return int(np.flatnonzero((self.code == code) & (self.kind == "ACT"))[0])

    def acts(self, codes: str) -> Ints:
        """The positions of acts written `C;V`."""
        return np.array([self.act(code) for code in codes.split(";")])

    def of_letter(self, letter: str) -> Ints:
        """The positions of the acts of one key letter."""
        return np.flatnonzero(self.letter == letter)

    def of_role(self, *roles: str) -> Ints:
        """The positions of the medicines of these roles."""
        return np.flatnonzero(self.role.isin(roles))


def read_list(name: str) -> pd.DataFrame:
    """One of the small lists populations are made from, as text."""
    return _text(LISTS / f"{name}.csv")


def read_illnesses() -> pd.DataFrame:
    """The long illnesses of the product's list, as text."""
    return _text(ILLNESSES)


def read_items() -> Items:
    """Every act and medicine a population uses."""
    acts = pd.concat([_text(ACTS), pd.DataFrame([_DIALYSIS])], ignore_index=True).fillna("")
    medicines = read_list("medicines")
    size, more = len(acts), len(medicines)
    blank, ones = pd.Series([""] * size), np.ones(size, dtype=np.int64)
    return Items(
        code=pd.concat([acts["code"], medicines["code"]], ignore_index=True),
        kind=pd.Series(["ACT"] * size + ["MEDICINE"] * more),
        letter=pd.concat([acts["letter"], pd.Series([""] * more)], ignore_index=True),
        coefficient=pd.concat([acts["coefficient"], pd.Series([""] * more)], ignore_index=True),
        price=np.concatenate([_tariffs(acts), _centimes(medicines["price"])]),
        days=np.concatenate([ones, medicines["days"].to_numpy(np.int64)]),
        boxes=np.concatenate([ones, medicines["boxes"].to_numpy(np.int64)]),
        role=pd.concat([blank, medicines["role"]], ignore_index=True),
    )


def _text(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _centimes(amounts: pd.Series) -> Ints:
    return (amounts.astype(float) * 100).round().to_numpy(np.int64)


def _tariffs(acts: pd.DataFrame) -> Ints:
    """The national tariff of each act: its flat amount, or its coefficient at its letter's value."""
    law = load_law().at(FIRST_DAY)
    values = {
        letter: law.letter_value(letter, Sector.PRIVATE)[0] for letter in set(acts["letter"]) - {""}
    }
    value = acts["letter"].map(values).fillna(_UNVALUED).astype(float)
    priced = pd.to_numeric(acts["coefficient"], errors="coerce").fillna(1) * value
    flat = pd.to_numeric(acts["flat_tariff"], errors="coerce") * 100
    return flat.fillna(priced).round().to_numpy(np.int64)
