"""`import_providers FILE --valid-from DAY`: the register of providers."""

from core.imports.command import ListCommand
from providers.reference.register import PROVIDERS


class Command(ListCommand):
    help = "Imports a register of providers; a provider the file does not name is left as it is."
    published = PROVIDERS
    can_end = False
