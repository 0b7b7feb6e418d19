"""Debts taken back by plan: netted in batches, undone exactly, paused, given up."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import Role
from claims.models import Claim
from claims.services import ReasonMissing
from config.invariants.catalogue import I1, I2, I3, I6
from core.errors import DomainError
from core.transitions import TransitionRefused
from payments import selectors, services
from payments.gateways import iso20022
from payments.gateways.demo_bank import demo_bank_answer
from payments.models import OrderClaim, PaymentOrder, Recovery, UndueAmount
from payments.selectors.recoveries import movements_of, receivable_centimes
from tests import world
from tests.payments import factories
from tests.payments.test_reversals import GROUNDS, pay, refused

NOW = factories.NOW
LATER = NOW + timedelta(hours=3)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def books_agree(db):
    """Whatever a test did: the ledger, the orders, the debts and the recoveries agree."""
    yield
    with connection.cursor() as cursor:
        for invariant in (I1, I2, I3, I6):
            cursor.execute(invariant.sql)
            assert cursor.fetchall() == [], invariant.id
    assert selectors.ledger_sum() == 0
    assert selectors.ledger_balances()["RECEIVABLE"] == receivable_centimes()


@pytest.fixture
def shop():
    return world.pharmacy()


def debt(shop: world.Practice, amount: int = 10_000) -> UndueAmount:
    """A claim paid to a pharmacy and reversed."""
    claim = factories.claim(
        doctor=shop, reimbursed=amount, charged=amount, third_party_payment=True
    )
    pay()
    asked = services.ask_reversal(
        claim_id=claim.pk, grounds=GROUNDS, by=world.user(Role.AGENT), at=NOW
    )
    services.confirm_reversal(reversal_id=asked.pk, by=world.user(Role.AGENT), at=NOW)
    return UndueAmount.objects.get(claim=claim)


def plan(undue: UndueAmount, **terms):
    terms = {"share_bp": 3_000, "first_date": world.TODAY, "agreement": "lettre 12", **terms}
    return services.agree_plan(undue_id=undue.pk, by=factories.officer(), at=NOW, **terms)


def owed(shop: world.Practice, amount: int) -> Claim:
    return factories.claim(doctor=shop, reimbursed=amount, charged=amount, third_party_payment=True)


def test_a_batch_keeps_what_the_plan_takes(shop, preparer) -> None:
    undue = debt(shop)
    plan(undue)
    first, second = owed(shop, 1_000), owed(shop, 9_000)

    batch = services.freeze_batch(by=preparer, at=LATER)

    order = selectors.orders_of(batch).get()
    assert (order.amount_centimes, batch.control_sum_centimes, batch.order_count) == (
        7_000,
        7_000,
        1,
    )
    kept = [
        (each.order_claim.claim, each.undue, each.amount_centimes)
        for each in selectors.recoveries_of(order)
    ]
    assert kept == [(first, undue, 1_000), (second, undue, 2_000)]
    undue.refresh_from_db()
    assert (undue.state, undue.recovered_centimes, undue.left_centimes) == (
        "IN_RECOVERY",
        3_000,
        7_000,
    )
    assert selectors.ledger_balances() == {
        "BENEFITS": 10_000,
        "PAYABLE_INSURED": 0,
        "PAYABLE_PROVIDER": -7_000,
        "TRANSIT": 0,
        "BANK": -10_000,
        "RECEIVABLE": 7_000,
    }


def test_the_bank_is_told_the_net_amount_and_all_claims_are_paid(shop, preparer, approver) -> None:
    undue = debt(shop)
    plan(undue)
    claims = [owed(shop, 1_000), owed(shop, 9_000)]
    batch = services.freeze_batch(by=preparer, at=LATER)
    services.approve_batch(batch=batch, by=approver, at=LATER)

    file = services.export_batch(batch=batch, by=preparer, at=LATER)

    assert b"<NbOfTxs>1</NbOfTxs>" in file
    assert b"<CtrlSum>70.00</CtrlSum>" in file
    assert b">70.00</InstdAmt>" in file
    services.read_bank_answer(content=demo_bank_answer(file, at=LATER), by=preparer, at=LATER)
    assert [Claim.objects.get(pk=each.pk).state for each in claims] == ["PAID", "PAID"]
    balances = selectors.ledger_balances()
    assert (balances["PAYABLE_PROVIDER"], balances["TRANSIT"]) == (0, 0)
    assert (balances["BANK"], balances["RECEIVABLE"]) == (-17_000, 7_000)
    assert iso20022.CURRENCY == "MAD"


def test_the_last_centime_closes_the_debt(shop, preparer) -> None:
    undue = debt(shop)
    plan(undue, share_bp=10_000)
    owed(shop, 12_345)

    batch = services.freeze_batch(by=preparer, at=LATER)

    undue.refresh_from_db()
    assert (undue.state, undue.left_centimes) == ("RECOVERED", 0)
    assert batch.control_sum_centimes == 2_345


@pytest.mark.parametrize("amount", [4_000, 10_000, 12_345])
def test_a_cancelled_batch_undoes_what_it_kept_exactly(amount, shop, preparer) -> None:
    undue = debt(shop)
    plan(undue, share_bp=10_000)
    claim = owed(shop, amount)
    factories.claim()
    services.post_approved_claims(subject_ids=[c.pk for c in Claim.objects.all()], at=NOW)
    before = selectors.ledger_balances()
    batch = services.freeze_batch(by=preparer, at=LATER)

    services.cancel_batch(batch=batch, by=preparer, at=LATER, reason="à revoir")

    undue.refresh_from_db()
    assert (undue.state, undue.recovered_centimes) == ("IN_RECOVERY", 0)
    assert selectors.ledger_balances() == before
    assert [each.is_live for each in movements_of(undue)] == [False]
    again = services.freeze_batch(by=preparer, at=LATER)
    undue.refresh_from_db()
    assert undue.recovered_centimes == min(amount, 10_000)
    assert OrderClaim.objects.get(claim=claim, order__batch=again).recovered_centimes == min(
        amount, 10_000
    )


def test_an_order_of_zero_is_not_sent_and_its_claims_are_paid_by_compensation(
    shop, preparer, approver
) -> None:
    undue = debt(shop)
    plan(undue, share_bp=10_000)
    kept, sent = owed(shop, 4_000), factories.claim(reimbursed=500)
    batch = services.freeze_batch(by=preparer, at=LATER)
    services.approve_batch(batch=batch, by=approver, at=LATER)

    file = services.export_batch(batch=batch, by=preparer, at=LATER)

    assert (batch.order_count, batch.control_sum_centimes) == (1, 500)
    assert file.count(b"<CdtTrfTxInf>") == 1
    kept.refresh_from_db()
    assert (kept.state, kept.settled_at) == ("PAID", LATER)
    zero = PaymentOrder.objects.get(amount_centimes=0)
    assert (zero.state, selectors.statements_of(shop.provider).first()) == ("COMPENSATED", zero)
    entries = [(e.account, e.side) for e in selectors.ledger_of_claim(kept.pk)]
    assert entries == [
        ("BENEFITS", "DEBIT"),
        ("PAYABLE_PROVIDER", "CREDIT"),
        ("PAYABLE_PROVIDER", "DEBIT"),
        ("RECEIVABLE", "CREDIT"),
    ]
    answer = demo_bank_answer(file, at=LATER)
    services.read_bank_answer(content=answer, by=preparer, at=LATER)
    batch.refresh_from_db()
    sent.refresh_from_db()
    assert (batch.state, sent.state) == ("SETTLED", "PAID")


def test_when_debts_take_all_there_is_no_batch(shop, preparer) -> None:
    plan(debt(shop), share_bp=10_000)
    claim = owed(shop, 4_000)

    refused(services.AllTakenBack, lambda: services.freeze_batch(by=preparer, at=LATER))

    claim.refresh_from_db()
    assert claim.state == "APPROVED"


def test_a_returned_transfer_leaves_what_was_kept(shop, preparer, approver) -> None:
    undue = debt(shop)
    plan(undue, share_bp=None, fixed_centimes=3_000)
    whole, part = owed(shop, 1_000), owed(shop, 9_000)
    batch = services.freeze_batch(by=preparer, at=LATER)
    services.approve_batch(batch=batch, by=approver, at=LATER)
    file = services.export_batch(batch=batch, by=preparer, at=LATER)
    answer = demo_bank_answer(file, at=LATER, returned=[f"{batch.number}-00001"])

    services.read_bank_answer(content=answer, by=preparer, at=LATER)

    whole.refresh_from_db()
    part.refresh_from_db()
    assert (whole.state, part.state) == ("PAID", "PAYMENT_FAILED")
    undue.refresh_from_db()
    assert undue.recovered_centimes == 3_000
    assert [(d.claim_id, d.amount_centimes) for d in selectors.dues_of([part])] == [
        (part.pk, 7_000)
    ]
    asked = services.ask_reversal(
        claim_id=part.pk, grounds=GROUNDS, by=world.user(Role.AGENT), at=LATER
    )
    services.confirm_reversal(reversal_id=asked.pk, by=world.user(Role.AGENT), at=LATER)
    # Of its 90.00, what paid the debt (20.00) is owed back; the rest was never paid.
    assert UndueAmount.objects.get(claim=part).amount_centimes == 2_000
    assert selectors.ledger_balances()["PAYABLE_PROVIDER"] == 0


def test_the_law_bounds_what_an_insured_person_gives_back(preparer) -> None:
    patient = world.person()
    paid = factories.claim(patient=patient, reimbursed=14_000)
    pay()
    asked = services.ask_reversal(
        claim_id=paid.pk, grounds=GROUNDS, by=world.user(Role.AGENT), at=NOW
    )
    services.confirm_reversal(reversal_id=asked.pk, by=world.user(Role.AGENT), at=NOW)
    plan(UndueAmount.objects.get(), share_bp=10_000)
    factories.claim(patient=patient, reimbursed=10_001)
    limit = world.law().at(world.TODAY).number("recoveries.share_max.insured")

    batch = services.freeze_batch(by=preparer, at=LATER)

    assert limit == 5_000
    assert batch.control_sum_centimes == 10_001 - 5_001


def test_before_its_first_day_or_contested_a_plan_takes_nothing(shop, preparer) -> None:
    undue = debt(shop)
    plan(undue, first_date=world.TODAY + timedelta(days=1))
    owed(shop, 4_000)

    batch = services.freeze_batch(by=preparer, at=LATER)
    assert batch.control_sum_centimes == 4_000
    services.cancel_batch(batch=batch, by=preparer, at=LATER, reason="x")
    plan(undue)
    services.contest_recovery(undue_id=undue.pk, reason="déjà rendu", by=shop.user, at=LATER)
    assert services.freeze_batch(by=preparer, at=LATER).control_sum_centimes == 4_000


def test_a_contest_pauses_and_an_officer_resumes(shop, preparer) -> None:
    undue = debt(shop)
    plan(undue)
    contested = services.contest_recovery(
        undue_id=undue.pk, reason="déjà rendu", by=shop.user, at=LATER
    )
    before = world.rows_everywhere()
    services.contest_recovery(undue_id=undue.pk, reason="encore", by=shop.user, at=LATER)
    assert world.rows_everywhere() == before
    assert (contested.is_contested, contested.paused_because) == (True, "déjà rendu")

    refused(
        services.NotAPaymentOfficer,
        lambda: services.resume_recovery(undue_id=undue.pk, reason="x", by=shop.user, at=LATER),
    )
    resumed = services.resume_recovery(undue_id=undue.pk, reason="vérifié", by=preparer, at=LATER)
    assert (resumed.is_contested, resumed.paused_because) == (False, "")
    assert resumed.history.count() == 3


def test_only_who_owes_it_contests(shop) -> None:
    undue = debt(shop)
    plan(undue)

    for stranger in (world.pharmacy().user, world.user(Role.INSURED), world.user(Role.AGENT)):
        refused(
            services.NotYourDebt,
            lambda who=stranger: services.contest_recovery(
                undue_id=undue.pk, reason="x", by=who, at=LATER
            ),
        )


def test_without_a_plan_there_is_nothing_to_pause(shop) -> None:
    undue = debt(shop)

    refused(
        services.NoPlanYet,
        lambda: services.contest_recovery(undue_id=undue.pk, reason="x", by=shop.user, at=LATER),
    )


@pytest.mark.parametrize(
    "terms",
    [
        {"share_bp": 0},
        {"share_bp": 10_001},
        {"share_bp": None},
        {"share_bp": None, "fixed_centimes": 0},
        {"share_bp": 1, "fixed_centimes": 1},
        {"agreement": " "},
        {"first_date": world.TODAY - timedelta(days=1)},
    ],
)
def test_a_plan_is_whole_or_refused(terms, shop) -> None:
    undue = debt(shop)
    by = factories.officer()
    whole = {"share_bp": 3_000, "first_date": world.TODAY, "agreement": "lettre", **terms}

    refused(
        services.PlanInvalid,
        lambda: services.agree_plan(undue_id=undue.pk, by=by, at=NOW, **whole),
    )


def test_the_same_plan_again_changes_nothing_and_another_keeps_the_history(shop) -> None:
    undue = debt(shop)
    first = plan(undue)
    officer = factories.officer()
    before = world.rows_everywhere()
    terms = {"share_bp": 3_000, "first_date": world.TODAY, "agreement": "lettre 12"}

    again = services.agree_plan(undue_id=undue.pk, by=officer, at=LATER, **terms)

    assert (again, world.rows_everywhere()) == (first, before)
    changed = plan(undue, share_bp=None, fixed_centimes=500)
    assert [(h.share_bp, h.fixed_centimes) for h in changed.history.order_by("history_id")] == [
        (3_000, None),
        (None, 500),
    ]


def test_giving_up_takes_two_persons_and_leaves_a_benefit(shop, preparer, approver) -> None:
    undue = debt(shop)
    services.ask_giving_up(undue_id=undue.pk, reason="décès", by=preparer, at=NOW)
    refused(
        services.DebtFourEyes,
        lambda: services.confirm_giving_up(undue_id=undue.pk, by=preparer, at=LATER),
    )

    given_up = services.confirm_giving_up(undue_id=undue.pk, by=approver, at=LATER)

    assert (given_up.state, given_up.cancelled_by, given_up.left_centimes) == (
        "CANCELLED",
        approver,
        0,
    )
    balances = selectors.ledger_balances()
    assert (balances["RECEIVABLE"], balances["BENEFITS"]) == (0, 10_000)
    before = world.rows_everywhere()
    services.confirm_giving_up(undue_id=undue.pk, by=approver, at=LATER)
    assert world.rows_everywhere() == before
    by = factories.officer()
    refused(
        TransitionRefused,
        lambda: services.agree_plan(
            undue_id=undue.pk, share_bp=1, first_date=world.TODAY, agreement="x", by=by, at=NOW
        ),
    )


def test_nobody_gives_up_what_nobody_asked_or_a_batch_takes(shop, preparer, approver) -> None:
    undue = debt(shop)
    refused(
        services.NothingToConfirm,
        lambda: services.confirm_giving_up(undue_id=undue.pk, by=approver, at=NOW),
    )
    plan(undue)
    owed(shop, 4_000)
    batch = services.freeze_batch(by=preparer, at=LATER)
    services.ask_giving_up(undue_id=undue.pk, reason="décès", by=preparer, at=LATER)

    error = refused(
        services.DebtInPayment,
        lambda: services.confirm_giving_up(undue_id=undue.pk, by=approver, at=LATER),
    )

    assert batch.number in error.text("fr")


@pytest.mark.parametrize("role", [role for role in Role if role != "PAYMENT_OFFICER"])
def test_only_payment_officers_manage_debts(role, shop) -> None:
    undue = debt(shop)
    stranger = world.user(role)

    for call in (
        lambda: services.agree_plan(
            undue_id=undue.pk,
            share_bp=1,
            first_date=world.TODAY,
            agreement="x",
            by=stranger,
            at=NOW,
        ),
        lambda: services.ask_giving_up(undue_id=undue.pk, reason="x", by=stranger, at=NOW),
        lambda: services.confirm_giving_up(undue_id=undue.pk, by=stranger, at=NOW),
    ):
        refused(services.NotAPaymentOfficer, call)


def test_a_reason_is_said(shop, preparer) -> None:
    undue = debt(shop)
    plan(undue)

    for call in (
        lambda: services.contest_recovery(undue_id=undue.pk, reason=" ", by=shop.user, at=NOW),
        lambda: services.resume_recovery(undue_id=undue.pk, reason="", by=preparer, at=NOW),
        lambda: services.ask_giving_up(undue_id=undue.pk, reason="", by=preparer, at=NOW),
    ):
        error: DomainError = refused(ReasonMissing, call)
        assert error.pointer == "/reason"


def test_a_recovery_changed_behind_our_back_stops_the_approval(shop, preparer, approver) -> None:
    plan(debt(shop))
    owed(shop, 4_000)
    batch = services.freeze_batch(by=preparer, at=LATER)
    row = OrderClaim.objects.get(order__batch=batch)
    OrderClaim.objects.filter(pk=row.pk).update(recovered_centimes=row.recovered_centimes - 1)

    refused(
        services.BatchChanged,
        lambda: services.approve_batch(batch=batch, by=approver, at=LATER),
    )

    OrderClaim.objects.filter(pk=row.pk).update(recovered_centimes=row.recovered_centimes)
    assert Recovery.objects.get().amount_centimes == row.recovered_centimes
