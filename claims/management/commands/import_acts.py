"""`import_acts FILE --valid-from DAY`: the list of acts and their coefficients."""

from claims.reference import ACTS
from core.imports.command import ListCommand


class Command(ListCommand):
    help = (
        "Imports a list of acts: the order 177-06's layout (no key letters) or our own typed one."
    )
    published = ACTS
