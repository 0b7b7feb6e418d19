"""Two walls every request passes: office roles have a second factor, signed-in pages are not cached."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

Answer = Callable[[HttpRequest], HttpResponse]

# What a person without a second factor may still open: setting one up, and leaving. The API answers
# office roles itself, with a problem document: it has no door for them.
OPEN_PREFIXES = ("/compte/", "/static/", "/langue/", "/api/")


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
