"""Storing an edition of the thesaurus of interactions."""

from datetime import datetime

from django.db import transaction

from core.audit import Actor
from core.imports.writing import record_import, take_list
from prescriptions.gateways import NAME, Published
from prescriptions.models import ThesaurusEdition, ThesaurusEntry, ThesaurusSubstance
from prescriptions.rules.safety.names import fold

LIST = "interactions"


def import_interactions(*, published: Published, by: Actor, at: datetime) -> tuple[int, int]:
    """Store an edition in place of the same one; return its entries and substances.

    An entry that the source writes from both sides is stored once. The latest edition is in force.
    """
    entries = {frozenset(each.parties): each for each in reversed(published.entries)}
    substances = {fold(name): classes for name, classes in published.substances.items()}
    with transaction.atomic():
        take_list(LIST)
        ThesaurusEdition.objects.filter(edition=published.edition).delete()
        edition = ThesaurusEdition.objects.create(
            name=NAME, edition=published.edition, source=published.source, imported_at=at
        )
        ThesaurusEntry.objects.bulk_create(
            ThesaurusEntry(
                edition=edition,
                first=each.parties[0],
                second=each.parties[1],
                levels=[[one.level, one.text] for one in each.conditions],
                mechanism=each.mechanism,
            )
            for each in entries.values()
        )
        ThesaurusSubstance.objects.bulk_create(
            ThesaurusSubstance(edition=edition, name=name, classes=list(classes))
            for name, classes in substances.items()
        )
        record_import(
            by=by,
            at=at,
            model=ThesaurusEdition,
            list_name=LIST,
            after={
                "edition": published.edition.isoformat(),
                "source": published.source,
                "entries": len(entries),
                "substances": len(substances),
            },
        )
    return len(entries), len(substances)
