"""The exchange format of a case: JSON-shaped dictionaries to facts and back, decisions to JSON.

Standard library only. The format is in docs/adjudication.md, "Exchange format".
"""

from datetime import date
from typing import Any, TypeVar

from claims.adjudication.decision import Decision, LineDecision
from claims.adjudication.facts import (
    ClaimFacts,
    IllnessFacts,
    LineFacts,
    LineKind,
    PaidBefore,
    PatientFacts,
    PriorApprovalFacts,
    ProviderFacts,
    Relation,
    Scheme,
    Sector,
    UsedBefore,
)
from claims.adjudication.law import Law
from claims.adjudication.reading import CaseError, Fields
from core.money import format_dirhams, format_rate
from core.periods import Period

__all__ = ["CaseError", "case_from_facts", "case_id", "decision_to_json", "facts_from_case"]

Json = dict[str, Any]
_T = TypeVar("_T")


def case_id(case: object) -> str | int | None:
    """The id of a case as it is written, None when it cannot be read."""
    value = case.get("id") if isinstance(case, dict) else None
    return value if _is_id(value) else None


def facts_from_case(case: object, law: Law) -> ClaimFacts:
    """Facts of a case of the exchange format.

    The law is asked only for the names of ceilings and frequencies it knows. Raises CaseError,
    whose message names the place, for every malformed case of docs/adjudication.md.
    """
    fields = Fields.of("the case", case)
    fields.require("id", "received_date", "patient", "coverage", "providers", "lines")
    _check_id(fields)
    coverage = Fields.of("'coverage'", fields.content["coverage"])
    coverage.require("scheme")
    providers = _providers(fields)
    return ClaimFacts(
        received_date=_present(fields.day("received_date")),
        treatment_end_date=fields.day("treatment_end_date"),
        excused=fields.flag("excused"),
        patient=_patient(Fields.of("'patient'", fields.content["patient"])),
        scheme=coverage.one_of("scheme", Scheme),
        rights=coverage.periods("rights"),
        illnesses=_illnesses(fields),
        providers=providers,
        prior_approvals=_approvals(fields),
        paid_before=_paid_before(fields, law),
        used_before=_used_before(fields, law),
        lines=_lines(fields, {provider.id for provider in providers}, law),
    )


def _patient(fields: Fields) -> PatientFacts:
    fields.require("birth_date", "relation")
    return PatientFacts(
        birth_date=_present(fields.day("birth_date")),
        relation=fields.one_of("relation", Relation),
        student=fields.flag("student"),
        married=fields.flag("married"),
        disabled=fields.flag("disabled"),
    )


def _providers(fields: Fields) -> tuple[ProviderFacts, ...]:
    named = Fields.of("'providers'", fields.content["providers"]).content
    entries = [(name, Fields.of(f"provider {name!r}", each)) for name, each in named.items()]
    return tuple(
        ProviderFacts(name, each.one_of("sector", Sector), each.periods("agreements"))
        for name, each in entries
    )


def _illnesses(fields: Fields) -> tuple[IllnessFacts, ...]:
    read = [
        (each.text("code"), each.rate("rate"), each.period("valid"), each.text("category"))
        for each in fields.objects("illnesses")
    ]
    return tuple(
        IllnessFacts(code, rate, valid, category)
        for code, rate, valid, category in read
        if code is not None and valid is not None
    )


def _approvals(fields: Fields) -> tuple[PriorApprovalFacts, ...]:
    read = [
        (each.text("act"), each.quantity("quantity"), each.period("valid"), each.text("id"))
        for each in fields.objects("prior_approvals")
    ]
    return tuple(
        PriorApprovalFacts(act, quantity, valid, key)
        for act, quantity, valid, key in read
        if act is not None and quantity is not None and valid is not None
    )


def _paid_before(fields: Fields, law: Law) -> tuple[PaidBefore, ...]:
    read = [
        (each.name_in("ceiling", law.ceiling_names()), each.day("care_date"), each)
        for each in fields.objects("paid_before")
    ]
    return tuple(
        PaidBefore(ceiling, day, each.dirhams("reimbursed") or 0)
        for ceiling, day, each in read
        if ceiling is not None and day is not None
    )


def _used_before(fields: Fields, law: Law) -> tuple[UsedBefore, ...]:
    read = [
        (each.name_in("frequency", law.frequency_names()), each.day("care_date"))
        for each in fields.objects("used_before")
    ]
    return tuple(
        UsedBefore(frequency, day)
        for frequency, day in read
        if frequency is not None and day is not None
    )


def _lines(fields: Fields, providers: set[str], law: Law) -> tuple[LineFacts, ...]:
    lines = fields.objects("lines")
    if not lines:
        raise CaseError("the case has no lines")
    return tuple(_line(line, providers, law) for line in lines)


def _line(fields: Fields, providers: set[str], law: Law) -> LineFacts:
    fields.require("id", "kind", "quantity", "charged", "care_date", "provider")
    _check_id(fields)
    kind = fields.one_of("kind", LineKind)
    _require_price(fields, kind)
    act = {
        "act": fields.text("act"),
        "letter": fields.text("letter"),
        "coefficient": fields.coefficient("coefficient"),
        "flat_tariff": fields.dirhams("flat_tariff"),
        "covered": fields.flag("covered", default=True),
        "needs_prior_approval": fields.flag("needs_prior_approval"),
    }
    medicine = {
        "ean": fields.text("ean"),
        "public_price": fields.dirhams("public_price"),
        "base_price": fields.dirhams("base_price"),
        "list_rate": fields.rate("list_rate"),
    }
    of_its_kind: Json = act if kind is LineKind.ACT else medicine
    return LineFacts(
        id=str(fields.content["id"]),
        kind=kind,
        quantity=_present(fields.quantity("quantity")),
        charged=_charge(fields),
        care_date=_present(fields.day("care_date")),
        provider=_present(fields.name_in("provider", providers)),
        illness=fields.text("illness"),
        ceiling=fields.name_in("ceiling", law.ceiling_names()),
        frequency=fields.name_in("frequency", law.frequency_names()),
        **of_its_kind,
    )


def _require_price(fields: Fields, kind: LineKind) -> None:
    if kind is LineKind.MEDICINE:
        fields.require("base_price", "list_rate")
    elif not fields.has("flat_tariff"):
        fields.require("letter", "coefficient")


def _charge(fields: Fields) -> int:
    charged = _present(fields.dirhams("charged"))
    if charged == 0:
        raise CaseError(f"{fields.where}, 'charged': a charge of zero")
    return charged


def _check_id(fields: Fields) -> None:
    if not _is_id(fields.content["id"]):
        raise CaseError(f"{fields.where}: 'id' must be a text")


def _is_id(value: object) -> bool:
    """A text, or the whole number some programs write in its place. Printed back as written."""
    return (isinstance(value, str) and value != "") or (
        isinstance(value, int) and not isinstance(value, bool)
    )


def _present(value: _T | None) -> _T:
    """What ``require`` has already found."""
    if value is None:
        raise CaseError("a required key is null")
    return value


def case_from_facts(facts: ClaimFacts, id: str) -> Json:
    """The case that ``facts_from_case`` reads back into equal facts, ready for JSON."""
    return {
        "id": id,
        "received_date": facts.received_date.isoformat(),
        "treatment_end_date": _iso(facts.treatment_end_date),
        "excused": facts.excused,
        "patient": {
            "birth_date": facts.patient.birth_date.isoformat(),
            "relation": facts.patient.relation.value,
            "student": facts.patient.student,
            "married": facts.patient.married,
            "disabled": facts.patient.disabled,
        },
        "coverage": {"scheme": facts.scheme.value, "rights": _pairs(facts.rights)},
        "illnesses": [_illness_json(each) for each in facts.illnesses],
        "providers": {
            each.id: {"sector": each.sector.value, "agreements": _pairs(each.agreements)}
            for each in facts.providers
        },
        "prior_approvals": [_approval_json(each) for each in facts.prior_approvals],
        "paid_before": [
            {
                "ceiling": paid.ceiling,
                "care_date": paid.care_date.isoformat(),
                "reimbursed": format_dirhams(paid.reimbursed),
            }
            for paid in facts.paid_before
        ],
        "used_before": [
            {"frequency": use.frequency, "care_date": use.care_date.isoformat()}
            for use in facts.used_before
        ],
        "lines": [_line_json(line) for line in facts.lines],
    }


def decision_to_json(decision: Decision, id: str | int) -> Json:
    """The decision as the exchange format prints it; the same decision gives the same bytes."""
    return {
        "id": id,
        "outcome": decision.outcome.value,
        "needs_review": decision.needs_review,
        "total_charged": format_dirhams(decision.total_charged),
        "total_reimbursed": format_dirhams(decision.total_reimbursed),
        "total_insured_share": format_dirhams(decision.total_insured_share),
        "lines": [_line_decision_json(line) for line in decision.lines],
    }


def _line_decision_json(line: LineDecision) -> Json:
    return {
        "id": line.id,
        "tariff": format_dirhams(line.tariff),
        "base": format_dirhams(line.base),
        "rate": format_rate(line.rate),
        "reimbursed": format_dirhams(line.reimbursed),
        "insured_share": format_dirhams(line.insured_share),
        "reasons": [reason.value for reason in line.reasons],
    }


def _line_json(line: LineFacts) -> Json:
    shared = {
        "id": line.id,
        "kind": line.kind.value,
        "quantity": line.quantity,
        "charged": format_dirhams(line.charged),
        "care_date": line.care_date.isoformat(),
        "provider": line.provider,
        "illness": line.illness,
        "ceiling": line.ceiling,
        "frequency": line.frequency,
    }
    return shared | (_act_json(line) if line.kind is LineKind.ACT else _medicine_json(line))


def _act_json(line: LineFacts) -> Json:
    return {
        "act": line.act,
        "letter": line.letter,
        "coefficient": None if line.coefficient is None else _coefficient(line.coefficient),
        "flat_tariff": _dirhams(line.flat_tariff),
        "covered": line.covered,
        "needs_prior_approval": line.needs_prior_approval,
    }


def _medicine_json(line: LineFacts) -> Json:
    return {
        "ean": line.ean,
        "public_price": _dirhams(line.public_price),
        "base_price": _dirhams(line.base_price),
        "list_rate": None if line.list_rate is None else format_rate(line.list_rate),
    }


def _illness_json(illness: IllnessFacts) -> Json:
    return {
        "code": illness.code,
        "category": illness.category,
        "rate": None if illness.rate is None else format_rate(illness.rate),
        "valid": _pair(illness.valid),
    }


def _approval_json(approval: PriorApprovalFacts) -> Json:
    return {
        "id": approval.id,
        "act": approval.act,
        "quantity": approval.quantity,
        "valid": _pair(approval.valid),
    }


def _pairs(periods: tuple[Period, ...]) -> list[list[str | None]]:
    return [_pair(period) for period in periods]


def _pair(period: Period) -> list[str | None]:
    return [period.start.isoformat(), _iso(period.end)]


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _dirhams(centimes: int | None) -> str | None:
    return None if centimes is None else format_dirhams(centimes)


def _coefficient(hundredths: int) -> str:
    """Shortest writing: 150 gives "1.5", 8000 gives "80"."""
    return format_dirhams(hundredths).rstrip("0").rstrip(".")
