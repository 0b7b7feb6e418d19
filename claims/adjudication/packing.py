"""Facts and steps as short text, to be stored by the million and read back exactly.

A packed text is a version mark, then one JSON list; it is ASCII whatever it holds (``packed.py``).
Of facts, what is usual stands by place and what is rare by a one-letter name; defaults are left
out, and days are counted back from the day of receipt. Steps are in ``step_packing.py``.

Every code below is stored: tables grow at their end, and no code ever changes its meaning.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

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
from claims.adjudication.packed import (
    VERSION,
    Items,
    PackingError,
    day_before,
    encode,
    flat,
    nested,
    of_type,
    read,
)
from claims.adjudication.step_packing import pack_steps, unpack_steps
from core.periods import Period

__all__ = ["PackingError", "pack_facts", "pack_steps", "unpack_facts", "unpack_steps"]

_RELATIONS = {Relation.SELF: 0, Relation.SPOUSE: 1, Relation.CHILD: 2}
_SCHEMES = {
    Scheme.SALARIED: 0,
    Scheme.SELF_EMPLOYED: 1,
    Scheme.ACHAMIL: 2,
    Scheme.TADAMON: 3,
    Scheme.PENSIONER: 4,
}
_SECTORS = {Sector.PRIVATE: 0, Sector.PUBLIC: 1}


# Fields of a line beyond kind, quantity, charge, day and provider: name when rare, type.
_FIELDS: Mapping[str, tuple[str, type]] = {
    "illness": ("i", str),
    "ceiling": ("c", str),
    "frequency": ("f", str),
    "flat_tariff": ("t", int),
    "covered": ("v", bool),
    "needs_prior_approval": ("n", bool),
    "act": ("a", str),
    "letter": ("l", str),
    "coefficient": ("k", int),
    "ean": ("e", str),
    "public_price": ("p", int),
    "base_price": ("b", int),
    "list_rate": ("r", int),
}
_FIELD_OF_CODE = {code: field for field, (code, _type) in _FIELDS.items()}
_DEFAULTS: Mapping[str, object] = {"covered": True, "needs_prior_approval": False}


# The fields of each kind that stand by place, at the place of the kind's code; the rest is named.
_KINDS = {LineKind.ACT: 0, LineKind.MEDICINE: 1}
_PRICED = (("act", "letter", "coefficient"), ("ean", "public_price", "base_price", "list_rate"))
# Where the fields above begin in a line.
_FIRST_TERM = LineFacts._fields.index("illness")


def pack_facts(facts: ClaimFacts) -> str:
    """The facts of a claim as ASCII text, equal facts giving equal text."""
    today = facts.received_date.toordinal()
    patient, providers = facts.patient, facts.providers
    born = today - patient.birth_date.toordinal()
    relation, scheme = _RELATIONS[patient.relation], _SCHEMES[facts.scheme]
    rights = flat(_days(facts.rights, today))
    agreed = [
        [each.id, _SECTORS[each.sector], *_days(each.agreements, today)] for each in providers
    ]
    places = {provider.id: place for place, provider in enumerate(providers)}
    lines = [_packed_line(line, places[line.provider], today) for line in facts.lines]
    rare = _rare_of_claim(facts, today)
    rest = f",{encode(rare)}" if rare else ""
    return (
        f"{VERSION}[{today},{born},{relation},{scheme},{rights},[{','.join(map(flat, agreed))}],"
        f"[{','.join(lines)}]{rest}]"
    )


def _packed_line(line: LineFacts, place: int, today: int) -> str:
    days = today - line.care_date.toordinal()
    terms = _terms(line.kind, line[_FIRST_TERM:])
    return f"[{_KINDS[line.kind]},{line.quantity},{line.charged},{days},{place},{terms}]"


@lru_cache(maxsize=10_000)
def _terms(kind: LineKind, values: tuple[Any, ...]) -> str:
    """What the lists say of an act or a medicine, from the illness on: lines by thousands share it."""
    told = dict(zip(LineFacts._fields[_FIRST_TERM:], values, strict=True))
    priced = [told.pop(field) for field in _PRICED[_KINDS[kind]]]
    rare = {
        code: told[field]
        for field, (code, _type) in _FIELDS.items()
        if field in told and told[field] != _DEFAULTS.get(field)
    }
    return flat([*priced, rare] if rare else priced)[1:-1]


def _rare_of_claim(facts: ClaimFacts, today: int) -> dict[str, Any]:
    """What most claims have not, by its one-letter name; empty lists and false flags left out."""
    patient, ended = facts.patient, facts.treatment_end_date
    ids = tuple([line.id for line in facts.lines])
    found: dict[str, Any] = {
        "p": patient.student + 2 * patient.married + 4 * patient.disabled,
        "e": None if ended is None else [today - ended.toordinal()],
        "x": facts.excused,
        "i": facts.illnesses
        and [
            [each.code, each.rate, each.category, *_days((each.valid,), today)]
            for each in facts.illnesses
        ],
        "a": facts.prior_approvals
        and [
            [each.act, each.quantity, each.id, *_days((each.valid,), today)]
            for each in facts.prior_approvals
        ],
        "b": facts.paid_before
        and [
            [paid.ceiling, today - paid.care_date.toordinal(), paid.reimbursed]
            for paid in facts.paid_before
        ],
        "u": facts.used_before
        and [[use.frequency, today - use.care_date.toordinal()] for use in facts.used_before],
        "l": ids if ids != _places(len(ids)) else None,
    }
    return {name: value for name, value in found.items() if value}


@lru_cache(maxsize=1_000)
def _places(count: int) -> tuple[str, ...]:
    """Ids of lines named by their place: "1", "2", "3"..."""
    return tuple([str(place) for place in range(1, count + 1)])


def _days(periods: tuple[Period, ...], today: int) -> list[int | None]:
    """First day and end of each period, counted back; no end at the end is left out."""
    days: list[int | None] = []
    for period in periods:
        days.append(today - period.start.toordinal())
        days.append(None if period.end is None else today - period.end.toordinal())
    if days and days[-1] is None:
        days.pop()
    return days


def unpack_facts(text: str) -> ClaimFacts:
    """The facts ``pack_facts`` was given. Raises PackingError."""
    items = read("facts", text)
    today = items.a(int, "day of receipt")
    received = day_before(today, 0, "facts, day of receipt")
    birth_date = items.day("birth date", today)
    relation = items.one_of("relation", _RELATIONS)
    scheme = items.one_of("scheme", _SCHEMES)
    rights = Items("rights", items.next("rights")).periods("period", today)
    providers = tuple(_provider(each, today) for each in items.lists("provider"))
    lines = items.lists("line")
    rare = {} if items.is_read else items.a(dict, "rest")
    items.end()
    flags = of_type(int, rare.pop("p", 0), "facts, patient")
    ids = of_type(list, rare.pop("l", list(_places(len(lines)))), "facts, ids of lines")
    if len(ids) != len(lines):
        raise PackingError(f"facts: {len(ids)} ids for {len(lines)} lines")
    names = [provider.id for provider in providers]
    try:
        facts = ClaimFacts(
            received_date=received,
            patient=_patient(birth_date, relation, flags),
            scheme=scheme,
            providers=providers,
            lines=tuple(_line(row, id, names, today) for row, id in zip(lines, ids, strict=True)),
            rights=rights,
            treatment_end_date=_ended(rare.pop("e", None), today),
            excused=of_type(bool, rare.pop("x", False), "facts, excused"),
            illnesses=tuple(_illness(each, today) for each in nested(rare.pop("i", []), "illness")),
            prior_approvals=tuple(
                _approval(each, today) for each in nested(rare.pop("a", []), "approval")
            ),
            paid_before=tuple(_paid(each, today) for each in nested(rare.pop("b", []), "payment")),
            used_before=tuple(_used(each, today) for each in nested(rare.pop("u", []), "use")),
        )
    except PackingError:
        raise
    except ValueError as error:
        raise PackingError(f"facts: {error}") from error
    if rare:
        raise PackingError(f"facts: unknown names {', '.join(sorted(rare))}")
    return facts


def _patient(birth_date: date, relation: Relation, flags: int) -> PatientFacts:
    if not 0 <= flags < 8:
        raise PackingError(f"facts, patient: unknown code {flags}")
    return PatientFacts(birth_date, relation, bool(flags & 1), bool(flags & 2), bool(flags & 4))


def _ended(kept: object, today: int) -> date | None:
    if kept is None:
        return None
    items = Items("facts, end of treatment", kept)
    day = items.day("day", today)
    items.end()
    return day


def _provider(row: Items, today: int) -> ProviderFacts:
    id, sector = row.a(str, "id"), row.one_of("sector", _SECTORS)
    return ProviderFacts(id, sector, row.periods("agreement", today))


def _illness(row: Items, today: int) -> IllnessFacts:
    code, rate, category = row.a(str, "code"), row.maybe(int, "rate"), row.maybe(str, "category")
    return IllnessFacts(code, rate, _only_period(row, today), category)


def _approval(row: Items, today: int) -> PriorApprovalFacts:
    act, quantity, id = row.a(str, "act"), row.a(int, "quantity"), row.maybe(str, "id")
    return PriorApprovalFacts(act, quantity, _only_period(row, today), id)


def _only_period(row: Items, today: int) -> Period:
    periods = row.periods("validity", today)
    if len(periods) != 1:
        raise PackingError(f"{row.where}, validity: one period was expected, not {len(periods)}")
    return periods[0]


def _paid(row: Items, today: int) -> PaidBefore:
    paid = PaidBefore(row.a(str, "ceiling"), row.day("day", today), row.a(int, "amount"))
    row.end()
    return paid


def _used(row: Items, today: int) -> UsedBefore:
    used = UsedBefore(row.a(str, "frequency"), row.day("day", today))
    row.end()
    return used


def _line(row: Items, id: object, providers: Sequence[str], today: int) -> LineFacts:
    kind = row.one_of("kind", _KINDS)
    quantity, charged = row.a(int, "quantity"), row.a(int, "charged")
    care_date, place = row.day("day", today), row.a(int, "provider")
    if not 0 <= place < len(providers):
        raise PackingError(f"{row.where}, provider: there is no provider {place}")
    given: dict[str, Any] = {
        field: row.maybe(_FIELDS[field][1], field) for field in _PRICED[_KINDS[kind]]
    }
    for code, value in ({} if row.is_read else row.a(dict, "rest")).items():
        field = _FIELD_OF_CODE.get(code, "")
        if not field or field in given:
            raise PackingError(f"{row.where}: unknown name {code!r}")
        given[field] = of_type(_FIELDS[field][1], value, f"{row.where}, {field}")
    row.end()
    id = of_type(str, id, f"{row.where}, id")
    return LineFacts(id, kind, quantity, charged, care_date, providers[place], **given)
