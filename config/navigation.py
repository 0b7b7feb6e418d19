"""What each role finds in its top bar, and the name written beside the brand."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from prescriptions.selectors.requests import answers_since, requests_to_answer
from providers.selectors import providers_of

# How long an answer stays on the badge of who asked: a counter's day.
RECENT = timedelta(hours=24)

PRACTICE_LINKS = [
    ("cabinet:day", _("Ma journée")),
    ("cabinet:write", _("Nouvelle consultation")),
    ("cabinet:history", _("Feuilles envoyées")),
]
STATEMENTS_LINK = ("cabinet:statements", _("Règlements"))
# They bill through their own software; here they follow what it sent.
FOLLOWING_LINKS = [link for link in PRACTICE_LINKS if link[0] != "cabinet:write"] + [
    STATEMENTS_LINK
]
FOLLOWED_LINK = ("cabinet:followed", _("Ordonnances"))
REQUESTS_LINK = ("cabinet:requests", _("Demandes"))
CARE_LINKS = {
    Role.PRESCRIBER: [*PRACTICE_LINKS, FOLLOWED_LINK, REQUESTS_LINK, STATEMENTS_LINK],
    Role.DELEGATE: [*PRACTICE_LINKS, FOLLOWED_LINK, REQUESTS_LINK],
    Role.LABORATORY: FOLLOWING_LINKS,
    Role.RADIOLOGY: FOLLOWING_LINKS,
    Role.PHARMACIST: [
        ("pharmacy:counter", _("Comptoir")),
        ("pharmacy:history", _("Historique")),
        ("pharmacy:requests", _("Demandes")),
        ("pharmacy:statements", _("Règlements")),
    ],
    Role.INSURED: [
        ("member:home", _("Accueil"), "home"),
        ("member:claims", _("Dossiers"), "sheet"),
        ("member:prescriptions", _("Ordonnances"), "pill"),
        ("member:family", _("Famille"), "family"),
    ],
}


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the links of the signed-in person's role; the current page is marked."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": []}
    links = [_link(*link) for link in CARE_LINKS.get(user.role, [])]
    # A page inside a section belongs to the link that goes furthest towards it.
    inside = [link["url"] for link in links if request.path.startswith(link["url"])]
    for link in links:
        link["current"] = link["url"] == max(inside, key=len, default="")
        link["count"] = _waiting(user, link["name"])
    return {"navigation": links, "brand_context": _practice_of(user)}


def _practice_of(user: Any) -> str:
    """Return the name written beside the brand: the one practice a professional acts for."""
    if not user.gives_care:
        return ""
    practices = providers_of(user, timezone.localdate())
    return practices[0][0].name if len(practices) == 1 else ""


def _link(name: str, label: str, icon: str = "") -> dict[str, Any]:
    return {"name": name, "label": label, "url": reverse(name), "icon": icon}


def _waiting(user: Any, name: str) -> int:
    """What waits behind a link: questions to answer, or answers of the day to read."""
    now = timezone.now()
    today = timezone.localdate(now)
    if name == "cabinet:requests":
        return requests_to_answer(user, on=today)
    if name == "pharmacy:requests":
        return answers_since(user, on=today, since=now - RECENT)
    return 0
