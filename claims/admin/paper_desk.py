"""The desk that receives paper: a code read, then the sheet joined to its claim or keyed in.

Each step carries the code as it was read; the services check it again, so that nothing rests on what a
page remembered.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from claims import selectors, services
from claims.forms import JoinForm, PaperForm, PaperLines
from claims.gateways import LARGEST_SCAN, Scan, scan_of
from claims.intake import ActLine
from claims.models import PaperFile
from claims.permissions import can_receive_paper
from claims.rules.paper_twins import BilledLine
from claims.selectors import Candidate
from core.errors import DomainError, EntriesRefused
from providers.selectors import provider_by_inpe

View = Callable[..., HttpResponse]
RECENT = 8


def paper_addresses(office: Callable[[View], View]) -> list[URLPattern]:
    """The desk and its two ways in; `office` guards each view."""
    return [
        path(
            "papier/",
            office(require_http_methods(["GET", "HEAD", "POST"])(_desk)),
            name="paper_desk",
        ),
        path("papier/joindre/", office(require_POST(_join)), name="paper_join"),
        path(
            "papier/saisir/",
            office(require_http_methods(["GET", "HEAD", "POST"])(_key)),
            name="paper_key",
        ),
    ]


def _desk(request: HttpRequest) -> HttpResponse:
    """The field that takes a scan or a number; POST reads it."""
    _check_receives(request)
    if request.method == "POST":
        return _read(request)
    return _page(request, "admin/claims/paper_desk.html", recent=selectors.papers()[:RECENT])


def _read(request: HttpRequest, **context: Any) -> HttpResponse:
    """What is known of the code read; the form of the sheet beside it."""
    code = request.POST.get("code", "")[:300]
    try:
        reading = services.read_sheet(text=code, by=request.user, at=timezone.now())
    except DomainError as refusal:
        recent = selectors.papers()[:RECENT]
        return _page(
            request, "admin/claims/paper_desk.html", refusal=refusal, recent=recent, code=code
        )
    owner = reading.sheet.provider if reading.sheet else None
    # Once its owner billed on it, what is left to key in is another professional's part.
    keyed_for = owner.inpe if owner and not reading.claims else ""
    shown = {
        "reading": reading,
        "owner": owner,
        "received": {
            paper.claim_id: paper
            for claim in reading.claims
            if (paper := selectors.living_paper(claim=claim)) is not None
        },
        "form": PaperForm(initial={"inpe": keyed_for}),
        "lines": PaperLines(prefix="lines"),
        "join": JoinForm(),
        "code": code,
        **context,
    }
    return _page(request, "admin/claims/paper_reading.html", **shown)


def _join(request: HttpRequest) -> HttpResponse:
    """Keep a paper beside the claim that the agent chose."""
    _check_receives(request)
    form, code = JoinForm(request.POST, request.FILES), request.POST.get("code", "")[:300]
    try:
        if not form.is_valid():
            return _again(request, code, join=form)
        number, proof = _number(code, request)
        given = form.cleaned_data
        paper = services.join_paper(
            met=services.MetPaper(
                number=number,
                proof=proof,
                claim=_key_of(request.POST.get("claim", "")),
                deposited_on=given["deposited_on"],
                charged_centimes=given["charged"],
                note=given["note"],
            ),
            scan=_scan(given["scan"]),
            by=request.user,
            at=timezone.now(),
        )
    except DomainError as refusal:
        return _again(request, code, join=form, refusal=refusal)
    return _done(request, paper)


def _key(request: HttpRequest) -> HttpResponse:
    """Key a sheet in; an old form first shows the claims it may stand for."""
    _check_receives(request)
    if request.method != "POST":
        return _page(
            request,
            "admin/claims/paper_key.html",
            form=PaperForm(),
            lines=PaperLines(prefix="lines"),
        )
    code = request.POST.get("code", "")[:300]
    form = PaperForm(request.POST, request.FILES)
    lines = PaperLines(request.POST, prefix="lines")
    shown: dict[str, Any] = {"form": form, "lines": lines}
    if not (form.is_valid() and lines.is_valid()):
        return _again(request, code, **shown)
    try:
        number, proof = _number(code, request)
        keyed = _keyed(form.cleaned_data, _acts(lines), number, proof, request)
        found = [] if number else _candidates(keyed)
        if services.unseen(found, keyed.seen):
            return _again(request, code, candidates=found, join=JoinForm(), **shown)
        paper = services.receive_paper(
            keyed=keyed,
            scan=_scan(form.cleaned_data["scan"]),
            by=request.user,
            at=timezone.now(),
        )
    except DomainError as refusal:
        return _again(request, code, refusal=refusal, **shown)
    return _done(request, paper)


def _again(request: HttpRequest, code: str, **shown: Any) -> HttpResponse:
    """The same page with what was typed, and why nothing was written."""
    if code:
        return _read(request, **shown)
    shown.setdefault("form", PaperForm())
    shown.setdefault("lines", PaperLines(prefix="lines"))
    return _page(request, "admin/claims/paper_key.html", **shown)


def _number(code: str, request: HttpRequest) -> tuple[str, PaperFile.Proof]:
    """The number a step is about and how it was read; none for an old form."""
    if not code:
        return "", PaperFile.Proof.NONE
    reading = services.read_sheet(text=code, by=request.user, at=timezone.now())
    return reading.number, reading.proof


def _keyed(
    given: dict[str, Any],
    acts: tuple[ActLine, ...],
    number: str,
    proof: PaperFile.Proof,
    request: HttpRequest,
) -> services.KeyedPaper:
    return services.KeyedPaper(
        number=number,
        proof=proof,
        inpe=given["inpe"],
        patient=given["patient"].pk,
        deposited_on=given["deposited_on"],
        treatment_end_date=given["treatment_end_date"],
        lines=acts,
        seen=frozenset(_key_of(each) for each in request.POST.getlist("seen")),
    )


def _acts(lines: Any) -> tuple[ActLine, ...]:
    filled = [each for each in lines.cleaned_data if each]
    return tuple(
        ActLine(
            position=position,
            act=each["act"].strip(),
            quantity=each["quantity"],
            charged_centimes=each["charged"],
            care_date=each["care_date"],
            illness=each["illness"].strip() or None,
        )
        for position, each in enumerate(filled, start=1)
    )


def _candidates(keyed: services.KeyedPaper) -> list[Candidate]:
    provider = provider_by_inpe(keyed.inpe)
    lines = [
        BilledLine(each.act, each.care_date, each.quantity, each.charged_centimes)
        for each in keyed.lines
    ]
    return selectors.candidates(patient_id=keyed.patient, provider_id=provider.pk, lines=lines)


def _scan(given: Any) -> Scan:
    """Read no more of a file than is needed to refuse it."""
    return scan_of(given.read(LARGEST_SCAN + 1))


def _key_of(text: str) -> UUID:
    """A key named by a form; what is none names nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _done(request: HttpRequest, paper: PaperFile) -> HttpResponse:
    said = _("Feuille enregistrée. État : %(state)s.")
    messages.success(request, said % {"state": paper.get_state_display()})
    return redirect(reverse("admin:claims_paperfile_change", args=[paper.pk]))


def _page(
    request: HttpRequest, template: str, *, refusal: DomainError | None = None, **shown: Any
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": _("Feuilles papier"),
        "refusal": refusal.text() if refusal else "",
        "errors": _errors(refusal),
        **shown,
    }
    wrong = any(
        isinstance(each, forms.BaseForm | forms.BaseFormSet)
        and each.is_bound
        and not each.is_valid()
        for each in shown.values()
    )
    status = refusal.status if refusal else 422 if wrong else 200
    return TemplateResponse(request, template, context, status=status)


def _errors(refusal: DomainError | None) -> list[str]:
    return [each.text() for each in refusal.errors] if isinstance(refusal, EntriesRefused) else []


def _check_receives(request: HttpRequest) -> None:
    if not can_receive_paper(request.user):
        raise PermissionDenied
