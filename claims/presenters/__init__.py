"""Claims, decisions and rights as the API says them: codes and integers become sentences here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from claims import selectors
from claims.adjudication import Decision, LineDecision, Outcome, Reason, Step
from claims.adjudication.exchange import case_from_facts
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.telling import told_line
from claims.adjudication.wording import Language, render_title
from claims.models import Act, Claim, ClaimLine
from claims.models import Decision as StoredDecision
from claims.presenters.shown import shown_output
from claims.selectors import StoredStep
from claims.services import AlreadyOnPaper, Receipt, RightsAnswer
from claims.states import ClaimState
from core import seal
from core.languages import Bilingual, in_both_languages
from core.money import format_dirhams, format_rate
from core.periods import Period
from insured.models import LongTermIllness, Person, Scheme
from insured.selectors import illness_names_ar
from prescriptions.presenters import patient_output
from providers.presenters import provider_output

Json = dict[str, Any]
KNOWN_TYPE = "waraqa/known-facts"


def state_output(claim: Claim) -> Json:
    """A state with its label in both languages."""
    return {"code": claim.state, "label": in_both_languages(ClaimState(claim.state).label)}


def claim_output(claim: Claim) -> Json:
    """A claim as a list shows it."""
    return {
        "id": str(claim.pk),
        "fse_number": claim.sheet.fse_number,
        "kind": claim.kind,
        "state": state_output(claim),
        "provider": provider_output(claim.provider),
        "patient": patient_output(claim.patient),
        "third_party_payment": claim.third_party_payment,
        "received_at": claim.received_at.isoformat(),
        "received_date": claim.received_date.isoformat(),
        "document_hash": claim.signed.document_hash,
        "excuse": _excuse(claim),
        "notice": _notice(claim),
        "outcome": claim.outcome or None,
        "charged": format_dirhams(claim.charged_centimes),
        "reimbursed": format_dirhams(claim.reimbursed_centimes),
        "insured_share": format_dirhams(claim.insured_share_centimes),
    }


def _notice(claim: Claim) -> Json | None:
    """That the claim was made of a paper sheet, which is also what its electronic twin is answered; or
    null."""
    if not claim.is_from_paper:
        return None
    return {
        "code": AlreadyOnPaper.code,
        "message": in_both_languages(AlreadyOnPaper.message),
    }


def _excuse(claim: Claim) -> Json | None:
    """Why a claim filed late was judged as in time, or null."""
    if not claim.excuse:
        return None
    message = in_both_languages(
        _("Déposé après le délai, et pris en compte : la panne déclarée %(outage)s l’a prolongé."),
        {"outage": claim.excuse},
    )
    return {"outage": claim.excuse, "message": message}


def judged_claim_output(
    claim: Claim, decision: StoredDecision | None, steps: Iterable[StoredStep]
) -> Json:
    """A claim with its current decision: the receipt of a submission, and the claim's own page."""
    if decision is None:
        return {**claim_output(claim), "as_shown": None, "decision": None}
    rows = sorted(decision.lines.all(), key=lambda row: row.position)
    judged = decision_from_rows(decision, steps)
    return {
        **claim_output(claim),
        "as_shown": shown_output(claim, selectors.shown_of(claim)),
        "decision": decision_output(judged, [row.line for row in rows]),
    }


def receipt_output(receipt: Receipt) -> Json:
    """A claim just judged, out of memory: word for word what reading it back gives."""
    decision = receipt.decision
    judged = decision and decision_output(decision, receipt.lines)
    as_shown = shown_output(receipt.claim, receipt.shown)
    return {**claim_output(receipt.claim), "as_shown": as_shown, "decision": judged}


def decision_from_rows(decision: StoredDecision, steps: Iterable[StoredStep]) -> Decision:
    """The engine's decision again, from what was stored of it."""
    by_position: dict[int, list[Step]] = {}
    for step in steps:
        by_position.setdefault(step.line_position, []).append(
            Step.from_values(
                rule=step.rule, reason=step.reason, reference=step.reference, values=step.values
            )
        )
    rows = sorted(decision.lines.all(), key=lambda row: row.position)
    return Decision(
        outcome=Outcome(decision.outcome),
        needs_review=decision.needs_review,
        total_charged=decision.charged_centimes,
        total_reimbursed=decision.reimbursed_centimes,
        total_insured_share=decision.insured_share_centimes,
        lines=tuple(
            LineDecision(
                id=str(row.position),
                denied=row.is_denied,
                charged=row.line.charged_centimes,
                tariff=row.tariff_centimes,
                base=row.base_centimes,
                rate=row.rate_bp,
                reimbursed=row.reimbursed_centimes,
                insured_share=row.insured_share_centimes,
                reasons=tuple(Reason(code) for code in row.reasons),
                steps=tuple(by_position.get(row.position, ())),
            )
            for row in rows
        ),
        law_digest=decision.law_digest,
    )


def decision_output(decision: Decision, lines: Sequence[ClaimLine]) -> Json:
    """A decision with the lines it judged, in the same order; money in dirhams."""
    return {
        "outcome": decision.outcome.value,
        "needs_review": decision.needs_review,
        "total_charged": format_dirhams(decision.total_charged),
        "total_reimbursed": format_dirhams(decision.total_reimbursed),
        "total_insured_share": format_dirhams(decision.total_insured_share),
        "lines": [_line(judged, line) for judged, line in zip(decision.lines, lines, strict=True)],
    }


def _line(judged: LineDecision, line: ClaimLine) -> Json:
    return {
        "position": line.position,
        "label": line_label(line),
        "code": line.act.code if line.act else line.medicine.ean if line.medicine else "",
        "quantity": line.quantity,
        "care_date": line.care_date.isoformat(),
        **told_line(judged, selectors.law(), line.care_date),
    }


def line_label(line: ClaimLine) -> Bilingual:
    """What a line asks for; medicines have one name."""
    if line.act is not None:
        return act_label(line.act)
    label = line.medicine.label if line.medicine else ""
    return Bilingual(fr=label, ar=label)


def act_label(act: Act) -> Bilingual:
    """What an act is called; the official French where no Arabic was published."""
    french = act.label or act.code
    return Bilingual(fr=french, ar=act.label_ar or french)


def known_output(facts: ClaimFacts, *, person: UUID) -> Json:
    """What a device may keep of a patient: the exchange format's own members, and the provider's.

    Sealed by the server, so that amounts shown with it later are known to be those of true facts.
    """
    case = case_from_facts(facts, "known")
    ((inpe, provider),) = case["providers"].items()
    kept = ("patient", "coverage", "illnesses", "prior_approvals", "paid_before", "used_before")
    return seal.seal(
        {
            "type": KNOWN_TYPE,
            "person": str(person),
            "seen_on": case["received_date"],
            "provider": {"inpe": inpe, **provider},
            **{name: case[name] for name in kept},
        }
    )


def act_output(act: Act, *, sector: str, day: date) -> Json:
    """An act with its tariff in a sector on a day, null without one."""
    tariff = selectors.tariff_on(act, sector=sector, day=day)
    return {
        "code": act.code,
        "label": act_label(act),
        "letter": act.letter or None,
        "coefficient": _coefficient(act.coefficient_hundredths),
        "tariff": None if tariff is None else format_dirhams(tariff),
        "covered": act.covered,
        "needs_prior_approval": act.needs_prior_approval,
    }


def _coefficient(hundredths: int | None) -> str | None:
    return None if hundredths is None else format_dirhams(hundredths).rstrip("0").rstrip(".")


def household_output(answers: Sequence[RightsAnswer]) -> list[Json]:
    """The persons of a household: rights of each on the day asked, and long illnesses."""
    granted = [illness for answer in answers for illness in answer.illnesses]
    names_ar = illness_names_ar(illness.code for illness in granted)
    return [_covered_person(answer, names_ar) for answer in answers]


def _covered_person(answer: RightsAnswer, names_ar: Mapping[str, str]) -> Json:
    person = answer.person
    return {
        **patient_output(person),
        "relation": {
            "code": person.relation,
            "label": in_both_languages(Person.Relation(person.relation).label),
        },
        "rights": _rights(answer),
        "illnesses": [_illness(illness, names_ar) for illness in answer.illnesses],
    }


def _rights(answer: RightsAnswer) -> Json:
    entitlement, reason = answer.entitlement, answer.reason
    period = _period(entitlement.period) if entitlement else None
    return {
        "open": answer.covered,
        "scheme": {
            "code": entitlement.scheme,
            "label": in_both_languages(Scheme(entitlement.scheme).label),
        }
        if entitlement
        else None,
        "since": period.start.isoformat() if period else None,
        "until": period.last_day.isoformat() if period and period.last_day else None,
        "reason_code": reason.value if reason else None,
        "reason": Bilingual(
            fr=render_title(reason, Language.FRENCH), ar=render_title(reason, Language.ARABIC)
        )
        if reason
        else None,
    }


def illness_label(illness: LongTermIllness, names_ar: Mapping[str, str]) -> Bilingual:
    """What a granted illness is called; as granted, in French, where no Arabic was published."""
    return Bilingual(fr=illness.label, ar=names_ar.get(illness.code, illness.label))


def _illness(illness: LongTermIllness, names_ar: Mapping[str, str]) -> Json:
    period = _period(illness.period)
    return {
        "code": illness.code,
        "label": illness_label(illness, names_ar),
        "category": illness.category,
        "rate": format_rate(illness.rate_bp),
        "since": period.start.isoformat(),
        "until": period.last_day.isoformat() if period.last_day else None,
    }


def _period(value: Any) -> Period:
    return Period(value.lower or date.min, value.upper)
