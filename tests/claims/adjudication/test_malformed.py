"""Exchange format: what is malformed, what is not, and how a file goes on after a bad line."""

import json

import pytest

from claims.adjudication.batch import judge_case, judge_line, judge_lines
from claims.adjudication.exchange import CaseError, facts_from_case
from tests.claims.adjudication.builders import LAW, a_case

PERIOD = ["2020-01-01", None]
ACT = {"letter": "C", "coefficient": "1", "charged": "80.00"}
MEDICINE = {"base_price": "60.00", "list_rate": "0.70", "charged": "60.00"}


def without(content, key):
    return {name: value for name, value in content.items() if name != key}


def with_line(**changes):
    return a_case(lines=[{**ACT, **changes}])


def with_medicine(**changes):
    return a_case(lines=[{**MEDICINE, **changes}])


def line_without(key):
    case = a_case()
    case["lines"] = [without(case["lines"][0], key)]
    return case


NOT_CASES = [None, [], "text", 3, True, [a_case()]]
MISSING = [
    *(without(a_case(), key) for key in ("id", "received_date", "patient", "coverage")),
    *(without(a_case(), key) for key in ("providers", "lines")),
    a_case() | {"id": None},
    a_case() | {"id": ""},
    a_case() | {"id": True},
    a_case() | {"id": ["x"]},
    a_case() | {"received_date": None},
    a_case() | {"patient": {"relation": "self"}},
    a_case() | {"patient": {"birth_date": "1980-01-01"}},
    a_case() | {"patient": {"birth_date": None, "relation": "self"}},
    a_case() | {"patient": "self"},
    a_case() | {"coverage": {"rights": [PERIOD]}},
    a_case() | {"coverage": []},
    a_case() | {"lines": []},
    a_case() | {"lines": None},
    a_case() | {"lines": {}},
    a_case() | {"lines": ["1"]},
    a_case() | {"providers": None},
    a_case() | {"providers": {}},
    a_case() | {"providers": [{"sector": "PRIVATE"}]},
    a_case() | {"providers": {"P": "PRIVATE"}},
    *(line_without(key) for key in ("id", "kind", "quantity", "charged", "care_date", "provider")),
    with_line(id=None),
    with_line(kind=None),
    with_line(provider=None),
    with_line(letter=None),
    with_line(coefficient=None),
    a_case(lines=[without(MEDICINE, "list_rate")]),
    with_medicine(kind="ACT"),
    with_medicine(kind="MEDICINE", base_price=None),
    with_line(kind="MEDICINE"),
]
UNKNOWN = [
    with_line(provider="Q"),
    with_line(provider=1),
    with_line(kind="STAY"),
    with_line(kind="act"),
    with_line(kind=["ACT"]),
    with_line(ceiling="teeth"),
    with_line(ceiling=""),
    with_line(frequency="glasses"),
    with_line(frequency=["optical_frame"]),
    a_case(coverage={"scheme": "CNOPS", "rights": [PERIOD]}),
    a_case(coverage={"scheme": "salaried", "rights": [PERIOD]}),
    a_case(coverage={"scheme": {}, "rights": [PERIOD]}),
    a_case(patient={"birth_date": "1980-01-01", "relation": "CHILD"}),
    a_case(providers={"P": {"sector": "CHU", "agreements": [PERIOD]}}),
    a_case(providers={"P": {"agreements": [PERIOD]}}),
    a_case(paid_before=[{"ceiling": "x", "care_date": "2025-01-01", "reimbursed": "1.00"}]),
    a_case(used_before=[{"frequency": "x", "care_date": "2025-01-01"}]),
]
QUANTITIES = [
    *(with_line(quantity=wrong) for wrong in (0, -1, 1.5, 1.0, "1", True, False, [1], 10**200)),
    a_case(prior_approvals=[{"act": "C", "quantity": 0, "valid": PERIOD}]),
    a_case(prior_approvals=[{"act": "C", "quantity": 1.5, "valid": PERIOD}]),
]
NOT_MONEY = ["80", "80.0", "80.000", "+80.00", "-80.00", " 80.00", "80,00", "8e1", "", "٨٠.٠٠", "x"]
MONEY = [
    *(with_line(charged=wrong) for wrong in [*NOT_MONEY, 80, 80.0, True, ["80.00"], "9" * 5000]),
    with_line(charged="0.00"),
    with_line(charged="000.00"),
    *(with_line(flat_tariff=wrong) for wrong in ("5", 5, "-5.00")),
    *(with_medicine(base_price=wrong) for wrong in ("60", 60, "-1.00")),
    with_medicine(public_price="75"),
    a_case(
        paid_before=[{"ceiling": "dental_prosthesis", "care_date": "2025-01-01", "reimbursed": "1"}]
    ),
]
NOT_RATES = ["1.01", "1.0001", "2", "-0.70", "70%", "", 0.7, 1, True, "0.77777"]
RATES = [
    *(with_medicine(list_rate=wrong) for wrong in NOT_RATES),
    *(a_case(illnesses=[{"code": "E11", "rate": wrong, "valid": PERIOD}]) for wrong in NOT_RATES),
    *(with_line(coefficient=wrong) for wrong in ("-1", "x", "", 1, 1.5, "1,5", "1.125", "²")),
]
NOT_DAYS = ["2026-02-29", "2026-13-01", "0000-01-01", "20260310", "2026-3-1", "2026-W10-2", "", 5]
DAYS = [
    *(a_case() | {"received_date": wrong} for wrong in NOT_DAYS),
    *(with_line(care_date=wrong) for wrong in [*NOT_DAYS, "2026-03-10T00:00:00", "٢٠٢٦-٠٣-١٠"]),
    a_case() | {"treatment_end_date": "2026-02-30"},
    a_case(patient={"birth_date": "1980-02-30", "relation": "self"}),
    a_case(coverage={"scheme": "SALARIED", "rights": [["2026-02-30", None]]}),
    a_case(coverage={"scheme": "SALARIED", "rights": [["2026-01-01"]]}),
    a_case(coverage={"scheme": "SALARIED", "rights": [[None, None]]}),
    a_case(coverage={"scheme": "SALARIED", "rights": {"start": "2026-01-01"}}),
    a_case(coverage={"scheme": "SALARIED", "rights": ["2026-01-01", None]}),
    a_case(providers={"P": {"sector": "PRIVATE", "agreements": [["2026-04-31", None]]}}),
    a_case(prior_approvals=[{"act": "C", "quantity": 1, "valid": ["2026-01-01", "2026-06-31"]}]),
    a_case(used_before=[{"frequency": "optical_frame", "care_date": "2026-02-30"}]),
]
TYPES = [
    a_case() | {"excused": "true"},
    a_case() | {"excused": 1},
    a_case(patient={"birth_date": "1980-01-01", "relation": "self", "student": "no"}),
    with_line(covered="false"),
    with_line(needs_prior_approval=1),
    with_line(illness=11),
    with_line(letter=3),
    with_line(act=["C"]),
    a_case() | {"illnesses": "E11"},
    a_case() | {"illnesses": ["E11"]},
    a_case() | {"prior_approvals": {}},
]
MALFORMED = [*NOT_CASES, *MISSING, *UNKNOWN, *QUANTITIES, *MONEY, *RATES, *DAYS, *TYPES]


@pytest.mark.parametrize("case", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_case_is_refused_with_a_sentence(case):
    with pytest.raises(CaseError) as refusal:
        facts_from_case(case, LAW)

    assert 5 < len(str(refusal.value)) < 500


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (with_line(charged="80"), "'lines' 1, 'charged': '80' is not an amount in dirhams"),
        (with_line(care_date="2026-02-30"), "'care_date': '2026-02-30' is an impossible date"),
        (with_line(provider="Q"), "unknown provider 'Q'"),
        (line_without("quantity"), "the case, 'lines' 1 has no 'quantity'"),
        (a_case() | {"lines": []}, "the case has no lines"),
        (with_line(charged="0.00"), "a charge of zero"),
    ],
)
def test_the_sentence_says_where_and_what(case, said):
    with pytest.raises(CaseError) as refusal:
        facts_from_case(case, LAW)

    assert said in str(refusal.value)


@pytest.mark.parametrize(
    "case",
    [
        a_case() | {"expect": {"any": 1.5}, "future": None},
        a_case() | {"illnesses": None, "prior_approvals": None, "treatment_end_date": None},
        a_case() | {"excused": None, "paid_before": None, "used_before": None},
        with_line(covered=None, needs_prior_approval=None, ceiling=None, frequency=None),
        with_line(letter=None, coefficient=None, flat_tariff="80.00"),
        with_line(charged="0080.00"),
        with_line(unit_price=7.5),
        a_case(coverage={"scheme": "SALARIED", "rights": [["2020-01-01", "9999-12-31"]]}),
        a_case() | {"lines": a_case()["lines"] * 2},
    ],
)
def test_what_the_page_does_not_call_malformed_is_judged(case):
    assert judge_case(case, LAW)["lines"][0]["reimbursed"] == "56.00"


def test_ids_are_printed_as_the_case_wrote_them():
    case = a_case() | {"id": 12}
    case["lines"][0]["id"] = 1

    decision = judge_case(case, LAW)

    assert (decision["id"], decision["lines"][0]["id"]) == (12, 1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"", "not JSON"),
        (b"\n", "not JSON"),
        (b"{", "not JSON"),
        (b'{"id": "x"} trailing', "not JSON"),
        (b'{"id": "x", "more": NaN}', "NaN is not a JSON value"),
        (b'{"id": "x", "more": -Infinity}', "-Infinity is not a JSON value"),
        (b'{"id": "x", "id": "y"}', "'id' is given twice"),
        (b'{"id": "caf\xe9"}', "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"id": ' + b"9" * 5000 + b"}", "not JSON"),
        (b"[]", "the case is not an object"),
        (b"7", "the case is not an object"),
    ],
)
def test_an_unreadable_line_answers_with_a_null_id(line, said):
    answer = judge_line(line, LAW)

    assert answer["id"] is None
    assert said in answer["error"]
    assert set(answer) == {"id", "error"}


def test_a_malformed_case_keeps_its_id():
    line = json.dumps(with_line(charged="80") | {"id": "bad"}).encode()

    assert judge_line(line, LAW)["id"] == "bad"


def test_a_bad_line_does_not_stop_the_others():
    good = json.dumps(a_case()).encode() + b"\r\n"
    first = b"\xef\xbb\xbf" + good

    answers = list(judge_lines([first, b"oops\n", good], LAW))

    assert [well_formed for _answer, well_formed in answers] == [True, False, True]
    assert answers[0] == answers[2]


def test_a_strange_id_can_always_be_printed():
    line = b'{"id": "\\ud800", "lines": 3}'

    [(answer, well_formed)] = judge_lines([line], LAW)

    assert not well_formed
    assert answer.isascii()


def test_days_at_the_end_of_the_calendar_are_judged():
    case = with_line(care_date="9999-12-31", frequency="optical_frame", ceiling="dental_prosthesis")
    case |= {
        "received_date": "9999-12-31",
        "treatment_end_date": "9999-12-31",
        "patient": {"birth_date": "9990-01-01", "relation": "child"},
    }

    assert judge_case(case, LAW)["outcome"] == "approved"
