"""The page of delays: from filing to payment, by month, region and kind, with its file."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.periods import add_months
from core.workbook import XLSX
from payments.permissions import can_watch_payments
from payments.presenters.delays import CHART_OPTIONS, delays_xlsx, sections
from payments.selectors.delays import Grouping, delay_of_all
from payments.selectors.delays import delays as delays_by

PERIODS = (3, 12, 24)  # months
USUAL = 12


@require_safe
def delays(request: HttpRequest) -> HttpResponseBase:
    """Show how long payments take, or give the tables as a file (`?format=xlsx`)."""
    if not can_watch_payments(request.user):
        raise PermissionDenied
    at = timezone.now()
    months = next((n for n in PERIODS if request.GET.get("mois") == str(n)), USUAL)
    last = timezone.localdate(at)
    period = {"first": add_months(last.replace(day=1), 1 - months), "last": last}
    parts = sections({grouping: delays_by(grouping, **period) for grouping in Grouping})
    if request.GET.get("format") == "xlsx":
        return FileResponse(
            delays_xlsx(parts, at=at),
            as_attachment=True,
            filename="delais.xlsx",
            content_type=XLSX,
        )
    context = {
        **admin.site.each_context(request),
        "title": _("Délais de règlement"),
        "whole": delay_of_all(**period),
        "sections": parts,
        "options": CHART_OPTIONS,
        "months": months,
        "periods": PERIODS,
        **period,
    }
    return TemplateResponse(request, "admin/payments/delays.html", context)
