"""The insured person's prescriptions: where each stands, and renewal; proof of presence by phone."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role
from core import clock
from core.errors import DomainError
from insured.selectors import insured_of
from insured.services import consent_to_share, issue_portal_code
from payments.presenters.prescriptions import shown_prescription
from prescriptions import services
from prescriptions.selectors.requests import prescriptions_of

PAGE = 10
QR_BORDER = 4  # modules of quiet zone, as ISO/IEC 18004 asks


@require_safe
def prescriptions(request: HttpRequest) -> HttpResponse:
    """Every prescription of the family, newest first."""
    return _page(request)


@require_POST
def renew(request: HttpRequest, fse: str) -> HttpResponse:
    """Ask the prescriber for a renewal."""

    def ask(by: Any) -> None:
        body = request.POST.get("body", "").strip()[:500]
        services.ask_renewal(fse_number=fse, body=body, by=by, at=clock.now())
        messages.success(request, _("Demande envoyée au médecin : sa réponse s’affichera ici."))

    return _done(request, ask)


@require_POST
def take_back(request: HttpRequest, fse: str) -> HttpResponse:
    """Break the lease of the counter that holds a prescription: another pharmacy may open it."""

    def act(by: Any) -> None:
        services.break_lease(fse_number=fse, by=by, at=clock.now())
        messages.success(request, _("L’ordonnance est libre : une autre pharmacie peut l’ouvrir."))

    return _done(request, act)


@require_POST
def dispute(request: HttpRequest, dispensing_id: UUID) -> HttpResponse:
    """Say "I did not receive this" of a hand-over."""

    def act(by: Any) -> None:
        services.dispute_dispensing(dispensing_id=dispensing_id, by=by, at=clock.now())
        messages.success(
            request, _("Contestation enregistrée : un agent va vérifier avec la pharmacie.")
        )

    return _done(request, act)


@require_POST
def consent(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Agree, or no longer agree, that professionals see what others prescribed to a person."""
    _check_member(request)
    shares = request.POST.get("shares") == "yes"
    try:
        consent_to_share(person_id=person_id, shares=shares, by=request.user, at=clock.now())
    except DomainError as refusal:
        messages.error(request, refusal.text())
    else:
        messages.success(
            request, _("Votre choix est enregistré. Vous pouvez en changer à tout moment.")
        )
    return redirect("member:family")


@require_safe
def presence(request: HttpRequest) -> HttpResponse:
    """A short-lived QR to show at the counter: it proves that the insured is there, once."""
    _check_member(request)
    insured = insured_of(request.user)
    context: dict[str, Any] = {"qr": "", "text": "", "until": None}
    if insured is not None:
        text, until = issue_portal_code(insured=insured, at=clock.now())
        drawing = BytesIO()
        segno.make(text, error="m", micro=False).save(
            drawing, kind="svg", border=QR_BORDER, xmldecl=False, omitsize=True
        )
        context = {"qr": drawing.getvalue().decode(), "text": text, "until": until}
    answer = render(request, "member/presence.html", context)
    # A proof is not to come back from a cache.
    answer["Cache-Control"] = "no-store"
    return answer


def _done(request: HttpRequest, act: Callable[[Any], None]) -> HttpResponse:
    """Do something and show the list; a refusal is shown above it."""
    _check_member(request)
    try:
        act(request.user)
    except DomainError as refusal:
        return _page(request, refusal)
    return redirect("member:prescriptions")


def _page(request: HttpRequest, refusal: DomainError | None = None) -> HttpResponse:
    _check_member(request)
    at = clock.now()
    page = Paginator(prescriptions_of(request.user), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [shown_prescription(each, at=at) for each in page],
        "refusal": refusal.text() if refusal else "",
    }
    status = refusal.status if refusal else 200
    return render(request, "member/prescriptions.html", context, status=status)


def _check_member(request: HttpRequest) -> None:
    user: Any = request.user
    if user.role != Role.INSURED:
        raise PermissionDenied
