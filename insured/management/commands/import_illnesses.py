"""`import_illnesses FILE --valid-from DAY`: the long illnesses (ALD, ALC)."""

from core.imports.command import ListCommand
from insured.reference import ILLNESSES


class Command(ListCommand):
    help = "Imports a list of long illnesses: the CNSS list (no rates) or our own typed layout."
    published = ILLNESSES
