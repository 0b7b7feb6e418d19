"""Opening an account at the counter: the person, what they act for, and the code that lets them in."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin.gestures import code_page
from accounts.models import Role, User
from accounts.services import create_user, issue_activation
from config.forms import AccountForm
from core.errors import DomainError
from insured.selectors import household_by_number, household_of, insured_of
from insured.services import link_user
from providers.services import enrol_member


def open_account(*, entry: dict[str, Any], by: User, at: datetime) -> tuple[User, str]:
    """Create an account with what it acts for, and return it with its one-time code: all or nothing.

    `entry` is what AccountForm read. Raises DomainError, ValidationError (a username already taken).
    """
    with transaction.atomic():
        user = create_user(
            username=entry["username"],
            full_name=entry["full_name"],
            role=Role(entry["role"]),
            language=entry["language"],
            by=by,
            at=at,
        )
        if user.gives_care:
            enrol_member(
                user=user,
                provider=entry["provider"],
                standing=entry["standing"],
                first_day=entry["first_day"],
                by=by,
                at=at,
            )
        if user.role == Role.INSURED:
            household = household_by_number(entry["registration_number"])
            link_user(insured=household, user=user, by=by, at=at)
        return user, issue_activation(user=user, by=by, at=at)


def _acts_for(user: User, entry: dict[str, Any]) -> str:
    """What the clerk checks before handing the code over: the provider, or the household's holder."""
    household = insured_of(user)
    if household is None:
        return str(entry["provider"] or "")
    people = household_of(household)
    return " · ".join([household.registration_number, *(str(person) for person in people[:1])])


def new_account(request: HttpRequest) -> HttpResponse:
    """The form, then the letter with the code; administrators only."""
    actor: Any = request.user
    if actor.role != Role.ADMINISTRATOR:
        raise PermissionDenied
    form = AccountForm(request.POST or None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        entry = form.cleaned_data
        try:
            user, code = open_account(entry=entry, by=actor, at=timezone.now())
        except DomainError as refusal:
            form.add_error(refusal.pointer, refusal.text())
            status = refusal.status
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            return code_page(request, user=user, code=code, acts_for=_acts_for(user, entry))
    context = {**admin.site.each_context(request), "title": _("Créer un compte"), "form": form}
    return TemplateResponse(request, "admin/accounts/new.html", context, status=status)
