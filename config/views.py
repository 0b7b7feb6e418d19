"""Landing, the way home of each role, and the error pages."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import Role

HOMES = {
    Role.PRESCRIBER: "cabinet:day",
    Role.DELEGATE: "cabinet:day",
    Role.LABORATORY: "cabinet:day",
    Role.RADIOLOGY: "cabinet:day",
    Role.PHARMACIST: "pharmacy:counter",
    Role.INSURED: "member:home",
}


@login_not_required
def landing(request: HttpRequest) -> HttpResponse:
    """The public door; people who are signed in go straight to their desk."""
    if request.user.is_authenticated:
        return redirect("home")
    return render(request, "public/landing.html")


def home(request: HttpRequest) -> HttpResponse:
    """Send each role to its desk."""
    return redirect(HOMES.get(request.user.role, "admin:index"))


@login_not_required
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state; served on demonstration machines only."""
    page = Paginator(range(1, 61), per_page=3).page(2)
    return render(request, "gallery.html", {"sample_page": page})


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it failed, without asking the database who reads it: it may be what failed."""
    request.user = AnonymousUser()
    request._messages = ()  # type: ignore[attr-defined]
    return render(request, "500.html", status=500)
