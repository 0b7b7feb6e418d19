"""Activation of an account; everything else about signing in is django-allauth's."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.adapter import in_the_language_of
from accounts.forms import ActivationForm
from accounts.services import ActivationRefused, activate_account


@login_not_required
def activation(request: HttpRequest) -> HttpResponse:
    """Let a person who received a code choose a password and come in.

    The code stands for the password only: who has a second factor shows it at the sign-in page.
    """
    form = ActivationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = activate_account(
                code=form.cleaned_data["code"],
                password=form.cleaned_data["password"],
                at=timezone.now(),
            )
        except ActivationRefused as refusal:
            form.add_error("code", refusal.text())
        except ValidationError as weak:
            form.add_error("password", weak)
        else:
            if is_mfa_enabled(user):
                messages.success(
                    request, _("Votre nouveau mot de passe est enregistré : connectez-vous.")
                )
                return in_the_language_of(user, redirect("account_login"))
            login(request, user, backend="accounts.backends.AccountBackend")
            return in_the_language_of(user, redirect("home"))
    status = 422 if form.is_bound else 200
    return render(request, "accounts/activation.html", {"form": form}, status=status)
