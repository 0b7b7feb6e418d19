"""Bank accounts of payees: masked, read only; a change of account is the one way to another."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.office import (
    OfficeHistoryAdmin,
    masked_field,
    period_column,
)
from accounts.models import Role
from core.languages import in_readers_letters
from payments.models import PayeeAccount


def payee_name(subject: Any) -> str:
    """Who an account or a change is of, in the reader's letters."""
    return in_readers_letters(subject.insured or subject.provider)


@admin.register(PayeeAccount)
class PayeeAccountAdmin(OfficeHistoryAdmin):
    """Accounts on which insured persons and providers are paid."""

    view_roles = frozenset({Role.AGENT, Role.PAYMENT_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR})
    sealed = ("rib",)
    list_display = ["payee", "holder", "masked_rib", "shown_period"]
    list_select_related = ["insured", "provider"]
    search_fields = [
        "insured__registration_number",
        "provider__inpe",
        "provider__name",
        "holder",
    ]
    ordering = ["holder"]
    fields = ["payee", "holder", "rib", "shown_period"]
    readonly_fields = ["payee", "shown_period"]
    masked_rib = masked_field("rib", "RIB")
    shown_period = period_column()

    @admin.display(description=_("bénéficiaire"))
    def payee(self, account: PayeeAccount) -> str:
        """Who is paid on it."""
        return payee_name(account)
