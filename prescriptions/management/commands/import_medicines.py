"""`import_medicines FILE --valid-from DAY`: the list of medicines and their prices."""

from core.imports.command import ListCommand
from prescriptions.reference import MEDICINES


class Command(ListCommand):
    help = "Imports a list of medicines: the official layout (CNOPS 2014) or the CNSS list's."
    published = MEDICINES
