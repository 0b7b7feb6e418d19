"""What the control pages say: figures, signals and their evidence in words, a file's way."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from claims.adjudication.legislation.loader import load_law
from fraud import selectors
from fraud.models import Signal
from fraud.permissions import can_decide_review, can_end_hold
from fraud.rules.facts import Detector

DETECTOR_TITLES = {
    Detector.SAME_CARE_AGAIN: gettext_lazy("Même soin déjà demandé"),
    Detector.CARE_AFTER_DEATH: gettext_lazy("Soin après le décès"),
    Detector.MORE_THAN_A_DAY: gettext_lazy("Journée de plus de 24 heures"),
}
SHOWN_ROWS = 50


def work_figures(user: User, *, at: datetime) -> list[dict[str, Any]]:
    """Figures of the work lists, the person's own first; each links to its list."""
    sizes = selectors.queue_sizes()
    labels = {
        "review": (_("À contrôler"), _("Rien à contrôler.")),
        "held": (_("Signalées"), _("Aucune demande suspendue.")),
        "payable": (_("À payer"), _("Rien n’attend de paiement.")),
        "paid": (_("Payées"), _("Aucune demande payée pour l’instant.")),
    }
    mine = {"review": can_decide_review(user), "held": can_end_hold(user)}
    return [
        {
            "label": label,
            "empty": empty,
            "count": sizes[name].count,
            "amount_centimes": sizes[name].amount_centimes,
            "age": age_in_words(sizes[name].oldest_at, at) if name in mine else "",
            "url": f"{reverse('admin:claims_claim_changelist')}?queue={name}",
            "is_mine": mine.get(name, False),
        }
        for name, (label, empty) in labels.items()
    ]


def age_in_words(since: datetime | None, at: datetime) -> str:
    """How long something has waited: minutes, hours, then days."""
    if since is None:
        return ""
    minutes = max(0, int((at - since).total_seconds()) // 60)
    if minutes < 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)s heure", "%(n)s heures", hours) % {"n": hours}
    return ngettext("%(n)s jour", "%(n)s jours", hours // 24) % {"n": hours // 24}


def detector_title(detector: str) -> str:
    """A detector's name for people."""
    return str(DETECTOR_TITLES[Detector(detector)])


def shown_signals(signals: Sequence[Signal]) -> list[dict[str, Any]]:
    """Signals with what each detector compared, and one sentence for each row of evidence."""
    return [
        {
            "title": detector_title(signal.detector),
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
    return _("Un même soin se demande une seule fois par jour.")


def _minutes_unsure() -> bool:
    return any(key.startswith("act_minutes.") for key, _day in load_law().to_be_confirmed())


def _sentences(signal: Signal) -> list[str]:
    rows = signal.evidence.get("rows", [])[:SHOWN_ROWS]
    return [_sentence(signal.detector, row) for row in rows]


def _sentence(detector: str, row: dict[str, Any]) -> str:
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
