"""Derives, from the thesaurus alone, what `check_safety --pairs` must say of real products.

Run by hand; it wrote `interaction_pairs.csv`, which is frozen. It shares nothing with the engine: standard
library, the flattened thesaurus (one row a level) and the official list of medicines, read as their own notes
say: a pair is tested by crossing {substance + its classes} of both medicines, without accents and case; an
entry of several levels is conditional and its maximum is never asserted; mirrored lines are one entry. A pair
has the gravest level that an entry asserts, and is conditional where all of them are.

    python tests/prescriptions/derive_interaction_pairs.py INTERACTIONS CLASSES MEDICINES > OUTPUT

Only products whose substances the thesaurus names as the list does are drawn, and never two with a substance
in common: what the thesaurus says of a substance with itself is not an interaction.
"""

import csv
import random
import sys
import unicodedata
from itertools import product

SEED = 20261122
A_LEVEL = {
    "CONTRAINDICATED": 55,
    "NOT_RECOMMENDED": 55,
    "PRECAUTION": 55,
    "CONSIDER": 45,
    "CONDITIONAL": 55,
    "": 35,
}
GRAVITY = {
    "contre-indication": (4, "CONTRAINDICATED"),
    "association deconseillee": (3, "NOT_RECOMMENDED"),
    "precaution d'emploi": (2, "PRECAUTION"),
    "a prendre en compte": (1, "CONSIDER"),
    "il convient de prendre en compte": (1, "CONSIDER"),
}


def bare(text: str) -> str:
    text = text.lower().replace("’", "'").replace("œ", "oe").replace("- ", "-")
    return "".join(
        each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each)
    ).strip()


def rows(path: str) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_entries(path: str) -> dict[tuple[str, str], list[tuple[int, str]]]:
    """The levels of each unordered pair of names, from the first entry that bears it."""
    by_entry: dict[str, list[dict[str, str]]] = {}
    for row in rows(path):
        by_entry.setdefault(row["entree_id"], []).append(row)
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for levels in by_entry.values():
        one, other = sorted(
            [bare(levels[0]["substance_ou_classe_1"]), bare(levels[0]["substance_ou_classe_2"])]
        )
        found.setdefault((one, other), [GRAVITY[bare(row["niveau"])] for row in levels])
    return found


def expected(first: list[str], second: list[str], sides, entries) -> str:
    """The gravest level asserted between two lists of substances; empty where no entry speaks of them."""
    gravest = (-1, "")
    for one, other in product(first, second):
        for a, b in product(sides[one], sides[other]):
            levels = entries.get((min(a, b), max(a, b)))
            if levels:
                gravest = max(gravest, levels[0] if len(levels) == 1 else (0, "CONDITIONAL"))
    return gravest[1]


def main(interactions: str, classes: str, medicines: str) -> None:
    entries = read_entries(interactions)
    sides = {
        bare(row["substance"]): {
            bare(row["substance"]),
            *(bare(each) for each in row["classes"].split("|") if each),
        }
        for row in rows(classes)
    }
    listed = []
    for row in rows(medicines):
        substances = [bare(each) for each in row["DCI1"].split(" / ")]
        if all(each in sides for each in substances):
            listed.append((row["CODE"], substances, row["DCI1"], row["FORME"]))
    rng = random.Random(SEED)
    wanted = dict(A_LEVEL)
    seen: set[tuple[str, str]] = set()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["ean_1", "ean_2", "inn_1", "form_1", "inn_2", "form_2", "level"])
    while any(wanted.values()):
        (ean_1, one, inn_1, form_1), (ean_2, other, inn_2, form_2) = rng.sample(listed, 2)
        names = (min(inn_1, inn_2), max(inn_1, inn_2))
        if names in seen or set(one) & set(other):
            continue
        level = expected(one, other, sides, entries)
        if wanted[level]:
            wanted[level] -= 1
            seen.add(names)
            writer.writerow([ean_1, ean_2, inn_1, form_1, inn_2, form_2, level])


if __name__ == "__main__":
    main(*sys.argv[1:])
