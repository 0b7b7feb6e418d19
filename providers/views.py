"""The signing devices of the person signed in: what they are, and how one is closed."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from providers import selectors, services


def devices(request: HttpRequest) -> HttpResponse:
    """Every device one ever enrolled, revoked ones included; people of care only."""
    return _page(request)


@require_POST
def revoke(request: HttpRequest, kid: str) -> HttpResponse:
    """Close one of one's own devices; another person's is not found."""
    _check_gives_care(request)
    own = selectors.devices_of(request.user)
    device = own.filter(kid=kid).first() if kid.isprintable() else None
    if device is None:
        raise Http404
    try:
        services.revoke_device(device=device, by=request.user, at=timezone.now())
    except DomainError as refusal:
        return _page(request, refusal)
    messages.success(request, _("Poste révoqué."))
    return redirect("devices")


def _page(request: HttpRequest, refusal: DomainError | None = None) -> HttpResponse:
    _check_gives_care(request)
    context = {
        "devices": selectors.devices_of(request.user),
        "refusal": refusal.text() if refusal else "",
    }
    status = refusal.status if refusal else 200
    return render(request, "providers/devices.html", context, status=status)


def _check_gives_care(request: HttpRequest) -> None:
    if not getattr(request.user, "gives_care", False):
        raise PermissionDenied
