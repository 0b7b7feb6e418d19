"""`import_accounts FILE --valid-from DAY`: the first bank accounts of providers."""

from core.imports.command import ListCommand
from payments.reference.accounts import ACCOUNTS


class Command(ListCommand):
    help = (
        "Opens the first bank account of providers, from a register with the columns inpe, rib, holder. "
        "A provider who has another account keeps it, with a warning."
    )
    published = ACCOUNTS
    can_end = False
