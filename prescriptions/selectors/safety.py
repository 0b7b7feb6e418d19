"""What a safety check reads: the medicines and the thesaurus from memory, the patient in one round trip."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.pipeline import Question, Row, ask_one
from prescriptions.models import Medicine, ThesaurusEdition, ThesaurusEntry, ThesaurusSubstance
from prescriptions.rules.safety import Interaction, Level, Product, Source, Thesaurus, facts
from prescriptions.rules.safety.alerts import Condition

_WATCHED = ("prescriptions_medicine", "prescriptions_thesaurusedition")


def list_versions() -> Question[dict[str, int]]:
    """Ask the number of the two lists that a check keeps in memory (`core.list_versions`)."""
    return Question(
        "SELECT name, version FROM core_listversion WHERE name = ANY(%s)", [list(_WATCHED)], dict
    )


@dataclass(slots=True)
class _Kept:
    """What this process has in memory, and of which state of the list."""

    medicines_version: int | None = None
    medicines: dict[str, Product] | None = None
    thesaurus_version: int | None = None
    thesaurus: Thesaurus | None = None


_kept = _Kept()


def products(versions: dict[str, int]) -> dict[str, Product]:
    """Every medicine of the list by EAN, read again when the list changed."""
    version = versions.get(_WATCHED[0], 0)
    if _kept.medicines is None or _kept.medicines_version != version:
        _kept.medicines = {ean: Product(ean, *rest) for ean, *rest in _medicine_rows()}
        _kept.medicines_version = version
    return _kept.medicines


def thesaurus(versions: dict[str, int]) -> Thesaurus | None:
    """The latest imported edition, or None where none was imported."""
    version = versions.get(_WATCHED[1], 0)
    if _kept.thesaurus_version != version:
        _kept.thesaurus = _imported()
        _kept.thesaurus_version = version
    return _kept.thesaurus


def versions_now() -> dict[str, int]:
    """The numbers of the lists, for who asks nothing else."""
    return ask_one(list_versions())


def _medicine_rows() -> Iterable[Row]:
    columns = ("ean", "name", "inn", "form", "strength", "strength_unit")
    return Medicine.objects.values_list(*columns).iterator(chunk_size=5000)


def _imported() -> Thesaurus | None:
    edition = ThesaurusEdition.objects.order_by("-edition").first()
    if edition is None:
        return None
    substances = ThesaurusSubstance.objects.filter(edition=edition).values_list("name", "classes")
    entries = ThesaurusEntry.objects.filter(edition=edition).values_list(
        "first", "second", "levels", "mechanism"
    )
    return Thesaurus.build(
        Source(edition.name, edition.edition),
        dict(substances),
        (_entry(*row) for row in entries.iterator()),
        facts().synonyms,
    )


def _entry(first: str, second: str, levels: list[Any], mechanism: str) -> Interaction:
    conditions = tuple(Condition(Level(level), text) for level, text in levels)
    return Interaction((first, second), conditions, mechanism)
