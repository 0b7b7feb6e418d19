"""What a decision tells besides amounts: what was consumed, and why each amount."""

from datetime import date

from claims.adjudication import Outcome, Rule, adjudicate
from claims.adjudication.decision import ApprovalUse, CeilingUse, FrequencyUse, Step
from claims.adjudication.exchange import facts_from_case
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
    assert dict(steps[2].details) == {
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


def test_every_reference_of_a_step_is_a_parameter_in_force():
    decision = judged(lines=[{"letter": "C", "coefficient": "1", "charged": "200.00"}])

    for step in decision.lines[0].steps:
        assert not step.reference or LAW.at(date(2026, 3, 10)).reference(step.reference)
