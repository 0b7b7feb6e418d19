"""Officers, agents and the bank act in any order, wrongly or twice: after each gesture the books are true."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Case, F, Sum, When

from accounts.models import Role
from claims.models import Claim, WaitingClaim
from config.invariants.catalogue import I1, I2, I3, I6
from core.errors import DomainError
from payments import selectors, services
from payments.gateways.demo_bank import demo_bank_answer, demo_bank_notification
from payments.models import (
    LedgerEntry,
    OrderClaim,
    PaymentBatch,
    PaymentOrder,
    PaymentRepair,
    Reversal,
    UndueAmount,
)
from payments.selectors.recoveries import receivable_centimes
from tests import world
from tests.payments import factories
from tests.payments.test_reversals import GROUNDS

pytestmark = pytest.mark.django_db

GESTURES = 60
AMOUNTS = (1, 3, 100, 999, 1_000, 5_000)
SIGNED = Case(When(side="CREDIT", then=F("amount_centimes")), default=-F("amount_centimes"))


class House:
    """The people who touch money, and the files the bank received."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.at = factories.NOW
        self.preparer, self.approver = factories.officer(), factories.officer()
        self.asker, self.confirmer = world.user(Role.AGENT), world.user(Role.AGENT)
        self.shops = [world.pharmacy() for _ in range(2)]
        self.patient = world.person()
        self.files: dict[str, bytes] = {}

    def one(self, rows: Any) -> Any:
        """Return a row by chance, or stop the gesture where there is none."""
        listed = list(rows)
        if not listed:
            raise _NothingThere
        return self.chance.choice(listed)

    def some(self, rows: list[str]) -> list[str]:
        return [row for row in rows if self.chance.random() < 0.4]

    def claim(self) -> None:
        amount = self.chance.choice(AMOUNTS)
        if self.chance.random() < 0.8:
            factories.claim(
                doctor=self.chance.choice(self.shops),
                patient=self.patient,
                reimbursed=amount,
                charged=amount,
                third_party_payment=True,
            )
        else:
            factories.claim(patient=self.patient, reimbursed=amount, charged=amount + 5)

    def freeze(self) -> None:
        services.freeze_batch(by=self.preparer, at=self.at)

    def batch(self, *states: str) -> PaymentBatch:
        return self.one(PaymentBatch.objects.filter(state__in=states))

    def approve(self) -> None:
        services.approve_batch(batch=self.batch("FROZEN"), by=self.approver, at=self.at)

    def export(self) -> None:
        batch = self.batch("APPROVED", "EXPORTED")
        self.files[batch.number] = services.export_batch(batch=batch, by=self.preparer, at=self.at)

    def cancel(self) -> None:
        batch = self.batch("FROZEN", "APPROVED", "EXPORTED")
        services.cancel_batch(batch=batch, by=self.preparer, at=self.at, reason="erreur")

    def pay(self) -> None:
        for step in (self.freeze, self.approve, self.export, self.answer):
            step()

    def references(self, number: str) -> list[str]:
        sent = PaymentOrder.objects.filter(batch__number=number, amount_centimes__gt=0)
        return list(sent.order_by("reference").values_list("reference", flat=True))

    def answer(self) -> None:
        number = self.one(sorted(self.files))
        answer = demo_bank_answer(
            self.files[number],
            at=self.at,
            returned=self.some(self.references(number)),
            reason=self.chance.choice(["AC04", "AM05"]),
        )
        services.read_bank_answer(content=answer, by=self.preparer, at=self.at)

    def notice(self) -> None:
        number = self.one(sorted(self.files))
        references = self.references(number)
        notice = demo_bank_notification(
            self.files[number],
            at=self.at,
            executed=self.some(references) if self.chance.random() < 0.7 else None,
            returned=self.some(references),
        )
        services.read_bank_answer(content=notice, by=self.preparer, at=self.at)

    def ask_reversal(self) -> None:
        claim = self.one(Claim.objects.order_by("pk"))
        services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=self.asker, at=self.at)

    def reverse(self) -> None:
        self.ask_reversal()
        asked = self.one(Reversal.objects.filter(state="REQUESTED").order_by("pk"))
        services.confirm_reversal(reversal_id=asked.pk, by=self.confirmer, at=self.at)

    def debt(self) -> Any:
        return self.one(UndueAmount.objects.order_by("pk")).pk

    def plan(self) -> None:
        share = {"share_bp": self.chance.choice([1, 3_000, 10_000])}
        fixed = {"fixed_centimes": self.chance.choice([1, 500, 5_000])}
        services.agree_plan(
            undue_id=self.debt(),
            first_date=world.TODAY,
            agreement="accord",
            by=self.preparer,
            at=self.at,
            **self.chance.choice([share, fixed]),
        )

    def contest(self) -> None:
        services.contest_recovery(undue_id=self.debt(), reason="non", by=self.preparer, at=self.at)

    def resume(self) -> None:
        services.resume_recovery(undue_id=self.debt(), reason="oui", by=self.preparer, at=self.at)

    def give_up(self) -> None:
        debt = self.debt()
        services.ask_giving_up(undue_id=debt, reason="erreur", by=self.preparer, at=self.at)
        services.confirm_giving_up(undue_id=debt, by=self.approver, at=self.at)

    def retry(self) -> None:
        open_files = PaymentRepair.objects.filter(state__in=["OPEN", "WAITING_PAYEE"])
        repair = self.one(open_files.order_by("pk"))
        services.retry_same_account(
            repairs=[repair], by=self.preparer, at=self.at, reason="vérifié"
        )

    def post(self) -> None:
        keys = list(Claim.objects.values_list("pk", flat=True))
        services.post_approved_claims(subject_ids=keys, at=self.at)

    def reconcile(self) -> None:
        batch = self.batch("SETTLED", "PARTLY_SETTLED")
        services.reconcile_batch(batch=batch, by=self.preparer, at=self.at)


class _NothingThere(Exception):
    """No row for this gesture yet."""


LIKELY: dict[Callable[[House], None], int] = {
    House.claim: 10, House.freeze: 6, House.approve: 6, House.export: 6, House.cancel: 2,
    House.pay: 8, House.answer: 6, House.notice: 6, House.reverse: 8, House.ask_reversal: 2,
    House.plan: 6, House.contest: 1, House.resume: 1, House.give_up: 1, House.retry: 6,
    House.post: 2, House.reconcile: 1,
}  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_the_books_are_true_after_each_gesture(seed: int) -> None:
    chance = random.Random(seed)
    house = House(chance)
    done: list[str] = []

    for gesture in chance.choices(list(LIKELY), LIKELY.values(), k=GESTURES):
        house.at += timedelta(minutes=1)
        try:
            with transaction.atomic():
                gesture(house)
        except (DomainError, _NothingThere):
            continue
        done.append(gesture.__name__)
        _check_books(done)

    assert len(done) > GESTURES // 4


def _check_books(done: list[str]) -> None:
    """The ledger against orders, debts and states, each counted from other rows than the ledger's own."""
    with connection.cursor() as cursor:
        for invariant in (I1, I2, I3, I6):
            cursor.execute(invariant.sql)
            assert cursor.fetchall() == [], (invariant.id, done)
    balances = selectors.ledger_balances()
    orders = PaymentOrder.objects.values_list("state").annotate(Sum("amount_centimes"))
    by_state = dict(orders.order_by())
    assert selectors.ledger_sum() == 0, done
    assert balances["RECEIVABLE"] == receivable_centimes(), done
    assert -balances["BANK"] == by_state.get("PAID", 0), done
    assert -balances["TRANSIT"] == by_state.get("SENT", 0), done
    for claim in Claim.objects.all():
        assert _owed(claim) == _payable(claim), (claim.state, done)
        waits = WaitingClaim.objects.filter(claim=claim).values_list("state", flat=True).first()
        assert waits == (claim.state if claim.state in WaitingClaim.WAITING else None), done


def _payable(claim: Claim) -> int:
    """What the ledger says is still owed to the payee of a claim, in centimes."""
    lines = LedgerEntry.objects.filter(claim_id=claim.pk, account__startswith="PAYABLE")
    return int(lines.aggregate(left=Sum(SIGNED, default=0))["left"])


def _owed(claim: Claim) -> int:
    """What its state says is still owed, in centimes."""
    if claim.state in ("APPROVED", "PAYMENT_FAILED"):
        posted = LedgerEntry.objects.filter(claim_id=claim.pk).exists()
        return selectors.dues_of([claim])[0].amount_centimes if posted else 0
    if claim.state == "SCHEDULED":
        row = OrderClaim.objects.get(claim=claim, is_live=True)
        return row.sent_centimes if row.order.state == "READY" else 0
    if claim.state == "REVERSED":
        # What came back beyond its debt, a part of which was recovered before, is owed to the payee.
        debt = UndueAmount.objects.filter(claim=claim).first()
        left = _payable(claim)
        assert left >= 0
        assert left == 0 or (debt and debt.state in ("RECOVERED", "CANCELLED", "IN_RECOVERY"))
        return left
    return 0
