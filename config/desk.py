"""The back office's first page: what waits for whom, each figure a link to its list."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from config.invariants.page import invariant_figures
from config.quarantine import quarantine_figures
from fraud.permissions import can_see_files
from fraud.presenters import work_figures
from fraud.presenters.cases import desk_figures
from payments.admin.figures import payment_figures
from payments.permissions import can_watch_payments
from prescriptions.admin.figures import prescription_figures


def desk(request: HttpRequest) -> dict[str, Any]:
    """Figures of the signed-in person's role, in the order they work."""
    user: Any = request.user
    at = timezone.now()
    figures = []
    if can_see_files(user):
        figures += work_figures(user, at=at)
    figures += desk_figures(user, at=at)
    if can_watch_payments(user):
        figures += payment_figures(user)
    figures += prescription_figures(user)
    figures += invariant_figures(user) + quarantine_figures(user)
    return {"figures": figures}
