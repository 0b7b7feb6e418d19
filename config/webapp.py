"""The installable web app of doctors and pharmacists: its manifest, its worker, its queue page, its probe.

The pages named here are rendered without anybody's data, so a browser may keep their HTML. Pages of the
insured, of agents and of the bank account are not named, and are therefore never kept.
"""

import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.models import Role
from claims.views.role_page import RolePage
from config import release

ANY_SHEET = "000000000000"
WRITES = frozenset({Role.PRESCRIBER, Role.DELEGATE})
COUNTER = frozenset({Role.PHARMACIST})
OFFLINE_ROLES = WRITES | COUNTER
# Name of the address, its arguments, who works there, what other addresses the same page answers.
KEPT: tuple[tuple[str, tuple[str, ...], frozenset[str], str], ...] = (
    ("cabinet:day", (), WRITES, ""),
    ("cabinet:write", (), WRITES, ""),
    ("cabinet:sent", (ANY_SHEET,), WRITES, r"^/cabinet/feuilles/[0-9A-Z]{12}/$"),
    ("pharmacy:counter", (), COUNTER, ""),
    ("outbox", (), OFFLINE_ROLES, ""),
    ("offline_pack", (), OFFLINE_ROLES, ""),
)
COLOUR = "#0F4A5A"
PAPER = "#F4EFE4"


class Outbox(RolePage):
    """What this browser signed and has not sent yet; filled by scripts from the browser's own store."""

    template_name = "offline/outbox.html"
    roles = OFFLINE_ROLES


def offline(request: HttpRequest) -> dict[str, Any]:
    """Give the frame of a page what makes it work without network; nothing for other roles."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.role not in OFFLINE_ROLES:
        return {}
    kept = [_address(name, given) for name, given, roles, _like in KEPT if user.role in roles]
    return {
        "offline_pages": json.dumps(kept),
        "connection": {"state": "paid", "url": reverse("outbox"), "label": _("En ligne")},
    }


@login_not_required
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """Serve the service worker at the root, which is how far it reaches, with what this release keeps."""
    setting = {
        "release": release.release(),
        "files": release.addresses(),
        "pages": [
            {"path": _address(name, given), "like": like} for name, given, _roles, like in KEPT
        ],
        "doors": [reverse("landing"), reverse("home"), reverse("account_login")],
        "queue": reverse("outbox"),
        "engine": {"folder": static("vendor/pyodide/"), "script": reverse("engine_worker")},
    }
    code = release.path_of("js/worker.js").read_text(encoding="utf-8")
    text = f"const SETTING = {json.dumps(setting)};\n{code}"
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


@login_not_required
def manifest(request: HttpRequest) -> HttpResponse:
    """Serve the web app manifest (W3C Web Application Manifest) in the page's language."""
    icons = [
        {"src": static(f"img/{name}.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": why}
        for name, why in (("app", "any"), ("app-maskable", "maskable"))
    ]
    described = {
        "id": "/",
        "name": _("Waraqa"),
        "short_name": _("Waraqa"),
        "description": _("La feuille de soins et l’ordonnance, avec ou sans réseau."),
        "lang": request.LANGUAGE_CODE,
        "dir": "rtl" if request.LANGUAGE_CODE == "ar" else "ltr",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": COLOUR,
        "icons": icons,
    }
    return JsonResponse(described, content_type="application/manifest+json")


@login_not_required
@never_cache
def probe(request: HttpRequest) -> HttpResponse:
    """Answer 204: the network and the server are there. Reads no session and no table."""
    return HttpResponse(status=204)


def _address(name: str, given: tuple[str, ...]) -> str:
    return reverse(name, args=given)
