"""A prescription, a disputed hand-over and a demoted alert as the pages of the fund say them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.selectors import names_of
from core.transitions import moves_of
from prescriptions.models import Dispensing, Prescription, SafetyAlert, SafetyDemotion
from prescriptions.presenters.followed import line_label
from prescriptions.presenters.safety import KINDS, LEVELS
from prescriptions.selectors.safety import Tally, override_reasons

SYSTEMS = {"system:clock": _("délai écoulé"), "system:migration": _("reprise des données")}
# Codes that the machine writes as reasons; a person's own words are shown as they are.
REASONS = {
    "lease_end": _("délai de garde écoulé"),
    "LEASE_END": _("délai de garde écoulé"),
    "validity_end": _("fin de validité"),
    "end of the hold": _("fin de la suspension"),
    "amended": _("délivrance rectifiée"),
    "PATIENT_LEFT": _("patient parti"),
    "OUT_OF_STOCK": _("en rupture"),
    "MISTAKE": _("ouverte par erreur"),
    "QUESTION": _("question au prescripteur"),
    "OTHER": _("autre motif"),
}


def shown_moves(subject: Any) -> list[dict[str, Any]]:
    """Every move of a prescription or of a hand-over, the last first, with who and why."""
    moves = moves_of(subject)
    names = names_of({move.actor for move in moves})
    labels: dict[str, Any] = dict(subject._meta.get_field("state").flatchoices)
    return [
        {
            "at": move.at,
            "label": labels.get(move.to_state, move.to_state),
            "who": names.get(move.actor) or SYSTEMS.get(move.actor, move.actor),
            "reason": REASONS.get(move.reason, move.reason),
        }
        for move in reversed(moves)
    ]


def shown_lines(prescription: Prescription) -> list[dict[str, Any]]:
    """The lines of a prescription with what is left of each."""
    return [
        {
            "position": item.position,
            "label": line_label(item),
            "state": item.get_state_display(),
            "boxes": item.boxes,
            "given": item.boxes_dispensed,
        }
        for item in prescription.items.all()
    ]


def shown_boxes(dispensing: Dispensing) -> list[dict[str, Any]]:
    """What a pharmacy says it handed over, beside what was prescribed."""
    return [
        {
            "label": each.medicine.label,
            "prescribed": line_label(each.item),
            "replaced": each.item.medicine_id not in (None, each.medicine_id),
            "boxes": each.boxes,
            "charged": each.charged_centimes,
        }
        for each in dispensing.items.all()
    ]


def alert_name(key: str) -> str:
    """The substances or words an alert is about, as people read them."""
    return key.partition(":")[2].replace("_", " ").replace("+", " + ")


def shown_demotion(demotion: SafetyDemotion, tally: Tally, level: str) -> dict[str, Any]:
    """A demoted alert with its counts and the reasons professionals gave."""
    labels = dict(SafetyAlert.Reason.choices)
    given = override_reasons(demotion.key)
    return {
        "name": alert_name(demotion.key),
        "kind": KINDS.get(demotion.kind, demotion.kind),
        "level": LEVELS.get(level, ""),
        "tally": tally,
        "reasons": [{"label": labels.get(code, code), "count": count} for code, count in given],
    }
