"""What the control pages say: figures, a file's way."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_bidi, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.models import User
from claims.adjudication.decision import Rule, Step
from claims.adjudication.reasons import EXPLANATIONS, Severity
from claims.adjudication.wording import Language, render_step, render_title
from claims.models import Claim
from claims.presenters import decision_from_rows, line_label
from claims.presenters.clock import shown_clock
from claims.selectors import clocks_of
from claims.states import ClaimState
from core.languages import in_readers_letters
from core.periods import add_months
from fraud import selectors
from fraud.permissions import can_decide_review, can_end_hold
from fraud.presenters.signals import shown_signals
from fraud.presenters.titles import rule_title
from fraud.selectors import LOOK_BACK_MONTHS, CaseFile

RULE_TITLES = {
    Rule.FILING: gettext_lazy("Délai de dépôt"),
    Rule.RIGHTS: gettext_lazy("Droits"),
    Rule.DEPENDANT: gettext_lazy("Ayant droit"),
    Rule.PROVIDER: gettext_lazy("Professionnel"),
    Rule.COVER: gettext_lazy("Prise en charge"),
    Rule.TARIFF: gettext_lazy("Tarif"),
    Rule.ACCUMULATION: gettext_lazy("Actes du même jour"),
    Rule.PRIOR_APPROVAL: gettext_lazy("Entente préalable"),
    Rule.FREQUENCY: gettext_lazy("Périodicité"),
    Rule.RATE: gettext_lazy("Taux"),
    Rule.CEILING: gettext_lazy("Plafond"),
    Rule.SHARES: gettext_lazy("Part de chacun"),
}
# Where a file ended without being paid, or its payment taken back.
ENDED = {
    ClaimState.DENIED: gettext_lazy("Rejeté"),
    ClaimState.CANCELLED: gettext_lazy("Annulé"),
    ClaimState.REVERSED: gettext_lazy("Extourné"),
}
# The drawing of the months: width of a month, height of the highest bar, line the bars stand on.
BAR_STEP, BAR_HEIGHT, BAR_BASE = 27, 44, 47


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


def shown_file(file: CaseFile, *, user: User, at: datetime) -> dict[str, Any]:
    """The file page, every word and figure ready."""
    claim = file.claim
    return {
        "claim": claim,
        "age": age_on(claim.patient.birth_date, claim.received_date),
        "rollup": _rollup(file, at),
        "clock": shown_clock(clocks_of([claim], at=at)[claim.pk], notes=True),
        "lines": _lines(file),
        "tariff_total": sum(line["tariff"] for line in _lines(file)),
        "prescription": _prescription(file),
        "previous": [
            {"claim": each, "url": reverse("admin:claims_claim_change", args=[each.pk])}
            for each in file.previous
        ],
        "months": _months(file),
        "before_centimes": sum(file.months.values()),
        "signals": shown_signals(
            [each for each in file.signals if each.decision_n == claim.decision_n]
        ),
        "decisions": _decisions(claim, user),
        "history": _history(file),
        "readings": [
            {"at": event.at, "who": file.names.get(event.actor, event.actor)}
            for event in file.readings
        ],
        "law": file.decision.law_digest[:12] if file.decision else "",
    }


def age_on(birth_date: date, day: date) -> int:
    """Whole years on a day."""
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday


def _rollup(file: CaseFile, at: datetime) -> list[dict[str, str]]:
    """The life of the file on one line: received, calculated, controlled, decided, paid.

    A file that ended says how, last; one taken back was paid before, if it was.
    """
    claim = file.claim
    judged = _short(file.decision.decided_at) if file.decision else ""
    return [
        {"label": _("Reçu"), "note": _short(claim.received_at), "state": "done"},
        {"label": _("Calculé"), "note": judged, "state": "done" if judged else "next"},
        *_controlled(file, at),
        *([] if claim.state in ENDED else [{"label": _("Payé"), **_paid(claim)}]),
    ]


def _controlled(file: CaseFile, at: datetime) -> list[dict[str, str]]:
    state = file.claim.state
    since = next((each.at for each in reversed(file.transitions) if each.to_state == state), at)
    waited = age_in_words(since, at)
    if state == ClaimState.IN_REVIEW:
        steps = [(_("En contrôle"), waited, "fix"), (_("Décidé"), "", "next")]
    elif state == ClaimState.HELD:
        steps = [(_("Signalé"), waited, "held"), (_("Décidé"), "", "next")]
    elif state in ENDED:
        paid = [each.at for each in file.transitions if each.to_state == ClaimState.PAID]
        steps = [
            (_("Contrôlé"), "", "done"),
            *((_("Payé"), _short(moment), "done") for moment in paid[-1:]),
            (str(ENDED[ClaimState(state)]), _short(since), "fix"),
        ]
    elif state in (ClaimState.SUBMITTED, ClaimState.ADJUDICATED):
        steps = [(_("Contrôlé"), "", "now"), (_("Décidé"), "", "next")]
    else:
        steps = [(_("Contrôlé"), "", "done"), (_("Décidé"), "", "done")]
    return [{"label": label, "note": note, "state": mark} for label, note, mark in steps]


def _paid(claim: Claim) -> dict[str, str]:
    if claim.state == ClaimState.PAID and claim.settled_at:
        return {"note": _short(claim.settled_at), "state": "done"}
    if claim.state == ClaimState.PAYMENT_FAILED:
        return {"note": _("virement rejeté"), "state": "fix"}
    if claim.state == ClaimState.SCHEDULED:
        return {"note": _("en paiement"), "state": "now"}
    return {"note": "", "state": "next"}


def _short(at: datetime) -> str:
    return f"{timezone.localtime(at):%d/%m}"


def _lines(file: CaseFile) -> list[dict[str, Any]]:
    """Lines as decided, with their steps as sentences in the reader's language."""
    if file.decision is None:
        return []
    language = Language.ARABIC if get_language_bidi() else Language.FRENCH
    decided = decision_from_rows(file.decision, file.steps)
    rows = sorted(file.decision.lines.all(), key=lambda row: row.position)
    signalled = {
        row.get("position")
        for signal in file.signals
        if signal.decision_n == file.claim.decision_n
        for row in signal.evidence.get("rows", [])
    }
    return [
        {
            "position": row.position,
            "code": row.line.act.code if row.line.act else row.line.medicine.ean,
            "label": line_label(row.line)[language.value],
            "care_date": row.line.care_date,
            "quantity": row.line.quantity,
            "charged": line.charged,
            "tariff": line.tariff,
            "rate": line.rate,
            "reimbursed": line.reimbursed,
            "share": line.insured_share,
            "denied": line.denied,
            "signalled": row.position in signalled,
            "reasons": [render_title(reason, language) for reason in line.reasons],
            "steps": [_step(step, language) for step in line.steps],
        }
        for row, line in zip(rows, decided.lines, strict=True)
    ]


def _step(step: Step, language: Language) -> dict[str, Any]:
    """One step as the design draws it: a check when in order, its number when it changed something."""
    if step.reason is None:
        mark, title = "paid", RULE_TITLES[step.rule]
    else:
        blocks = EXPLANATIONS[step.reason].severity in (Severity.BLOCKS_LINE, Severity.BLOCKS_SHEET)
        mark, title = ("fix" if blocks else "equal"), render_title(step.reason, language)
    return {
        "title": str(title),
        "number": "" if mark == "paid" else str(step.rule.number),
        "state": mark,
        "sentence": render_step(step, language),
        "reference": step.reference,
    }


def _prescription(file: CaseFile) -> dict[str, Any] | None:
    """What was prescribed under the same number, and what was delivered of it."""
    prescription = file.prescription
    if prescription is None:
        return None
    return {
        "written_on": prescription.written_on,
        "prescriber": in_readers_letters(prescription.prescriber, prescription.prescriber.name),
        "state": prescription.get_state_display(),
        "items": [
            {
                "label": item.medicine.label,
                "boxes": item.boxes,
                "delivered": item.boxes_dispensed,
                "is_over": item.boxes_left == 0,
            }
            for item in prescription.items.all()
        ],
    }


def _months(file: CaseFile) -> dict[str, Any]:
    """Bars of what was reimbursed each month before, on a drawing 648 wide and 47 high."""
    last = file.claim.received_date.replace(day=1)
    months = [add_months(last, -back) for back in range(LOOK_BACK_MONTHS - 1, -1, -1)]
    highest = max([*file.months.values(), file.claim.reimbursed_centimes, 1])
    bars = [
        {
            "x": index * BAR_STEP + BAR_STEP // 3,
            "height": file.months.get(month, 0) * BAR_HEIGHT // highest,
            "y": BAR_BASE - file.months.get(month, 0) * BAR_HEIGHT // highest,
        }
        for index, month in enumerate(months)
    ]
    decided = file.claim.reimbursed_centimes * BAR_HEIGHT // highest
    return {
        "bars": [bar for bar in bars if bar["height"]],
        "current": {"height": max(decided, 2), "y": BAR_BASE - max(decided, 2)},
        "first": months[0],
        "last": last,
    }


def _decisions(claim: Claim, user: User) -> dict[str, Any] | None:
    """The two decisions this person may take now: address, words, key; the safe one last."""
    if claim.state == ClaimState.HELD and can_end_hold(user):
        names = ("refuser", "lever")
        words = (_("Refuser"), _("Lever la suspension"))
    elif claim.state == ClaimState.IN_REVIEW and selectors.may_review(claim, user):
        names = ("rejeter", "confirmer")
        words = (_("Rejeter"), _("Confirmer"))
    else:
        return None
    grave, main = (reverse(f"admin:claims_claim_{name}", args=[claim.pk]) for name in names)
    return {
        "grave": {"url": grave, "label": words[0]},
        "main": {"url": main, "label": words[1]},
    }


def _history(file: CaseFile) -> list[dict[str, Any]]:
    """Every move of the claim in words, the last first, with who and why."""
    labels: dict[str, Any] = dict(ClaimState.choices)
    return [
        {
            "at": move.at,
            "label": labels.get(move.to_state, move.to_state),
            "who": _who(move.actor, file.names),
            "reason": ", ".join(rule_title(part) for part in move.reason.split(", ")),
        }
        for move in reversed(file.transitions)
    ]


def _who(actor: str, names: dict[str, str]) -> str:
    return names.get(actor) or who_of(actor)


def who_of(actor: str) -> str:
    """What a job of the system is called."""
    systems = {
        "system:adjudication": _("calcul automatique"),
        "system:screening": _("contrôle automatique"),
        "system:clock": _("délai écoulé"),
        "system:night": _("passage de nuit"),
        "system:breaker": _("disjoncteur"),
    }
    return str(systems.get(actor, actor))
