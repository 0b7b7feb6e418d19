"""Netting with debts: exact values, and properties against an independent oracle."""

from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments import rules
from payments.rules import Debt, Due, Payee, PayeeKind, Taken

AMINA = Payee(PayeeKind.INSURED, UUID(int=1))
PHARMACY = Payee(PayeeKind.PROVIDER, UUID(int=1))
DOCTOR = Payee(PayeeKind.PROVIDER, UUID(int=2))
LIMITS = {PayeeKind.INSURED: 5_000, PayeeKind.PROVIDER: 10_000}


def due(number: int, payee: Payee, amount: int) -> Due:
    return Due(UUID(int=number), UUID(int=99), payee, amount)


def debt(number: int, payee: Payee, left: int, **plan: int) -> Debt:
    return Debt(UUID(int=number), payee, left, **(plan or {"share_bp": 10_000}))


def test_a_share_of_the_dues_is_kept_from_the_first_claims() -> None:
    (order,) = rules.net(
        [due(1, PHARMACY, 1_000), due(2, PHARMACY, 4_000)],
        [debt(7, PHARMACY, 9_999, share_bp=3_000)],
        LIMITS,
    )

    assert order.taken == (
        Taken(UUID(int=7), UUID(int=1), 1_000),
        Taken(UUID(int=7), UUID(int=2), 500),
    )
    assert (order.taken_centimes, order.amount_centimes) == (1_500, 3_500)


def test_the_oldest_debt_takes_first_and_the_limit_stops_the_second() -> None:
    (order,) = rules.net(
        [due(1, AMINA, 1_000)],
        [debt(8, AMINA, 5_000, fixed_centimes=400), debt(7, AMINA, 300)],
        LIMITS,
    )

    assert order.taken == (
        Taken(UUID(int=7), UUID(int=1), 300),
        Taken(UUID(int=8), UUID(int=1), 200),
    )
    assert order.amount_centimes == 500


def test_all_of_it_may_be_kept_where_the_law_says_so() -> None:
    (order,) = rules.net([due(1, DOCTOR, 700)], [debt(7, DOCTOR, 10_000)], LIMITS)

    assert (order.amount_centimes, order.taken_centimes) == (0, 700)


def test_a_half_centime_goes_up_once() -> None:
    (order,) = rules.net([due(1, DOCTOR, 5)], [debt(7, DOCTOR, 100, share_bp=1_000)], LIMITS)

    assert order.taken_centimes == 1


def test_without_a_limit_nothing_is_kept_and_others_debts_change_nothing() -> None:
    dues = [due(1, PHARMACY, 500)]

    assert rules.net(dues, [debt(7, PHARMACY, 100)]) == rules.net(dues)
    assert rules.net(dues, [debt(7, DOCTOR, 100)], LIMITS) == rules.net(dues)


def test_a_debt_is_given_once_and_says_one_way() -> None:
    with pytest.raises(ValueError, match="due twice"):
        rules.net([due(1, AMINA, 5)], [debt(7, AMINA, 1), debt(7, AMINA, 1)], LIMITS)
    with pytest.raises(ValueError, match="above zero"):
        debt(7, AMINA, 0)
    with pytest.raises(ValueError, match="a share or a fixed sum"):
        Debt(UUID(int=7), AMINA, 1)
    with pytest.raises(ValueError, match="a share or a fixed sum"):
        Debt(UUID(int=7), AMINA, 1, share_bp=1, fixed_centimes=1)


payees = st.sampled_from([AMINA, PHARMACY, DOCTOR])
amounts = st.integers(1, 10**10)
dues = st.lists(st.tuples(st.uuids(), payees, amounts), unique_by=lambda row: row[0], max_size=25)
debts = st.lists(
    st.tuples(st.uuids(), payees, amounts, st.booleans(), st.integers(1, 10_000), amounts),
    unique_by=lambda row: row[0],
    max_size=8,
)
limits = st.fixed_dictionaries({kind: st.integers(0, 10_000) for kind in PayeeKind})


def half_up(exact: Fraction) -> int:
    """An independent rounding: the whole part, and one more from a half on."""
    whole = exact.numerator // exact.denominator
    return whole + (1 if exact - whole >= Fraction(1, 2) else 0)


def naively_taken(payee: Payee, due_rows, debt_rows, limit_bp: int) -> dict[UUID, int]:
    """What each debt takes, counted centime jar by centime jar, without our code."""
    total = 0
    for _key, other, amount in due_rows:
        if other == payee:
            total += amount
    jar = half_up(Fraction(total * limit_bp, 10_000))
    taken = {}
    for key, other, left, by_share, share, fixed in sorted(debt_rows, key=lambda row: row[0]):
        if other != payee or not total:
            continue
        wanted = half_up(Fraction(total * share, 10_000)) if by_share else fixed
        for bound in (left, jar):
            if wanted > bound:
                wanted = bound
        jar -= wanted
        if wanted:
            taken[key] = wanted
    return taken


@settings(deadline=None, max_examples=300)
@given(dues, debts, limits)
def test_netting_agrees_with_a_naive_count_and_loses_no_centime(due_rows, debt_rows, limit) -> None:
    orders = rules.net(
        [Due(key, UUID(int=99), payee, amount) for key, payee, amount in due_rows],
        [
            Debt(key, payee, left, share_bp=share)
            if by_share
            else Debt(key, payee, left, fixed_centimes=fixed)
            for key, payee, left, by_share, share, fixed in debt_rows
        ],
        limit,
    )

    all_dues = sum(amount for _key, _payee, amount in due_rows)
    paid = sum(order.amount_centimes for order in orders)
    kept = sum(order.taken_centimes for order in orders)
    assert paid + kept == all_dues
    left_of = {key: left for key, _payee, left, *_plan in debt_rows}
    for order in orders:
        total = sum(each.amount_centimes for each in order.dues)
        assert order.amount_centimes >= 0
        assert order.taken_centimes <= half_up(Fraction(total * limit[order.payee.kind], 10_000))
        by_debt: dict[UUID, int] = {}
        by_claim: dict[UUID, int] = {}
        for each in order.taken:
            assert each.amount_centimes > 0
            by_debt[each.debt_id] = by_debt.get(each.debt_id, 0) + each.amount_centimes
            by_claim[each.claim_id] = by_claim.get(each.claim_id, 0) + each.amount_centimes
        assert by_debt == naively_taken(order.payee, due_rows, debt_rows, limit[order.payee.kind])
        assert all(amount <= left_of[key] for key, amount in by_debt.items())
        due_of = {each.claim_id: each.amount_centimes for each in order.dues}
        assert all(amount <= due_of[key] for key, amount in by_claim.items())
    carried = [each.claim_id for order in orders for each in order.dues]
    assert sorted(carried) == sorted(key for key, _payee, _amount in due_rows)


@settings(deadline=None)
@given(dues, debts, limits, st.randoms())
def test_the_order_of_arrival_does_not_matter(due_rows, debt_rows, limit, random) -> None:
    made = [Due(key, UUID(int=99), payee, amount) for key, payee, amount in due_rows]
    owed = [Debt(key, payee, left, share_bp=share) for key, payee, left, _b, share, _f in debt_rows]

    shuffled = rules.net(random.sample(made, len(made)), random.sample(owed, len(owed)), limit)

    assert shuffled == rules.net(made, owed, limit)
