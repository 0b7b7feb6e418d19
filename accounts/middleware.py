"""Walls every request passes: forms of readable text, a second factor for office roles, no cached pages."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

Answer = Callable[[HttpRequest], HttpResponse]

# What a person without a second factor may still open: setting one up, and leaving. The API answers
# office roles itself, with a problem document: it has no door for them.
OPEN_PREFIXES = ("/compte/", "/static/", "/langue/", "/api/")


class NullCharacterMiddleware:
    """Refuse a form or a query that carries a NUL: no screen types one, no text column holds it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Raise BadRequest; the API reads what it is told by itself."""
        if request.path.startswith("/api/"):
            return
        told = (*request.GET.lists(), *request.POST.lists())
        if any("\x00" in text for _name, texts in told for text in texts):
            raise BadRequest


class SecondFactorMiddleware:
    """Send office people who have no second factor to the page that sets one up, and nowhere else."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            user.is_authenticated
            and user.works_in_office
            and not request.path.startswith(OPEN_PREFIXES)
            and not is_mfa_enabled(user)
        ):
            return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)


class NoStoreMiddleware:
    """Pages of a signed-in person are never kept by a cache (ASVS 14.3.2)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response
