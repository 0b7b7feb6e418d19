"""The ledger's page: the balance of every account, and their sum, which is zero."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from payments import selectors
from payments.models import LedgerEntry
from payments.permissions import can_watch_payments


def ledger(request: HttpRequest) -> HttpResponse:
    """Show balances, debits less credits, in centimes."""
    if not can_watch_payments(request.user):
        raise PermissionDenied
    balances = selectors.ledger_balances()
    accounts: Any = LedgerEntry.Account
    context = {
        **admin.site.each_context(request),
        "title": _("Grand livre"),
        "balances": [
            {"label": accounts(name).label, "centimes": balances[name]} for name in accounts.values
        ],
        "total_centimes": sum(balances.values()),
    }
    return TemplateResponse(request, "admin/payments/ledger.html", context)
