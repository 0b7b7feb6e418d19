"""The insured person's pages: what comes, where each file is, who is covered, who has looked."""

from datetime import date
from functools import wraps
from io import BytesIO
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Role
from claims.models import Claim
from claims.presenters.clock import shown_clock
from claims.selectors import claims_visible_to, clocks_of, decision_of, steps_of
from claims.services import read_claim
from core.audit import readings_of
from core.transitions import moves_of
from insured.models import Insured
from insured.selectors import entitlement_on, household_of, insured_of
from payments import selectors
from payments.models import PayeeAccount
from payments.presenters import accounts as presented
from payments.presenters import following, statement_pdf
from payments.rules import Payee, PayeeKind
from payments.selectors.accounts import account_on, open_change_of
from payments.selectors.payment_days import next_payment
from payments.selectors.recoveries import debts_visible_to, owed_centimes
from payments.services import StatementUnknown, open_statement

PAGE = 20


def members_only(view: Any) -> Any:
    """Let insured persons in, and nobody else."""

    @wraps(view)
    @require_safe
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.role != Role.INSURED:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


@members_only
def home(request: HttpRequest) -> HttpResponse:
    """One sentence with the amount, then the latest files."""
    today = timezone.localdate()
    insured = insured_of(request.user)
    claims = claims_visible_to(request.user, on=today).order_by("-received_at")
    latest = list(claims[:3])
    failed = selectors.transfer_returned(claims)
    return render(
        request,
        "member/home.html",
        {
            "coming": selectors.coming_centimes(claims),
            "payment": next_payment(PayeeKind.INSURED, at=timezone.now()),
            "owed": owed_centimes(debts_visible_to(request.user, at=timezone.now())),
            "account": _account_of(insured, today) if insured else None,
            "failed": failed,
            "told": _told_of(failed) if failed else None,
            "change": _contestable(insured, request.user) if insured else None,
            "name": _name_of_holder(request, insured),
            "rows": [following.row_of(claim) for claim in latest],
            "total": claims.count(),
        },
    )


@members_only
def claims(request: HttpRequest) -> HttpResponse:
    """Every file of the family, by person and by year."""
    today = timezone.localdate()
    visible = claims_visible_to(request.user, on=today).order_by("-received_at")
    insured = insured_of(request.user)
    persons = household_of(insured) if insured else []
    person, year = request.GET.get("personne", ""), request.GET.get("annee", "")
    years = [str(each.year) for each in visible.dates("received_date", "year", order="DESC")]
    if person in {str(each.pk) for each in persons}:
        visible = visible.filter(patient_id=person)
    if year in years:
        visible = visible.filter(received_date__year=int(year))
    page = Paginator(visible, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "member/claims.html",
        {
            "page": page,
            "rows": [following.row_of(claim) for claim in page],
            "persons": [{"key": str(each.pk), "name": following.name_of(each)} for each in persons],
            "person": person,
            "years": years,
            "year": year,
        },
    )


@members_only
def claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """One file, like a parcel: where it is, how much, when, and why not more."""
    at = timezone.now()
    found = read_claim(claim_id=claim_id, by=request.user, at=at)
    if found is None:
        raise Http404
    decision = decision_of(found)
    order = selectors.order_of_claim(found)
    told = decision if following.counts(found, decision) else None
    return render(
        request,
        "member/claim.html",
        {
            **following.row_of(found),
            "stages": following.stages_of(found, moves_of(found)),
            "clock": shown_clock(clocks_of([found], at=at)[found.pk]),
            "headline": following.headline_of(found, order),
            "as_shown": following.as_shown(found) if told else "",
            "lines": following.lines_of(told, steps_of(told)) if told else [],
            "bars": following.waterfall_of(found, told) if told else [],
            "has_statement": bool(order and order.order.insured_id),
            "order": order,
        },
    )


@members_only
def statement(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The statement of one transfer, as a PDF."""
    try:
        order = open_statement(order_id=order_id, by=request.user, at=timezone.now())
    except StatementUnknown as unknown:
        raise Http404 from unknown
    return FileResponse(
        BytesIO(statement_pdf(order)),
        as_attachment=True,
        filename=f"decompte-{order.reference}.pdf",
    )


@members_only
def family(request: HttpRequest) -> HttpResponse:
    """Who is covered until when, on which account, and who has looked at the file."""
    today = timezone.localdate()
    insured = insured_of(request.user)
    persons = household_of(insured) if insured else []
    return render(
        request,
        "member/family.html",
        {
            "insured": insured,
            "rights": entitlement_on(insured, today) if insured else None,
            "account": _account_of(insured, today) if insured else None,
            "persons": following.covered(persons, today, reader=request.user),
            "readings": following.readings(readings_of(insured.pk, limit=20)) if insured else [],
        },
    )


def _contestable(insured: Insured, reader: Any) -> presented.ShownChange | None:
    """The change of account that its payee may still stop."""
    change = open_change_of(Payee(PayeeKind.INSURED, insured.pk))
    shown = presented.shown_change(change, reader=reader) if change else None
    return shown if shown and shown.can_contest else None


def _account_of(insured: Insured, day: date) -> PayeeAccount | None:
    return account_on(Payee(PayeeKind.INSURED, insured.pk), day)


def _name_of_holder(request: HttpRequest, insured: Insured | None) -> str:
    """The name to greet: of the holder in the reader's letters, else of the account."""
    persons = household_of(insured) if insured else []
    return following.name_of(persons[0]) if persons else request.user.full_name


def _told_of(claim: Claim) -> dict[str, Any]:
    """Why a transfer came back, and what to do."""
    carried = selectors.order_of_claim(claim)
    return following.told_of(claim, carried.order.return_reason if carried else "")
