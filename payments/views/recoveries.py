"""What an insured person or a provider must give back: notices, debts, plans, and the right to contest."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role
from core.errors import DomainError
from payments import services
from payments.presenters import recoveries as presented
from payments.selectors.recoveries import debts_visible_to, notices_for


@require_safe
def debts(request: HttpRequest) -> HttpResponse:
    """Every reversal one was told of, with its debt, its plan and what was kept."""
    return _page(request)


@require_POST
def contest(request: HttpRequest, undue_id: UUID) -> HttpResponse:
    """Say that one does not owe it: nothing is kept until an officer answers."""
    _check_payee(request)
    if not debts_visible_to(request.user, at=timezone.now()).filter(pk=undue_id).exists():
        raise Http404
    try:
        services.contest_recovery(
            undue_id=undue_id,
            reason=request.POST.get("reason", "")[:500],
            by=request.user,
            at=timezone.now(),
        )
    except DomainError as refusal:
        return _page(request, refusal)
    messages.success(request, _("Contestation enregistrée : rien n’est retenu en attendant."))
    return redirect("debts:list")


def _page(request: HttpRequest, refusal: DomainError | None = None) -> HttpResponse:
    _check_payee(request)
    at = timezone.now()
    shown = [
        presented.shown_notice(each, request.user) for each in notices_for(request.user, at=at)
    ]
    context = {
        "notices": shown,
        "left": sum(each["left"] for each in shown),
        "refusal": refusal.text() if refusal else "",
    }
    return render(request, "payee/debts.html", context, status=refusal.status if refusal else 200)


def _check_payee(request: HttpRequest) -> None:
    user: Any = request.user
    if user.role != Role.INSURED and (not user.gives_care or user.role == Role.DELEGATE):
        raise PermissionDenied
