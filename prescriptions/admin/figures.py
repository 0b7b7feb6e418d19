"""What the first page of the back office says of prescriptions."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from prescriptions.permissions import CORRECTING_ROLES, REVIEWING_ROLES
from prescriptions.selectors import disputes_waiting
from prescriptions.selectors.safety import demotions_waiting


def prescription_figures(user: Any) -> list[dict[str, Any]]:
    """Disputed hand-overs and demoted alerts that wait for this person; each links to its list."""
    figures = []
    if user.role in CORRECTING_ROLES:
        figures.append(
            _figure(
                _("Remises contestées"),
                _("Aucune remise contestée."),
                disputes_waiting(),
                reverse("admin:prescriptions_dispensing_changelist"),
            )
        )
    if user.role in REVIEWING_ROLES:
        figures.append(
            _figure(
                _("Alertes à revoir"),
                _("Aucune alerte rétrogradée."),
                demotions_waiting(),
                f"{reverse('admin:prescriptions_safetydemotion_changelist')}?decision__exact=WAITING",
            )
        )
    return figures


def _figure(label: str, empty: str, count: int, url: str) -> dict[str, Any]:
    return {
        "label": label,
        "empty": empty,
        "count": count,
        "amount_centimes": None,
        "age": "",
        "url": url,
        "is_mine": True,
    }
