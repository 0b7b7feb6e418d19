"""The payee's own account: present one, masked; asking for another; its progress; "this was not me".

The same pages stand in the insured person's space and in the providers' one: `space` says which, so that
a request kept during the second factor finds its way back.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import CARE_ROLES, Role
from core.errors import DomainError
from payments import services
from payments.forms import AccountForm, add_refusal
from payments.models import AccountChange
from payments.presenters import accounts as presented
from payments.rules import Payee
from payments.selectors.accounts import change_visible_to, payees_of

ROLES = {"member": frozenset({Role.INSURED}), "payee": CARE_ROLES - {Role.DELEGATE}}


@require_safe
def account(request: HttpRequest, space: str) -> HttpResponse:
    """The account of each payee one answers for."""
    return _page(request, space)


@require_POST
def ask(request: HttpRequest, space: str) -> HttpResponse:
    """Ask for another account; it is then to be confirmed."""
    _check_space(request, space)
    form = AccountForm(request.POST)
    payee = _payee(request)
    if not form.is_valid():
        return _page(request, space, form=form, asked=payee)
    try:
        services.request_change(
            payee=payee, **form.cleaned_data, by=_user(request), at=timezone.now()
        )
    except DomainError as refusal:
        beside = add_refusal(form, refusal)
        return _page(request, space, refusal=refusal, form=form, asked=payee, is_beside=beside)
    return redirect(f"{space}:account")


@require_POST
def confirm(request: HttpRequest, space: str, change_id: UUID) -> HttpResponse:
    """Give the second proof: the second factor is asked for here, whenever it was given before."""
    change = _change(request, space, change_id)
    proof = _proof_of(request)
    if is_mfa_enabled(request.user) and (proof is None or proof.at < change.asked_at):
        return suspend_request(request, reverse("mfa_reauthenticate"))
    try:
        services.confirm_change(change=change, by=_user(request), at=timezone.now(), proof=proof)
    except services.SecondProofMissing as refusal:
        if proof is not None:
            return suspend_request(request, reverse("mfa_reauthenticate"))
        return _page(request, space, refusal=refusal)
    except DomainError as refusal:
        return _page(request, space, refusal=refusal)
    messages.success(request, _("Demande confirmée : le délai de sécurité commence."))
    return redirect(f"{space}:account")


@require_POST
def contest(request: HttpRequest, space: str, change_id: UUID) -> HttpResponse:
    """Say "this was not me", in one gesture."""
    change = _change(request, space, change_id)
    try:
        services.contest_change(change=change, by=_user(request), at=timezone.now())
    except DomainError as refusal:
        return _page(request, space, refusal=refusal)
    messages.success(
        request, _("Changement contesté : aucun paiement ne part avant la décision d’un agent.")
    )
    return redirect(f"{space}:account")


@require_POST
def withdraw(request: HttpRequest, space: str, change_id: UUID) -> HttpResponse:
    """Take a change back: the account stays as it is."""
    change = _change(request, space, change_id)
    try:
        services.refuse_change(change=change, by=_user(request), at=timezone.now())
    except DomainError as refusal:
        return _page(request, space, refusal=refusal)
    messages.success(request, _("Demande annulée : le compte n’a pas changé."))
    return redirect(f"{space}:account")


def _page(
    request: HttpRequest,
    space: str,
    *,
    refusal: DomainError | None = None,
    form: AccountForm | None = None,
    asked: Payee | None = None,
    is_beside: bool = False,
) -> HttpResponse:
    _check_space(request, space)
    day = timezone.localdate()
    user = _user(request)
    cards = [
        presented.card_of(payee, subject, reader=user, day=day)
        for payee, subject in payees_of(user, day=day)
    ]
    context = {
        "space": space,
        "cards": cards,
        "form": form or AccountForm(),
        "asked": str(asked.id) if asked else "",
        "has_factor": is_mfa_enabled(user),
        "refusal": refusal.text() if refusal and not is_beside else "",
        "ask_url": reverse(f"{space}:account_ask"),
    }
    status = refusal.status if refusal else 422 if form else 200
    return render(request, "payee/account.html", context, status=status)


def _user(request: HttpRequest) -> Any:
    return request.user


def _check_space(request: HttpRequest, space: str) -> None:
    if _user(request).role not in ROLES[space]:
        raise PermissionDenied


def _payee(request: HttpRequest) -> Payee:
    """The payee the form names; the only one when it names none."""
    payees = [payee for payee, _subject in payees_of(request.user, day=timezone.localdate())]
    named = request.POST.get("payee", "")
    for payee in payees:
        if str(payee.id) == named or (not named and len(payees) == 1):
            return payee
    raise Http404


def _change(request: HttpRequest, space: str, change_id: UUID) -> AccountChange:
    _check_space(request, space)
    change = change_visible_to(request.user, change_id, day=timezone.localdate())
    if change is None:
        raise Http404
    return change


def _proof_of(request: HttpRequest) -> services.Proof | None:
    """The last second factor given in this session."""
    for record in reversed(get_authentication_records(request, request.user)):
        if record["method"] == "mfa":
            return services.Proof(record["type"], datetime.fromtimestamp(record["at"], tz=UTC))
    return None
