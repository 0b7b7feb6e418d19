"""Reversals and recoveries at the same moment, on real connections."""

import pytest

from accounts.models import Role
from claims.models import Claim
from core.errors import DomainError
from payments import selectors, services
from payments.models import PaymentBatch, PaymentDay, Reversal, UndueAmount
from payments.selectors.recoveries import receivable_centimes
from tests import world
from tests.payments import factories
from tests.payments.test_concurrency import at_once
from tests.payments.test_recoveries import debt, owed, plan
from tests.payments.test_reversals import GROUNDS, pay

NOW = factories.NOW
pytestmark = pytest.mark.django_db(transaction=True)


def codes(results) -> list[str]:
    return sorted(result.code for result in results if isinstance(result, DomainError))


def test_a_reversal_while_freezing_takes_back_or_pays_never_both() -> None:
    officer, asker, other = factories.officer(), world.user(Role.AGENT), world.user(Role.AGENT)
    for _round in range(6):
        claim = factories.claim()
        asked = services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=asker, at=NOW)

        results = at_once(
            lambda key=asked.pk: services.confirm_reversal(reversal_id=key, by=other, at=NOW),
            lambda: services.freeze_batch(by=officer, at=NOW),
        )

        claim.refresh_from_db()
        assert (claim.state, codes(results)) in [
            ("REVERSED", ["NOTHING_TO_PAY"]),
            ("SCHEDULED", ["CLAIM_IN_PAYMENT"]),
        ]
        for batch in PaymentBatch.objects.filter(state="FROZEN"):
            services.cancel_batch(batch=batch, by=officer, at=NOW, reason="suite")
        # The next round starts with nothing that waits.
        Claim.objects.filter(pk=claim.pk, state="APPROVED").update(reimbursed_centimes=0)
    assert selectors.ledger_sum() == 0


def test_two_reversals_at_once_make_one_debt() -> None:
    one, two = world.user(Role.AGENT), world.user(Role.AGENT)
    claim = factories.claim()
    pay()

    results = at_once(
        lambda: services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=one, at=NOW),
        lambda: services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=two, at=NOW),
    )
    assert codes(results) == ["REVERSAL_UNDER_WAY"]
    asked = Reversal.objects.get()
    deciders = [world.user(Role.MEDICAL_OFFICER), world.user(Role.MEDICAL_OFFICER)]
    results = at_once(
        *(
            lambda who=who: services.confirm_reversal(reversal_id=asked.pk, by=who, at=NOW)
            for who in deciders
        )
    )

    assert codes(results) == ["TRANSITION_REFUSED"]
    assert UndueAmount.objects.get().amount_centimes == 14_000
    assert selectors.ledger_balances()["RECEIVABLE"] == 14_000


def test_two_batches_at_once_never_take_more_than_the_debt() -> None:
    shop = world.pharmacy()
    undue = debt(shop, 1_000)
    plan(undue, share_bp=10_000)
    officers = [factories.officer() for _ in range(3)]
    days = [
        PaymentDay.objects.create(day=world.TODAY, payees=kind, cut_off=NOW)
        for kind in ("PROVIDER", "BOTH")
    ]
    for _ in range(6):
        owed(shop, 700)

    at_once(
        lambda: services.freeze_batch(by=officers[0], at=NOW, payment_day=days[0]),
        lambda: services.freeze_batch(by=officers[1], at=NOW, payment_day=days[1]),
        lambda: services.freeze_batch(by=officers[2], at=NOW),
    )

    undue.refresh_from_db()
    assert (undue.recovered_centimes, undue.state) == (1_000, "RECOVERED")
    assert sum(b.control_sum_centimes for b in PaymentBatch.objects.filter(state="FROZEN")) == (
        6 * 700 - 1_000
    )
    assert receivable_centimes() == 0 == selectors.ledger_balances()["RECEIVABLE"]


def test_a_plan_contested_while_freezing_is_taken_or_paused() -> None:
    shop = world.pharmacy()
    undue = debt(shop, 1_000)
    plan(undue, share_bp=5_000)
    officer = factories.officer()
    owed(shop, 700)

    batch, contested = at_once(
        lambda: services.freeze_batch(by=officer, at=NOW),
        lambda: services.contest_recovery(undue_id=undue.pk, reason="non", by=shop.user, at=NOW),
    )

    undue.refresh_from_db()
    assert contested.is_contested
    assert (batch.control_sum_centimes, undue.recovered_centimes) in [(350, 350), (700, 0)]


def test_two_schedulers_freeze_one_batch_for_a_day() -> None:
    officers = [factories.officer(), factories.officer()]
    day = PaymentDay.objects.create(day=world.TODAY, payees="BOTH", cut_off=NOW)
    for _ in range(4):
        factories.claim()

    first, second = at_once(
        *(
            lambda who=who: services.freeze_batch(by=who, at=NOW, payment_day=day)
            for who in officers
        )
    )

    assert first == second
    assert PaymentBatch.objects.count() == 1


def test_cancelling_a_batch_while_its_debt_is_given_up_loses_nothing() -> None:
    shop = world.pharmacy()
    undue = debt(shop, 1_000)
    plan(undue, share_bp=5_000)
    preparer, approver = factories.officer(), factories.officer()
    owed(shop, 700)
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.ask_giving_up(undue_id=undue.pk, reason="décès", by=preparer, at=NOW)

    results = at_once(
        lambda: services.cancel_batch(batch=batch, by=preparer, at=NOW, reason="erreur"),
        lambda: services.confirm_giving_up(undue_id=undue.pk, by=approver, at=NOW),
    )

    undue.refresh_from_db()
    assert codes(results) in [[], ["DEBT_IN_PAYMENT"]]
    assert undue.recovered_centimes == 0
    assert receivable_centimes() == selectors.ledger_balances()["RECEIVABLE"]
    assert selectors.ledger_sum() == 0
