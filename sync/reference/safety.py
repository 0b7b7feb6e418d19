"""The safety subset of a pack: interactions that the thesaurus forbids or advises against.

A device crosses the sides of two medicines and looks each pair up. Levels below, the patient (age,
pregnancy, allergies, long illnesses), doses and duplicates are not in it: the screen says so.
"""

from collections.abc import Iterator
from typing import Any

from prescriptions.gateways import shipped_thesaurus
from prescriptions.rules.safety import Level, Product, Thesaurus
from prescriptions.rules.safety.alerts import RANK
from prescriptions.selectors import safety

Json = dict[str, Any]


def safety_rows() -> Json:
    """Rows of four kinds, told by the beginning of their key.

    ``source``: name and edition. ``medicine|EAN``: its known substances, each with its route.
    ``sides|SUBSTANCE@ROUTE``: the names by which entries may call it. ``pair|A|B``: one entry.
    """
    versions = safety.versions_now()
    known = safety.thesaurus(versions) or shipped_thesaurus()
    edition = known.source.edition.isoformat()
    rows: Json = {"source": {"name": known.source.name, "edition": edition}}
    for product in safety.products(versions).values():
        rows.update(_of_product(product, known))
    rows.update(_pairs(known))
    return rows


def _of_product(product: Product, known: Thesaurus) -> Json:
    sides = {f"{name}@{route}": names for name, route, names in known.sides(product)}
    if not sides:
        return {}
    found: Json = {f"sides|{key}": names for key, names in sides.items()}
    return {f"medicine|{product.ean}": list(sides), **found}


def _pairs(known: Thesaurus) -> Iterator[tuple[str, Json]]:
    for entry in known.entries.values():
        if entry.rank >= RANK[Level.NOT_RECOMMENDED]:
            levels = [[each.level.value, each.text] for each in entry.conditions]
            row = {
                "levels": levels,
                "mechanism": entry.mechanism,
                "speaks_of_local": entry.speaks_of_local,
            }
            yield "|".join(("pair", *sorted(entry.parties))), row
