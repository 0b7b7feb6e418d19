"""What a device estimates with no network, from what it last knew: the very engine, on cached facts.

Standard library only. A question holds a draft (its lines), the provider, what the server last said of
the patient (`claims.services.known_facts`) or null, and the rows of the pack that the lines name. What
had to be taken for granted is told by code, never hidden:

``RIGHTS_AS_SEEN``    rights, illnesses, ceilings and approvals are those of ``seen_on``
``RIGHTS_ASSUMED``    nothing is known of the patient: open rights, ordinary rates, nothing used before
``PROVIDER_ASSUMED``  nothing is known of the provider: private and under agreement
"""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from claims.adjudication.engine import adjudicate
from claims.adjudication.exchange import facts_from_case
from claims.adjudication.law import Law
from claims.adjudication.reading import CaseError
from claims.adjudication.telling import told_line
from core.money import format_dirhams

Json = dict[str, Any]
_ALWAYS = [["0001-01-01", None]]
_UNKNOWN_PATIENT: Json = {
    "patient": {"birth_date": "1970-01-01", "relation": "self"},
    "coverage": {"scheme": "SALARIED", "rights": _ALWAYS},
}
_OF_AN_ACT = ("letter", "coefficient", "flat_tariff", "covered", "needs_prior_approval")
_ALSO_OF_AN_ACT = ("ceiling", "frequency")
_OF_A_MEDICINE = ("public_price", "base_price", "list_rate")


def estimate_text(text: str, law: Law) -> str:
    """The estimate of a question written as JSON, as JSON. Raises CaseError, NoLawInForce."""
    return json.dumps(estimate(json.loads(text), law), ensure_ascii=False)


def estimate(question: Json, law: Law) -> Json:
    """What POST estimates would answer, with ``assumed`` and ``seen_on``.

    Raises CaseError (an act or a medicine that the pack has not on its day), NoLawInForce.
    """
    case = case_of(question)
    facts = facts_from_case(case, law)
    decision = adjudicate(facts, law)
    lines = [
        {
            "position": line["position"],
            "label": _label(line, question),
            "code": line.get("act") or line["ean"],
            "quantity": line["quantity"],
            "care_date": line["care_date"],
            **told_line(judged, law, date.fromisoformat(line["care_date"])),
        }
        for line, judged in zip(question["lines"], decision.lines, strict=True)
    ]
    return {
        "outcome": decision.outcome.value,
        "needs_review": decision.needs_review,
        "total_charged": format_dirhams(decision.total_charged),
        "total_reimbursed": format_dirhams(decision.total_reimbursed),
        "total_insured_share": format_dirhams(decision.total_insured_share),
        "lines": lines,
        "assumed": _assumed(question),
        "seen_on": (question.get("known") or {}).get("seen_on"),
    }


def case_of(question: Json) -> Json:
    """The case of the exchange format that a question asks. Raises CaseError."""
    known = question.get("known") or _UNKNOWN_PATIENT
    provider = _provider(question)
    agreements = provider.get("agreements")
    return {
        **{name: each for name, each in known.items() if name not in ("seen_on", "provider")},
        "id": "estimate",
        "received_date": question["received_date"],
        "treatment_end_date": question.get("treatment_end_date"),
        "providers": {
            provider["inpe"]: {
                "sector": provider.get("sector") or "PRIVATE",
                "agreements": _ALWAYS if agreements is None else agreements,
            }
        },
        "lines": [_line(line, question) for line in question["lines"]],
    }


def _provider(question: Json) -> Json:
    """The provider as the draft names it, or as it was last seen with the patient."""
    named: Json = question["provider"]
    seen: Json = (question.get("known") or {}).get("provider") or {}
    return seen if named.get("agreements") is None and seen.get("inpe") == named["inpe"] else named


def _assumed(question: Json) -> list[str]:
    patient = "RIGHTS_AS_SEEN" if question.get("known") else "RIGHTS_ASSUMED"
    is_known = _provider(question).get("agreements") is not None
    return [patient] if is_known else [patient, "PROVIDER_ASSUMED"]


def _line(line: Json, question: Json) -> Json:
    shared = {
        "id": str(line["position"]),
        "quantity": line["quantity"],
        "charged": line["charged"],
        "care_date": line["care_date"],
        "provider": question["provider"]["inpe"],
        "illness": line.get("illness"),
    }
    if line.get("act"):
        row = _act(line, question)
        told = {name: row[name] for name in (*_OF_AN_ACT, *_ALSO_OF_AN_ACT)}
        return {**shared, "kind": "ACT", "act": line["act"], **told}
    price = _on((_medicine(line, question) or {}).get("prices", ()), line["care_date"])
    if price is None:
        raise CaseError(f"line {line['position']}: no price of {line['ean']} on that day")
    told = {name: price[name] for name in _OF_A_MEDICINE}
    return {**shared, "kind": "MEDICINE", "ean": line["ean"], **told}


def _act(line: Json, question: Json) -> Json:
    row = _on(question["acts"].get(line["act"], ()), line["care_date"])
    if row is None:
        raise CaseError(f"line {line['position']}: no act {line['act']} on that day")
    return row


def _medicine(line: Json, question: Json) -> Json | None:
    found: Json | None = question["medicines"].get(line["ean"])
    return found


def _on(versions: Iterable[Json], day: str) -> Json | None:
    """The version in force on a day; ISO days compare as they are written."""
    for each in versions:
        first, end = each["valid"]
        if (first is None or first <= day) and (end is None or day < end):
            return each
    return None


def _label(line: Json, question: Json) -> dict[str, str]:
    if line.get("act"):
        row = _act(line, question)
        french = row["label"] or row["act"]
        return {"fr": french, "ar": row["label_ar"] or french}
    row = _medicine(line, question) or {}
    dose = f"{row['strength']} {row['strength_unit']}".strip()
    name = row["name"]
    named = name if not dose or dose.split()[0] in name else f"{name} {dose}"
    label = ", ".join(
        part for part in (named, row["form"].lower(), row["presentation"].lower()) if part
    )
    return {"fr": label, "ar": label}
