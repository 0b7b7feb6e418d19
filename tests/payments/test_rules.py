"""Netting and postings: exact values, and properties against an independent oracle."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments import rules
from payments.models import LedgerEntry
from payments.rules import Account, Due, Movement, Payee, PayeeKind

AMINA = Payee(PayeeKind.INSURED, UUID(int=1))
PHARMACY = Payee(PayeeKind.PROVIDER, UUID(int=1))
DOCTOR = Payee(PayeeKind.PROVIDER, UUID(int=2))


def due(number: int, payee: Payee, amount: int) -> Due:
    return Due(UUID(int=number), UUID(int=99), payee, amount)


def test_one_order_per_payee_with_the_sum_of_its_dues() -> None:
    orders = rules.net(
        [due(3, PHARMACY, 500), due(1, AMINA, 14_000), due(2, PHARMACY, 4_520), due(4, DOCTOR, 1)]
    )

    assert [(order.payee, order.amount_centimes) for order in orders] == [
        (AMINA, 14_000),
        (PHARMACY, 5_020),
        (DOCTOR, 1),
    ]
    assert [each.claim_id.int for each in orders[1].dues] == [2, 3]


def test_an_insured_and_a_provider_with_one_key_are_two_payees() -> None:
    assert len(rules.net([due(1, AMINA, 5), due(2, PHARMACY, 7)])) == 2


def test_no_dues_make_no_orders() -> None:
    assert rules.net([]) == ()


def test_a_claim_due_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="due twice"):
        rules.net([due(1, AMINA, 5), due(1, PHARMACY, 7)])


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_is_due_or_moved_below_one_centime(amount: int) -> None:
    with pytest.raises(ValueError, match="above zero"):
        due(1, AMINA, amount)
    with pytest.raises(ValueError, match="above zero"):
        Movement(Account.BANK, Account.TRANSIT, amount)


dues = st.lists(
    st.tuples(st.uuids(), st.sampled_from([AMINA, PHARMACY, DOCTOR]), st.integers(1, 10**12)),
    unique_by=lambda row: row[0],
    max_size=60,
)


@settings(deadline=None)
@given(dues)
def test_netting_agrees_with_a_naive_count(rows: list[tuple[UUID, Payee, int]]) -> None:
    orders = rules.net(Due(key, UUID(int=99), payee, amount) for key, payee, amount in rows)

    for payee in (AMINA, PHARMACY, DOCTOR):
        naive = 0
        for _, other, amount in rows:
            if other == payee:
                naive += amount
        netted = [order.amount_centimes for order in orders if order.payee == payee]
        assert netted == ([naive] if naive else [])
    assert sum(order.amount_centimes for order in orders) == sum(row[2] for row in rows)
    assert all(type(order.amount_centimes) is int for order in orders)
    carried = sorted(each.claim_id for order in orders for each in order.dues)
    assert carried == sorted(row[0] for row in rows)


@settings(deadline=None)
@given(dues, st.randoms())
def test_the_order_of_arrival_does_not_matter(rows: list[tuple[UUID, Payee, int]], random) -> None:
    made = [Due(key, UUID(int=99), payee, amount) for key, payee, amount in rows]
    shuffled = random.sample(made, len(made))

    assert rules.net(made) == rules.net(shuffled)


def test_the_story_of_a_payment_in_the_accounts() -> None:
    assert rules.approval(AMINA, decided_centimes=14_000) == Movement(
        Account.BENEFITS, Account.PAYABLE_INSURED, 14_000
    )
    assert rules.approval(PHARMACY, decided_centimes=14_000) == Movement(
        Account.BENEFITS, Account.PAYABLE_PROVIDER, 14_000
    )
    assert rules.sending(AMINA, 14_000) == Movement(
        Account.PAYABLE_INSURED, Account.TRANSIT, 14_000
    )
    assert rules.payment(14_000) == Movement(Account.TRANSIT, Account.BANK, 14_000)
    assert rules.returned(PHARMACY, 14_000) == Movement(
        Account.TRANSIT, Account.PAYABLE_PROVIDER, 14_000
    )


def test_a_new_decision_posts_the_difference_only() -> None:
    assert rules.approval(AMINA, decided_centimes=500, posted_centimes=300) == Movement(
        Account.BENEFITS, Account.PAYABLE_INSURED, 200
    )
    assert rules.approval(AMINA, decided_centimes=300, posted_centimes=500) == Movement(
        Account.PAYABLE_INSURED, Account.BENEFITS, 200
    )
    assert rules.approval(AMINA, decided_centimes=500, posted_centimes=500) is None


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=8))
def test_after_any_decisions_what_is_owed_is_the_last_one(decided: list[int]) -> None:
    owed = 0
    for amount in decided:
        movement = rules.approval(DOCTOR, decided_centimes=amount, posted_centimes=owed)
        if movement is not None:
            sign = 1 if movement.credit is Account.PAYABLE_PROVIDER else -1
            owed += sign * movement.amount_centimes

    assert owed == decided[-1]


def test_the_database_knows_the_same_accounts() -> None:
    assert set(LedgerEntry.Account.values) == {account.value for account in Account}
