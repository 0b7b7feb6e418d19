"""One's own pads of paper sheets: ordered, printed, declared lost by who signs for a provider."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from claims import selectors, services
from claims.presenters.pads import pad_pdf
from core.errors import DomainError
from core.numbers import whole_number
from providers.models import Membership
from providers.selectors import provider_by_inpe, providers_of


@require_safe
def pads(request: HttpRequest) -> HttpResponse:
    """Every pad of the providers one signs for."""
    return _page(request)


@require_POST
def order(request: HttpRequest) -> HttpResponse:
    """Order a pad for a provider one signs for."""
    _practices(request)

    def deed() -> str:
        pad = services.order_pad(
            provider=provider_by_inpe(request.POST.get("inpe", "")[:20]),
            sheets=whole_number(request.POST.get("sheets", "")) or 0,
            by=request.user,
            at=timezone.now(),
        )
        return _("Carnet %(reference)s prêt : imprimez-le.") % {"reference": pad.reference}

    return _done(request, deed)


@require_POST
def lost(request: HttpRequest, pad_id: UUID) -> HttpResponse:
    """Declare a pad lost from one of its sheets on."""
    pad = _pad(request, pad_id)

    def deed() -> str:
        void = services.declare_pad_lost(
            pad=pad,
            first=whole_number(request.POST.get("first", "")) or 0,
            by=request.user,
            at=timezone.now(),
        )
        return _("Feuilles annulées : %(n)s.") % {"n": void}

    return _done(request, deed)


@require_safe
def pdf(request: HttpRequest, pad_id: UUID) -> HttpResponse:
    """The pages of a pad, to print."""
    pad = _pad(request, pad_id)
    services.record_printing(pad=pad, by=request.user, at=timezone.now())
    return HttpResponse(pad_pdf(pad), content_type="application/pdf")


def _done(request: HttpRequest, deed: Callable[[], str]) -> HttpResponse:
    try:
        said = deed()
    except DomainError as refusal:
        return _page(request, refusal)
    messages.success(request, said)
    return redirect("pads")


def _page(request: HttpRequest, refusal: DomainError | None = None) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "practices": _practices(request),
        "pads": selectors.pads_visible_to(request.user, on=today),
        "rules": selectors.pad_rules(today),
        "refusal": refusal.text() if refusal else "",
    }
    status = refusal.status if refusal else 200
    return render(request, "care/pads.html", context, status=status)


def _practices(request: HttpRequest) -> list[Any]:
    """The providers one signs for, if any. Raises PermissionDenied for who gives no care."""
    user: Any = request.user
    if not user.gives_care:
        raise PermissionDenied
    return [
        provider
        for provider, standing in providers_of(user, timezone.localdate())
        if standing == Membership.Standing.SIGNATORY
    ]


def _pad(request: HttpRequest, pad_id: UUID) -> Any:
    """A pad of one's own; another's is not found."""
    _practices(request)
    own = selectors.pads_visible_to(request.user, on=timezone.localdate())
    pad = own.filter(pk=pad_id).first()
    if pad is None:
        raise Http404
    return pad
