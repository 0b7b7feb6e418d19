"""What a decision tells besides amounts: what was consumed, and why each amount."""

from dataclasses import replace
from datetime import date

import pytest

from claims.adjudication import Outcome, Rule, adjudicate
from claims.adjudication.decision import ApprovalUse, CeilingUse, FrequencyUse, Step
from claims.adjudication.exchange import facts_from_case
from claims.adjudication.facts import LineKind
from claims.adjudication.invariants import InvariantError, check_decision
from tests.claims.adjudication.builders import LAW, a_case

OPEN = ["2026-01-01", None]


def judged(**given):
    return adjudicate(facts_from_case(a_case(**given), LAW), LAW)


def test_a_consumed_approval_is_named_even_when_the_line_is_denied_later():
    prosthesis = {"letter": "DP", "coefficient": "60", "charged": "750.00"}
    needing = {"act": "D750", "needs_prior_approval": True, "quantity": 2}

    decision = judged(
        prior_approvals=[
            {"act": "D754", "quantity": 5, "valid": OPEN, "id": "first"},
            {"act": "D750", "quantity": 5, "valid": OPEN, "id": "second"},
        ],
        used_before=[{"frequency": "optical_frame", "care_date": "2026-03-01"}],
        lines=[prosthesis | needing | {"frequency": "optical_frame"}, prosthesis],
    )

    assert decision.lines[0].denied
    assert decision.lines[0].approval == ApprovalUse(index=1, id="second", quantity=2)
    assert decision.lines[0].frequency is None
    assert decision.lines[1].approval is None


def test_a_paid_line_tells_what_it_took_of_a_frequency_and_of_a_ceiling():
    decision = judged(
        paid_before=[
            {"ceiling": "dental_prosthesis", "care_date": "2025-05-02", "reimbursed": "2500.00"}
        ],
        lines=[
            {
                "letter": "DP",
                "coefficient": "100",
                "charged": "1250.00",
                "ceiling": "dental_prosthesis",
                "frequency": "optical_frame",
            }
        ],
    )

    assert decision.lines[0].ceiling == CeilingUse("dental_prosthesis", 50_000, 50_000)
    assert decision.lines[0].frequency == FrequencyUse("optical_frame", 0, 1)


def test_the_steps_of_a_line_say_why_the_amount():
    decision = judged(
        illnesses=[{"code": "E11", "rate": "0.90", "valid": OPEN}],
        lines=[{"letter": "Cs", "coefficient": "1", "charged": "250.00", "illness": "E11"}],
    )

    steps = decision.lines[0].steps

    told = [(step.rule, step.sentence, step.reference, step.before, step.after) for step in steps]
    assert told == [
        (Rule.TARIFF, "letter_tariff", "key_letters.Cs.PRIVATE", 0, 15_000),
        (Rule.RATE, "price_capped", "principles.amount", 25_000, 15_000),
        (Rule.RATE, "illness_rate", "rates.long_illness", 0, 9_000),
        (Rule.SHARES, "insured_share", "", 25_000, 11_500),
    ]
    assert steps[2].details == {
        "base_centimes": 15_000,
        "amount_centimes": 13_500,
        "illness": "E11",
    }


def test_a_late_denial_undoes_the_reduction_and_its_step():
    surgery = {"letter": "K", "coefficient": "100", "charged": "2250.00"}

    decision = judged(
        used_before=[{"frequency": "optical_frame", "care_date": "2026-03-01"}],
        lines=[surgery, surgery | {"frequency": "optical_frame"}],
    )

    denied = decision.lines[1]
    assert (denied.tariff, denied.insured_share) == (225_000, 225_000)
    assert [step.rule for step in denied.steps] == [Rule.TARIFF, Rule.FREQUENCY, Rule.SHARES]


def test_a_step_comes_back_from_what_is_stored():
    decision = judged(lines=[{"letter": "C", "coefficient": "1", "charged": "200.00"}])

    for step in decision.lines[0].steps:
        stored = {"rule": str(step.rule), "reason": step.reason or "", "values": step.values}
        assert Step.from_values(reference=step.reference, **stored) == step


def test_the_decision_carries_the_digest_of_the_law():
    assert judged().law_digest == LAW.digest


def test_outcome_denied_when_nothing_is_reimbursed_without_any_denied_line():
    decision = judged(lines=[{"flat_tariff": "0.00", "charged": "10.00"}])

    assert decision.outcome is Outcome.DENIED
    assert not decision.lines[0].denied


def test_what_is_said_of_acts_says_nothing_of_a_medicine():
    case = a_case(lines=[{"charged": "30.00", "base_price": "30.00", "list_rate": "0.70"}] * 2)
    facts = facts_from_case(case, LAW)
    of_acts = {"covered": False, "needs_prior_approval": True, "letter": "K", "coefficient": 100}
    mixed = replace(facts, lines=tuple(line._replace(**of_acts) for line in facts.lines))

    assert adjudicate(mixed, LAW) == adjudicate(facts, LAW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": 0},
        {"charged": 0},
        {"base_price": None},
        {"kind": LineKind.ACT},
        {"provider": "unknown"},
    ],
)
def test_facts_that_cannot_be_judged_are_refused(wrong):
    case = a_case(lines=[{"charged": "30.00", "base_price": "30.00", "list_rate": "0.70"}])
    facts = facts_from_case(case, LAW)

    with pytest.raises(ValueError, match="line 1: "):
        replace(facts, lines=(facts.lines[0]._replace(**wrong),))


def test_facts_without_lines_or_with_a_provider_twice_are_refused():
    facts = facts_from_case(a_case(), LAW)

    with pytest.raises(ValueError, match="at least one line"):
        replace(facts, lines=())
    with pytest.raises(ValueError, match="a provider is given twice"):
        replace(facts, providers=facts.providers * 2)


@pytest.mark.parametrize(
    "broken",
    [
        {"reimbursed": 9_000, "insured_share": -1_000},
        {"reimbursed": 5_599},
        {"reimbursed": 5_599, "insured_share": 2_401},
        {"denied": True},
        {"base": 7_999, "reimbursed": 5_599, "insured_share": 2_401},
        {"tariff": 7_000},
    ],
)
def test_a_decision_that_cannot_be_right_stops_the_engine(broken):
    facts = facts_from_case(a_case(), LAW)
    decision = adjudicate(facts, LAW)
    wrong = decision._replace(lines=(decision.lines[0]._replace(**broken),))

    with pytest.raises(InvariantError, match="the decision is not coherent"):
        check_decision(facts, wrong)


@pytest.mark.parametrize(
    "broken",
    [{"total_charged": 1}, {"total_reimbursed": 1}, {"total_insured_share": 1}, {"lines": ()}],
)
def test_totals_that_are_not_sums_stop_the_engine(broken):
    facts = facts_from_case(a_case(), LAW)

    with pytest.raises(InvariantError, match="the decision is not coherent"):
        check_decision(facts, adjudicate(facts, LAW)._replace(**broken))


def test_every_reference_of_a_step_is_a_parameter_in_force():
    decision = judged(lines=[{"letter": "C", "coefficient": "1", "charged": "200.00"}])

    for step in decision.lines[0].steps:
        assert not step.reference or LAW.at(date(2026, 3, 10)).reference(step.reference)
