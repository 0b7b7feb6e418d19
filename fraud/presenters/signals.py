"""What the signals of a claim say: what each detector compared, and its rows of evidence in words."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from claims.models import Claim
from claims.selectors import law
from fraud.models import Signal
from fraud.presenters.titles import rule_title
from fraud.rules.facts import Detector

SHOWN_ROWS = 50


def shown_signals(signals: Sequence[Signal]) -> list[dict[str, Any]]:
    """Signals with what each detector compared, and one sentence for each row of evidence."""
    return [
        {
            "title": rule_title(signal.detector),
            "detector": signal.detector,
            "seen_at": signal.seen_at,
            "decision_n": signal.decision_n,
            "threshold": _threshold(signal),
            "sentences": _sentences(signal),
            "others": _others(signal),
        }
        for signal in signals
    ]


def _threshold(signal: Signal) -> str:
    if "failed" in signal.evidence:
        return _("Ce contrôle n’a pas pu s’exécuter (%(error)s) : une personne regarde.") % {
            "error": signal.evidence["failed"]
        }
    if signal.detector == Detector.CARE_AFTER_DEATH:
        return _("Date de décès au registre : %(day)s.") % {
            "day": _day(signal.evidence["threshold"])
        }
    if signal.detector == Detector.MORE_THAN_A_DAY:
        sentence = _("Une journée compte 1 440 minutes.")
        return f"{sentence} {_('Durées usuelles à confirmer.')}" if _minutes_unsure() else sentence
    if signal.detector == Detector.HANDED_OVER_TWICE:
        return _("Payé de bonne foi : la pharmacie ne pouvait pas savoir. Rien n’est suspendu.")
    return _("Un même soin se demande une seule fois par jour.")


def _minutes_unsure() -> bool:
    return any(key.startswith("act_minutes.") for key, _day in law().to_be_confirmed())


def _sentences(signal: Signal) -> list[str]:
    rows = signal.evidence.get("rows", [])[:SHOWN_ROWS]
    return [_sentence(signal.detector, row) for row in rows]


def _sentence(detector: str, row: dict[str, Any]) -> str:
    if detector == Detector.HANDED_OVER_TWICE:
        return _(
            "Ligne %(position)s, %(code)s du %(day)s : %(beyond)s boîte(s) au-delà de l’ordonnance "
            "%(number)s."
        ) % {**row, "day": _day(row["care_date"])}
    if detector == Detector.MORE_THAN_A_DAY:
        return _("Le %(day)s : %(minutes)s minutes d’actes demandées par ce professionnel.") % {
            "day": _day(row["day"]),
            "minutes": row["minutes"],
        }
    if detector == Detector.CARE_AFTER_DEATH:
        return ngettext(
            "Ligne %(position)s, %(code)s : soin du %(day)s, %(n)s jour après le décès.",
            "Ligne %(position)s, %(code)s : soin du %(day)s, %(n)s jours après le décès.",
            row["days_after"],
        ) % {
            "position": row["position"],
            "code": row["code"],
            "day": _day(row["care_date"]),
            "n": row["days_after"],
        }
    return _(
        "Ligne %(position)s, %(code)s du %(day)s : déjà demandé sous le numéro %(number)s, "
        "ligne %(other)s."
    ) % {
        "position": row["position"],
        "code": row["code"],
        "day": _day(row["care_date"]),
        "number": row["other_fse_number"],
        "other": row["other_position"],
    }


def _others(signal: Signal) -> list[dict[str, str]]:
    """The other claims of the evidence, once each, with their addresses."""
    rows = {
        row["other_claim"]: row["other_fse_number"]
        for row in signal.evidence.get("rows", [])
        if "other_claim" in row
    }
    return [
        {"number": number, "url": reverse("admin:claims_claim_change", args=[key])}
        for key, number in rows.items()
    ]


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}"


def current_reasons(claim: Claim) -> list[str]:
    """Why a claim is held or was, from its current decision's signals (prefetched)."""
    return [
        rule_title(signal.detector)
        for signal in claim.signals.all()
        if signal.decision_n == claim.decision_n
    ]
