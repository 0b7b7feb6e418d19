"""Remittance advice for the office: a whole batch in one Excel file, a transfer as its paper."""

from io import BytesIO
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.workbook import XLSX
from payments import selectors, services
from payments.permissions import can_watch_payments
from payments.presenters import batch_xlsx, statement_pdf


@require_safe
def remittance(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """Every line of a batch and its totals; taking it is recorded."""
    user = _watcher(request)
    batch = selectors.batches_visible_to(user).filter(pk=batch_id).first()
    if batch is None:
        raise Http404
    services.open_remittance(batch=batch, by=user, at=timezone.now())
    return FileResponse(
        batch_xlsx(batch),
        as_attachment=True,
        filename=f"avis-{batch.number}.xlsx",
        content_type=XLSX,
    )


@require_safe
def statement(request: HttpRequest, order_id: UUID) -> HttpResponseBase:
    """The statement of one transfer, as its payee reads it; the reading is recorded."""
    user = _watcher(request)
    try:
        order = services.open_statement(order_id=order_id, by=user, at=timezone.now())
    except services.StatementUnknown as unknown:
        raise Http404 from unknown
    return FileResponse(
        BytesIO(statement_pdf(order)),
        as_attachment=True,
        filename=f"decompte-{order.reference}.pdf",
        content_type="application/pdf",
    )


def _watcher(request: HttpRequest) -> Any:
    """The person, who must watch payments. Raises PermissionDenied."""
    if not can_watch_payments(request.user):
        raise PermissionDenied
    return request.user
