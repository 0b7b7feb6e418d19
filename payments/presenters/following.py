"""A claim as its insured person follows it: where it is, how much, when, and why not more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.selectors import names_of
from claims.adjudication import LineDecision
from claims.adjudication.wording import Language, render_step
from claims.models import Claim, ClaimLine, Decision
from claims.presenters import act_label, decision_from_rows, illness_label
from claims.presenters.shown import sentence_of
from claims.selectors import StoredStep, shown_of
from claims.states import ClaimState
from core.languages import in_readers_letters
from core.models import AuditEvent, Transition
from insured.models import Person
from insured.selectors import consents_of, illness_names_ar, illnesses_on
from insured.services import answers_for
from payments.gateways.return_reasons import UNLISTED, Ball
from payments.models import OrderClaim
from payments.presenters.repairs import told_to_payee
from payments.selectors.repairs import repair_of_claim
from providers.models import Provider

S = ClaimState
# The bank's words keep their own direction inside an Arabic sentence.
ISOLATED, END_OF_ISOLATED = "\u2068", "\u2069"
WITHOUT_EFFECT = (S.DENIED, S.CANCELLED, S.REVERSED)
DECIDED = (S.APPROVED, S.SCHEDULED, S.PAID, S.PAYMENT_FAILED, S.DENIED)

# State of a claim as its insured person reads it: look of c-badge, and a word without jargon.
BADGES = {
    S.SUBMITTED: ("held", gettext_lazy("Reçu")),
    S.IN_REVIEW: ("held", gettext_lazy("En contrôle")),
    S.ADJUDICATED: ("held", gettext_lazy("En contrôle")),
    S.HELD: ("held", gettext_lazy("En contrôle")),
    S.APPROVED: ("equal", gettext_lazy("Décidé")),
    S.SCHEDULED: ("equal", gettext_lazy("Virement préparé")),
    S.PAYMENT_FAILED: ("fix", gettext_lazy("Virement renvoyé")),
    S.PAID: ("paid", gettext_lazy("Payé")),
    S.DENIED: ("fix", gettext_lazy("Refusé")),
    S.CANCELLED: ("held", gettext_lazy("Annulé")),
    S.REVERSED: ("fix", gettext_lazy("Remboursement annulé")),
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
    state, label = BADGES[S(claim.state)]
    return {"state": state, "label": str(label)}


def coming_of(claim: Claim) -> int:
    """Return what a claim gives, in centimes: nothing once it is refused or withdrawn."""
    return 0 if claim.state in WITHOUT_EFFECT else claim.reimbursed_centimes


def row_of(claim: Claim) -> dict[str, Any]:
    """Return a claim as a list shows it: names in the reader's language, and where it is."""
    return {
        "claim": claim,
        "badge": badge_of(claim),
        "amount": coming_of(claim),
        "provider": name_of(claim.provider),
        "patient": name_of(claim.patient),
    }


def name_of(named: Person | Provider) -> str:
    """Return a name in the reader's letters, as far as it is known in them."""
    latin = named.full_name if isinstance(named, Person) else named.name
    return in_readers_letters(named, latin)


def covered(persons: Sequence[Person], day: date, *, reader: Any) -> list[dict[str, Any]]:
    """Return persons with their names, their long illnesses on `day` (rates in basis points), and whether
    they show their treatments; `answers` where the reader decides it."""
    granted = {person.pk: illnesses_on(person, day) for person in persons}
    names_ar = illness_names_ar(each.code for rows in granted.values() for each in rows)
    consents = consents_of(persons)
    return [
        {
            "person": person,
            "shares": consents.get(person.pk),
            "answers": answers_for(reader, person, on=day),
            "name": name_of(person),
            "illnesses": [
                {"label": illness_label(each, names_ar)[_language()], "rate_bp": each.rate_bp}
                for each in granted[person.pk]
            ],
        }
        for person in persons
    ]


def stages_of(claim: Claim, moves: Sequence[Transition]) -> list[Stage]:
    """Return the way of a claim, like a parcel's: received, checked, decided, paid."""
    at = {move.to_state: move for move in moves}
    received = Stage(_("Reçu"), "done", claim.received_at, _sender(claim))
    if claim.state == S.CANCELLED:
        return [received, Stage(_("Annulé"), "fix", at[S.CANCELLED].at, at[S.CANCELLED].reason)]
    if claim.state == S.DENIED:
        return [received, *_checked(claim, at), _denied(at)]
    if claim.state == S.REVERSED:
        taken = at[S.REVERSED]
        back = Stage(_("Remboursement annulé"), "fix", taken.at, taken.reason)
        before = [(S.APPROVED, _("Décidé")), (S.PAID, _("Payé"))]
        done = [Stage(title, "done", at[state].at) for state, title in before if state in at]
        return [received, *done, back]
    return [received, *_checked(claim, at), _decided(claim, at), _paid(claim, at)]


def _sender(claim: Claim) -> str:
    return _("Envoyé par %(provider)s") % {"provider": name_of(claim.provider)}


def _checked(claim: Claim, at: dict[str, Transition]) -> list[Stage]:
    now, title = _("En contrôle"), _("Contrôlé")
    if claim.state == S.HELD:
        until = claim.held_until
        reason = _("Un agent vérifie ce dossier. Ce contrôle finit le %(day)s au plus tard.") % {
            "day": f"{localtime(until):%d/%m/%Y}" if until else ""
        }
        return [Stage(now, "held", at[S.HELD].at, reason)]
    if claim.state == S.IN_REVIEW:
        reason = _("Une personne de la CNSS examine ce dossier. Vous n’avez rien à faire.")
        return [Stage(now, "now", at[S.IN_REVIEW].at, reason)]
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
        return Stage(_("Virement renvoyé"), "fix", at[S.PAYMENT_FAILED].at, _why_back(claim, at))
    return Stage(_("Payé"), "next")


def _why_back(claim: Claim, at: dict[str, Transition]) -> str:
    """Why a transfer came back: the bank's words are for the person whose account it is."""
    if claim.third_party_payment:
        return _("La banque a renvoyé le virement fait à %(provider)s : la CNSS le refera.") % {
            "provider": name_of(claim.provider)
        }
    told = told_of(claim, at[S.PAYMENT_FAILED].reason)
    return _("Le virement a été rejeté : %(why)s. L’argent n’est pas perdu. %(to_do)s") % told


def told_of(claim: Claim, reason: str) -> dict[str, Any]:
    """Why the transfer of a claim came back and what its insured person has to do, in sentences."""
    told = told_to_payee(reason, repair_of_claim(claim.pk))
    why = str(told.why)
    if told.why is UNLISTED.why and reason:
        why = f"{why} ({ISOLATED}{reason}{END_OF_ISOLATED})"
    return {"why": why, "to_do": str(told.to_do), "needs_account": told.ball is Ball.PAYEE}


def lines_of(decision: Decision, steps: Sequence[StoredStep]) -> list[LineStory]:
    """Return each line with the sentences of why not more, in the reader's language."""
    judged = decision_from_rows(decision, steps)
    rows = sorted(decision.lines.all(), key=lambda row: row.position)
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


def counts(claim: Claim, decision: Decision | None) -> bool:
    """Tell whether the amounts of a decision are shown: a person may have refused after them.

    Those of a reversed claim stay readable.
    """
    if claim.state == S.REVERSED:
        return decision is not None
    return decision is not None and coming_of(claim) == decision.reimbursed_centimes


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
    if claim.state == S.DENIED:
        after, then = _("remboursés : ce dossier est refusé"), _("Le motif est écrit ci-dessous.")
    elif claim.state == S.REVERSED:
        after = _("remboursés : ce remboursement est annulé")
        then = _("Le motif, et ce qui est à rendre, sont dans « Sommes à rendre ».")
    elif claim.state == S.CANCELLED:
        after = _("remboursés : ce dossier est annulé")
        then = _("Celui qui l’a envoyé l’a retiré. Vous n’avez rien à faire.")
    elif claim.third_party_payment:
        after = _after_for_provider(claim) % {"provider": name_of(claim.provider)}
        then = _("Vous n’avez payé que votre part. Vous n’avez rien à faire.")
    else:
        after, then = _headline_for_insured(claim, order)
    return {"after": after, "then": then}


def as_shown(claim: Claim) -> str:
    """Return what is said of amounts that a screen showed without network and today's facts do not give;
    nothing where there are none."""
    rows = shown_of(claim)
    if not rows:
        return ""
    sentence, figures = sentence_of(claim, rows)
    return str(sentence) % figures


def _after_for_provider(claim: Claim) -> str:
    """What happened to the money of a third-party payment, its provider to be named."""
    if claim.state == S.PAID:
        return _("réglés par la CNSS à %(provider)s")
    if claim.state in DECIDED:
        return _("seront réglés par la CNSS à %(provider)s")
    return _("calculés pour %(provider)s, sous réserve de contrôle")


def _headline_for_insured(claim: Claim, order: OrderClaim | None) -> tuple[str, str]:
    """What happened to the money of the insured person, and what to do."""
    account = {"account": order.order.rib[-4:] if order else ""}
    if claim.state == S.PAID:
        then = _("Sur votre compte qui finit par %(account)s.") % account
        return _("vous ont été virés"), then
    if claim.state == S.PAYMENT_FAILED:
        reason = order.order.return_reason if order else ""
        return _("sont revenus de la banque"), told_of(claim, reason)["to_do"]
    if claim.state in DECIDED:
        return _("arrivent au prochain virement"), _("Vous n’avez rien à faire.")
    return _("calculés, sous réserve de contrôle"), _("Vous n’avez rien à faire.")


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
