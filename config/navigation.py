"""What each role finds in its top bar, and the name written beside the brand."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Role

CARE_LINKS = {
    Role.PRESCRIBER: [
        ("cabinet:day", _("Ma journée")),
        ("cabinet:write", _("Nouvelle consultation")),
        ("cabinet:history", _("Feuilles envoyées")),
    ],
    Role.PHARMACIST: [
        ("pharmacy:counter", _("Comptoir")),
        ("pharmacy:history", _("Historique")),
        ("pharmacy:statements", _("Règlements")),
    ],
    Role.INSURED: [
        ("member:home", _("Accueil")),
        ("member:claims", _("Mes dossiers")),
        ("member:family", _("Ma famille et mes droits")),
    ],
}


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the links of the signed-in person's role; the current page is marked."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": []}
    links = [
        {"label": label, "url": reverse(name), "current": request.path == reverse(name)}
        for name, label in CARE_LINKS.get(user.role, [])
    ]
    return {"navigation": links}
