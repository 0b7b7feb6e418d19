"""Which roles may do what through the API; insured and office roles find no door here."""

from accounts.models import CARE_ROLES, Role
from core.api.permissions import open_to

SIGNING_ROLES = CARE_ROLES - {Role.DELEGATE}

GivesCare = open_to(CARE_ROLES)
Signs = open_to(SIGNING_ROLES, delegates_prepare={Role.DELEGATE})
Prescribes = open_to({Role.PRESCRIBER}, delegates_prepare={Role.DELEGATE})
BillsCare = open_to(
    {Role.PRESCRIBER, Role.LABORATORY, Role.RADIOLOGY}, delegates_prepare={Role.DELEGATE}
)
Dispenses = open_to({Role.PHARMACIST})
ReadsPrescriptions = open_to({Role.PRESCRIBER, Role.DELEGATE, Role.PHARMACIST})
WritesPrescriptions = open_to({Role.PRESCRIBER, Role.DELEGATE})
