"""A decision's lines in both languages, as the API says them: on the server and on a device alike.

Standard library only.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from claims.adjudication.decision import LineDecision, Step
from claims.adjudication.law import Law, NoLawInForce
from claims.adjudication.parameters import TO_BE_CONFIRMED
from claims.adjudication.reasons import Reason
from claims.adjudication.wording import Language, render_step, render_title
from core.money import format_dirhams, format_rate

Json = dict[str, Any]
UNCONFIRMED = {"fr": "référence à confirmer", "ar": "مرجع ينتظر التأكيد"}


def told_line(judged: LineDecision, law: Law, care_date: date) -> Json:
    """The figures of a line, its reasons and its steps; money in dirhams."""
    return {
        "charged": format_dirhams(judged.charged),
        "tariff": format_dirhams(judged.tariff),
        "base": format_dirhams(judged.base),
        "rate": format_rate(judged.rate),
        "reimbursed": format_dirhams(judged.reimbursed),
        "insured_share": format_dirhams(judged.insured_share),
        "reasons": [_reason(reason, judged.steps) for reason in judged.reasons],
        "steps": [_step(step, law, care_date) for step in judged.steps],
    }


def _reason(reason: Reason, steps: Sequence[Step]) -> Json:
    """A reason with the sentence of the step that gave it, figures included."""
    title = {each.value: render_title(reason, each) for each in Language}
    step = next((step for step in steps if step.reason == reason), None)
    message = _sentence(step) if step else title
    return {"code": reason.value, "title": title, "message": message}


def _step(step: Step, law: Law, day: date) -> Json:
    return {
        "rule": step.rule.value,
        "sentence": _sentence(step),
        "reference": _reference(step.reference, law, day),
    }


def _sentence(step: Step) -> dict[str, str]:
    return {each.value: render_step(step, each) for each in Language}


def _reference(key: str, law: Law, day: date) -> dict[str, str] | None:
    """The text of the law a step rests on; arithmetic has none."""
    if not key:
        return None
    try:
        text = law.at(day).reference(key)
    except NoLawInForce:
        return None
    return UNCONFIRMED if text == TO_BE_CONFIRMED else {"fr": text, "ar": text}
