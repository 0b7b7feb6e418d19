"""What is always true of a decision, whatever the case (docs/adjudication.md, "Guarantees")."""

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from claims.adjudication import Law, Outcome, Reason, adjudicate
from claims.adjudication.exchange import case_from_facts, facts_from_case
from core.money import format_rate, parse_rate
from tests.claims.adjudication.builders import LAW
from tests.claims.adjudication.random_cases import CaseMaker

# Hypothesis draws the seed: a failure names it, and draws nothing that cannot be judged.
CASES = st.integers(min_value=0, max_value=10**9).map(lambda seed: CaseMaker(seed).case(seed))
EXAMPLES = settings(max_examples=200, deadline=None)
CUT = {Reason.SECOND_ACT_HALVED, Reason.CEILING_REACHED}


def judged(case, law=LAW):
    return adjudicate(facts_from_case(case, law), law)


@EXAMPLES
@given(CASES)
def test_amounts_stay_in_order_and_shares_sum(case):
    decision = judged(case)

    for line in decision.lines:
        assert line.reimbursed + line.insured_share == line.charged
        if line.denied:
            assert (line.base, line.rate, line.reimbursed) == (0, 0, 0)
            assert len(line.reasons) == 1
        else:
            assert 0 <= line.reimbursed <= line.base <= line.charged
            assert line.base == line.charged or line.reasons
    assert decision.total_reimbursed == sum(line.reimbursed for line in decision.lines)
    assert decision.total_charged == sum(line.charged for line in decision.lines)
    assert decision.total_charged == decision.total_reimbursed + decision.total_insured_share


@EXAMPLES
@given(CASES)
def test_the_outcome_follows_from_the_lines(case):
    decision = judged(case)

    touched = any(line.denied or CUT & set(line.reasons) for line in decision.lines)
    if decision.total_reimbursed == 0:
        assert decision.outcome is Outcome.DENIED
    else:
        expected = Outcome.PARTLY_APPROVED if touched else Outcome.APPROVED
        assert decision.outcome is expected
    assert decision.needs_review is any(Reason.NO_TARIFF in line.reasons for line in decision.lines)


@EXAMPLES
@given(CASES)
def test_reasons_and_steps_stand_in_the_order_of_the_page(case):
    order = list(Reason)
    for line in judged(case).lines:
        assert list(line.reasons) == sorted(line.reasons, key=order.index)
        numbers = [step.rule.number for step in line.steps]
        assert numbers == sorted(numbers)
        assert tuple(step.reason for step in line.steps if step.reason) == line.reasons


@EXAMPLES
@given(CASES)
def test_facts_come_back_from_the_case_they_print(case):
    facts = facts_from_case(case, LAW)
    printed = json.loads(json.dumps(case_from_facts(facts, case["id"])))

    assert facts_from_case(printed, LAW) == facts
    assert case_from_facts(facts_from_case(printed, LAW), case["id"]) == printed


@EXAMPLES
@given(CASES, st.integers(min_value=1, max_value=3000))
def test_a_higher_rate_never_pays_less(case, more):
    better = copy.deepcopy(case)
    for illness in better["illnesses"] or []:
        illness["rate"] = format_rate(min(10_000, parse_rate(illness["rate"]) + more))
    for line in better["lines"]:
        # From zero the medicine would become covered: more rights, not a higher rate.
        if line["kind"] == "MEDICINE" and line["list_rate"] != "0.00":
            line["list_rate"] = format_rate(min(10_000, parse_rate(line["list_rate"]) + more))

    assert judged(better).total_reimbursed >= judged(case).total_reimbursed


@EXAMPLES
@given(CASES, st.integers(min_value=1, max_value=400_000))
def test_a_higher_ceiling_never_pays_less(case, more):
    content = copy.deepcopy(LAW.to_dict())
    for value in content["parameters"]["ceilings.dental_prosthesis"]["values"]:
        value["value"]["amount"] += more

    higher = judged(case, Law.from_dict(content))

    assert higher.total_reimbursed >= judged(case).total_reimbursed


@EXAMPLES
@given(CASES)
def test_more_rights_never_pay_less_where_nothing_is_used_up(case):
    for line in case["lines"]:
        line |= {"ceiling": None, "frequency": None, "needs_prior_approval": False, "quantity": 2}
    entitled = copy.deepcopy(case)
    entitled["coverage"]["rights"] = [["1900-01-01", None]]
    entitled["excused"] = True

    before, after = judged(case), judged(entitled)

    for less, more in zip(before.lines, after.lines, strict=True):
        assert more.reimbursed >= less.reimbursed


@EXAMPLES
@given(CASES, st.randoms())
def test_the_order_of_lines_does_not_matter_where_nothing_is_used_up(case, random):
    for line in case["lines"]:
        line |= {"ceiling": None, "frequency": None, "needs_prior_approval": False, "quantity": 2}
    shuffled = copy.deepcopy(case)
    random.shuffle(shuffled["lines"])

    by_id = {line.id: line for line in judged(shuffled).lines}

    assert all(by_id[line.id] == line for line in judged(case).lines)
