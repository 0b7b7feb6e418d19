"""The pharmacist's pages."""

from typing import ClassVar

from accounts.models import Role
from claims.views.role_page import RolePage

PHARMACY_ROLES = frozenset({Role.PHARMACIST})


class Counter(RolePage):
    """The counter: one field to scan into, prescribed and scanned side by side, what the patient pays."""

    template_name = "pharmacy/counter.html"
    roles = PHARMACY_ROLES


class History(RolePage):
    """What this pharmacy dispensed, day by day."""

    template_name = "pharmacy/history.html"
    roles = PHARMACY_ROLES


class Requests(RolePage):
    """What this pharmacy asked prescribers, and what they answered."""

    template_name = "care/requests.html"
    roles = PHARMACY_ROLES
    extra_context: ClassVar[dict[str, str]] = {"side": "pharmacy"}


class Statements(RolePage):
    """What the fund paid this pharmacy, each with its statement."""

    template_name = "pharmacy/statements.html"
    roles = PHARMACY_ROLES
