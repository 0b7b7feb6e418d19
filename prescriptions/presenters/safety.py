"""Safety checks as the API and the terminal say them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.languages import in_both_languages
from insured.models import CareProfile
from prescriptions.models import SafetyAlert
from prescriptions.rules.safety import Alert, Gap, Kind, Level, NotChecked, Report
from prescriptions.services import Told, ToldAlert

Json = dict[str, Any]

KINDS: Mapping[str, Promise] = {
    Kind.INTERACTION: _("interaction"),
    Kind.DUPLICATE: _("double traitement"),
    Kind.ALLERGY: _("allergie"),
    Kind.PREGNANCY: _("grossesse"),
    Kind.BREAST_FEEDING: _("allaitement"),
    Kind.AGE: _("âge"),
    Kind.MAXIMUM_DOSE: _("dose maximale"),
    Kind.LONG_ILLNESS: _("maladie de longue durée"),
    Kind.EARLY_RENEWAL: _("renouvellement trop tôt"),
}
LEVELS: Mapping[str, Promise] = {
    Level.CONTRAINDICATED: _("contre-indiqué"),
    Level.NOT_RECOMMENDED: _("déconseillé"),
    Level.PRECAUTION: _("précaution d’emploi"),
    Level.CONSIDER: _("à prendre en compte"),
    Level.CONDITIONAL: _("selon les conditions"),
}
GAPS: Mapping[str, Promise] = {
    Gap.SUBSTANCE_UNKNOWN: _("substance inconnue du thésaurus"),
    Gap.NO_TABLE: _("hors de nos tables"),
    Gap.NO_ATC: _("classe inconnue"),
    Gap.NO_SUBSTANCE: _("DCI absente de la liste"),
    Gap.NOT_A_MEDICINE: _("préparation"),
    Gap.PATIENT_UNKNOWN: _("non renseigné chez le patient"),
    Gap.DOSE_UNKNOWN: _("dose non chiffrée"),
    Gap.HISTORY_CLOSED: _("le patient n’a pas consenti à montrer ses autres traitements"),
    Gap.THESAURUS_MISSING: _("thésaurus absent"),
}


@cache
def _labelled() -> dict[str, Json]:
    """Every code of the four lists with its label in both languages, said once a process."""
    lists: tuple[Mapping[str, Any], ...] = (KINDS, LEVELS, GAPS, _reasons())
    return {
        str(code): {"code": str(code), "label": in_both_languages(label)}
        for labels in lists
        for code, label in labels.items()
    }


def coded(code: str) -> Json:
    """A code and its label in both languages."""
    return _labelled()[str(code)]


def told_output(told: Told) -> Json:
    """The answer to a question of safety."""
    return {
        "alerts": [_told_alert(each) for each in told.alerts],
        "not_checked": [_not_checked(each) for each in told.not_checked],
        "reasons": [coded(code) for code in SafetyAlert.Reason.values],
    }


def _reasons() -> dict[str, Any]:
    return {str(each.value): each.label for each in SafetyAlert.Reason}


def _told_alert(told: ToldAlert) -> Json:
    alert, justified = told.alert, told.justified
    return {
        **alert_output(alert),
        "kind": coded(alert.kind),
        "level": coded(alert.level),
        "applies": None if alert.applies is None else coded(alert.applies),
        "severity": str(told.severity),
        "justified": None
        if justified is None
        else {
            "reason": coded(justified.reason),
            "note": justified.note,
            "provider": justified.provider,
            "at": justified.answered_at.isoformat(),
        },
        "demoted": told.demoted,
    }


def _not_checked(gap: NotChecked) -> Json:
    return {"kind": coded(gap.kind), "why": coded(gap.gap), "subject": gap.subject}


def care_profile_output(profile: CareProfile | None) -> Json:
    """What a person answered; nothing was ever asked where there is no row."""
    known = profile or CareProfile()
    return {
        "allergies": known.allergies,
        "pregnant": known.pregnant,
        "breast_feeding": known.breast_feeding,
        "holds_until": known.holds_until.isoformat() if known.holds_until else None,
        "shares_history": known.shares_history,
    }


def safety_output(report: Report) -> Json:
    """A safety check: alerts, gravest first, and what was not checked."""
    return {
        "alerts": [alert_output(alert) for alert in report.alerts],
        "not_checked": [
            {"kind": gap.kind, "why": gap.gap, "subject": gap.subject} for gap in report.not_checked
        ],
    }


def alert_output(alert: Alert) -> Json:
    """One alert. `mechanism` and `advice` are by language; the thesaurus speaks French only."""
    return {
        "key": alert.key,
        "kind": alert.kind,
        "level": alert.level,
        "applies": alert.applies,
        "severity": alert.severity,
        "pair": list(alert.pair),
        "medicines": [
            {
                "ean": each.product.ean,
                "label": each.product.label,
                "position": each.position,
                "prescriber": each.prescriber,
            }
            for each in alert.treatments
        ],
        "mechanism": {"fr": "", **alert.mechanism},
        "advice": {"fr": "", **alert.advice},
        "conditions": [{"level": each.level, "text": each.text} for each in alert.conditions],
        "local_route": alert.local_route,
        "source": {"name": alert.source.name, "edition": alert.source.edition.isoformat()},
    }
