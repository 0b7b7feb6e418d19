"""A claim as its insured person follows it: where it is, how much, when, and why not more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.selectors import names_of
from claims.adjudication import LineDecision
from claims.adjudication.wording import Language, render_step
from claims.models import Claim, ClaimLine, Decision, DecisionStep
from claims.presenters import act_label, decision_from_rows
from claims.states import ClaimState
from core.models import AuditEvent, Transition
from payments.models import OrderClaim

S = ClaimState
DECIDED = (S.APPROVED, S.SCHEDULED, S.PAID, S.PAYMENT_FAILED, S.DENIED)

# State of a claim as a badge of the page: (look of c-badge).
BADGES = {
    S.SUBMITTED: "held",
    S.IN_REVIEW: "held",
    S.ADJUDICATED: "held",
    S.HELD: "held",
    S.APPROVED: "equal",
    S.SCHEDULED: "equal",
    S.PAYMENT_FAILED: "fix",
    S.PAID: "paid",
    S.DENIED: "fix",
    S.CANCELLED: "held",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the way: done, now, held, fix or next."""

    title: str
    state: str
    when: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LineStory:
    """One line: what was paid, what comes back, and why not more."""

    label: str
    charged: int
    reimbursed: int
    sentences: list[str]
    steps: list[str] = field(default_factory=list)


def badge_of(claim: Claim) -> dict[str, str]:
    """Return the look and the word of a claim's state."""
    return {"state": BADGES[S(claim.state)], "label": claim.get_state_display().capitalize()}


def stages_of(claim: Claim, moves: Sequence[Transition]) -> list[Stage]:
    """Return the way of a claim, like a parcel's: received, checked, decided, paid."""
    at = {move.to_state: move for move in moves}
    received = Stage(_("Reçu"), "done", claim.received_at, _sender(claim))
    if claim.state == S.CANCELLED:
        return [received, Stage(_("Annulé"), "fix", at[S.CANCELLED].at, at[S.CANCELLED].reason)]
    if claim.state == S.DENIED:
        return [received, *_checked(claim, at), _denied(at)]
    return [received, *_checked(claim, at), _decided(claim, at), _paid(claim, at)]


def _sender(claim: Claim) -> str:
    return _("Envoyé par %(provider)s") % {"provider": claim.provider.name}


def _checked(claim: Claim, at: dict[str, Transition]) -> list[Stage]:
    title = _("Contrôlé")
    if claim.state == S.HELD:
        until = claim.held_until
        reason = _("Un agent vérifie ce dossier. Ce contrôle finit le %(day)s au plus tard.") % {
            "day": f"{until:%d/%m/%Y}" if until else ""
        }
        return [Stage(title, "held", at[S.HELD].at, reason)]
    if claim.state == S.IN_REVIEW:
        reason = _("Une personne de la CNSS examine ce dossier. Vous n’avez rien à faire.")
        return [Stage(title, "now", at[S.IN_REVIEW].at, reason)]
    if S.APPROVED in at:
        return [Stage(title, "done", at[S.APPROVED].at)]
    if claim.state == S.DENIED:
        return []
    return [Stage(title, "next")]


def _denied(at: dict[str, Transition]) -> Stage:
    words = at[S.DENIED].reason or _("Le détail est donné ligne par ligne ci-dessous.")
    return Stage(_("Refusé"), "fix", at[S.DENIED].at, words)


def _decided(claim: Claim, at: dict[str, Transition]) -> Stage:
    title = _("Décidé")
    if claim.state not in DECIDED:
        return Stage(title, "next")
    words = _("Le montant est fixé. La CNSS prépare le virement.")
    waiting = claim.state in (S.APPROVED, S.SCHEDULED)
    return Stage(title, "now" if waiting else "done", at[S.APPROVED].at, words if waiting else "")


def _paid(claim: Claim, at: dict[str, Transition]) -> Stage:
    if claim.state == S.PAID:
        return Stage(_("Payé"), "done", claim.settled_at)
    if claim.state == S.PAYMENT_FAILED:
        words = _(
            "La banque a renvoyé le virement (%(reason)s). L’argent n’est pas perdu : "
            "donnez un nouveau RIB à votre agence, il repartira."
        ) % {"reason": at[S.PAYMENT_FAILED].reason}
        return Stage(_("Virement renvoyé"), "fix", at[S.PAYMENT_FAILED].at, words)
    return Stage(_("Payé"), "next")


def lines_of(decision: Decision, steps: Sequence[DecisionStep]) -> list[LineStory]:
    """Return each line with the sentences of why not more, in the reader's language."""
    judged = decision_from_rows(decision, steps)
    rows = sorted(decision.lines.all(), key=lambda row: row.line.position)
    return [_line(each, row.line) for each, row in zip(judged.lines, rows, strict=True)]


def _line(judged: LineDecision, line: ClaimLine) -> LineStory:
    language = Language(_language())
    said = [render_step(step, language) for step in judged.steps]
    cut = [render_step(step, language) for step in judged.steps if step.reason]
    return LineStory(
        label=label_of(line),
        charged=judged.charged,
        reimbursed=judged.reimbursed,
        sentences=cut,
        steps=said,
    )


def label_of(line: ClaimLine) -> str:
    """Return what a line is called, in the reader's language, with its quantity above one."""
    if line.act is not None:
        words = act_label(line.act)[_language()]
    else:
        words = line.medicine.label if line.medicine else ""
    return f"{words} × {line.quantity}" if line.quantity > 1 else str(words)


def _language() -> str:
    return "ar" if (get_language() or "fr").startswith("ar") else "fr"


def waterfall_of(claim: Claim, decision: Decision) -> list[dict[str, Any]]:
    """Return the bars from the price to what the CNSS pays; rows of nothing are left out."""
    price = _("Prix total") if claim.third_party_payment else _("Vous avez payé")
    got = _("Payé par la CNSS") if claim.third_party_payment else _("Remboursé")
    rows = list(decision.lines.all())
    base = sum(row.base_centimes for row in rows)
    denied = sum(row.line.charged_centimes for row in rows if row.is_denied)
    above = decision.charged_centimes - denied - base
    share = base - decision.reimbursed_centimes
    bars = [
        (price, decision.charged_centimes, "in"),
        (_("Non remboursable"), denied, "out"),
        (_("Au-dessus du tarif"), above, "out"),
        (_("Base de calcul"), base, "in"),
        (_("Votre part, selon le taux et les plafonds"), share, "out"),
        (got, decision.reimbursed_centimes, "got"),
    ]
    return [
        {"label": label, "centimes": centimes, "kind": kind}
        for label, centimes, kind in bars
        if centimes or kind == "got"
    ]


def headline_of(claim: Claim, order: OrderClaim | None) -> dict[str, str]:
    """Return the one sentence of a claim: what happened to the money, and what to do."""
    account = order.order.rib[-4:] if order else ""
    if claim.third_party_payment:
        return {
            "after": _("réglés par la CNSS à %(provider)s") % {"provider": claim.provider.name},
            "then": _("Vous n’avez payé que votre part. Vous n’avez rien à faire."),
        }
    if claim.state == S.PAID:
        return {
            "after": _("vous ont été virés"),
            "then": _("Sur votre compte qui finit par %(account)s.") % {"account": account},
        }
    if claim.state == S.PAYMENT_FAILED:
        return {
            "after": _("sont revenus de la banque"),
            "then": _("Donnez un nouveau RIB à votre agence : le virement repartira."),
        }
    if claim.state == S.DENIED:
        return {
            "after": _("remboursés : ce dossier est refusé"),
            "then": _("Le motif est écrit ci-dessous, avec ce qu’il faut faire."),
        }
    if claim.state in (S.APPROVED, S.SCHEDULED):
        return {
            "after": _("arrivent au prochain virement"),
            "then": _("Vous n’avez rien à faire."),
        }
    return {
        "after": _("calculés, sous réserve de contrôle"),
        "then": _("Vous n’avez rien à faire."),
    }


def readings(events: Sequence[AuditEvent]) -> list[dict[str, Any]]:
    """Return who read what, in words."""
    words = {
        "insured.rights.read": _("a vérifié vos droits"),
        "prescriptions.prescription.read": _("a ouvert une ordonnance"),
        "claims.claim.read": _("a ouvert un dossier"),
        "payments.statement.read": _("a ouvert un décompte"),
    }
    names = names_of(event.actor for event in events)
    return [
        {
            "who": names.get(event.actor, event.actor),
            "what": words.get(event.action, event.action),
            "at": event.at,
        }
        for event in events
    ]
