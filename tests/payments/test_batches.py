"""Freezing, approving, cancelling and exporting a batch."""

from datetime import date, timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import override_settings

from accounts.models import Role
from claims.models import Claim
from core.errors import DomainError
from core.models import AuditEvent, Transition
from core.transitions import TransitionRefused
from payments import selectors, services
from payments.gateways import iso20022
from payments.models import OrderClaim, PayeeAccount, PaymentBatch, PaymentOrder
from payments.rules import Payee, PayeeKind
from tests import world
from tests.payments import factories

NOW = factories.NOW
LATER = NOW + timedelta(hours=3)
pytestmark = pytest.mark.django_db


def states(*claims: Claim) -> list[str]:
    return list(
        Claim.objects.filter(id__in=[claim.id for claim in claims])
        .order_by("id")
        .values_list("state", flat=True)
    )


def refused(error: type[DomainError], call, everything) -> DomainError:
    before = everything()
    with pytest.raises(error) as caught:
        call()
    assert everything() == before
    return caught.value


def test_a_freeze_makes_one_order_per_payee(preparer) -> None:
    amina, pharmacy = world.person(), world.pharmacy()
    care = factories.claim(patient=amina, reimbursed=14_000)
    again = factories.claim(patient=amina, reimbursed=1)
    boxes = factories.claim(
        patient=amina, doctor=pharmacy, reimbursed=4_520, third_party_payment=True
    )

    batch = services.freeze_batch(by=preparer, at=NOW)

    orders = list(selectors.orders_of(batch))
    assert [
        (o.reference, o.insured_id, o.provider_id, o.amount_centimes, o.claim_count) for o in orders
    ] == [
        (f"{batch.number}-00001", amina.insured_id, None, 14_001, 2),
        (f"{batch.number}-00002", None, pharmacy.provider.id, 4_520, 1),
    ]
    account = PayeeAccount.objects.get(insured=amina.insured)
    assert (orders[0].rib, orders[0].holder) == (account.rib, account.holder)
    assert (batch.state, batch.order_count, batch.control_sum_centimes) == ("FROZEN", 2, 18_521)
    assert batch.execution_date == date(2026, 11, 20)
    assert states(care, again, boxes) == ["SCHEDULED"] * 3
    # What the outbox had not yet posted is posted: nothing leaves that is not owed.
    assert selectors.ledger_balances() == {
        "BENEFITS": 18_521,
        "PAYABLE_INSURED": -14_001,
        "PAYABLE_PROVIDER": -4_520,
        "TRANSIT": 0,
        "BANK": 0,
        "RECEIVABLE": 0,
    }
    assert selectors.claims_payable(NOW) == []
    audited = AuditEvent.objects.get(action="payments.batch.frozen")
    assert audited.actor == f"user:{preparer.pk}"
    assert audited.after["control_sum_centimes"] == 18_521


def test_claims_posted_late_by_the_outbox_are_posted_once(preparer) -> None:
    claim = factories.claim(reimbursed=14_000)
    services.freeze_batch(by=preparer, at=NOW)

    services.post_approved_claims(subject_ids=[claim.id], at=LATER)

    assert selectors.ledger_balances()["BENEFITS"] == 14_000


def closed(claim: Claim) -> None:
    PayeeAccount.objects.filter(insured=claim.insured).update(
        period=DateRange(date(2020, 1, 1), date(2026, 11, 20))
    )


def mistyped(claim: Claim) -> None:
    PayeeAccount.objects.filter(insured=claim.insured).update(rib="011780000012345678901200")


def test_claims_that_cannot_be_paid_are_left_out_and_listed(preparer) -> None:
    paid, no_account, wrong_key = factories.claim(), factories.claim(), factories.claim()
    nothing = factories.claim(reimbursed=0)
    closed(no_account)
    mistyped(wrong_key)

    assert selectors.claims_payable(NOW) == [paid]
    assert [(left.claim, left.reason) for left in selectors.claims_left_out(NOW)] == [
        (no_account, "NO_ACCOUNT"),
        (wrong_key, "WRONG_ACCOUNT_KEY"),
        (nothing, "NOTHING_OWED"),
    ]
    batch = services.freeze_batch(by=preparer, at=NOW)

    assert batch.control_sum_centimes == 14_000
    assert states(paid, no_account, wrong_key, nothing) == ["SCHEDULED"] + ["APPROVED"] * 3


def test_the_account_is_the_one_of_the_execution_day(preparer) -> None:
    claim = factories.claim()
    closed(claim)
    PayeeAccount.objects.create(
        insured=claim.insured,
        rib=world.rib(777_777),
        holder="Nouveau compte",
        period=DateRange(date(2026, 11, 25), None),
    )

    batch = services.freeze_batch(by=preparer, at=NOW, execution_date=date(2026, 11, 25))

    assert selectors.orders_of(batch).get().rib == world.rib(777_777)


def test_sorting_ten_claims_takes_as_many_queries_as_sorting_two(django_assert_num_queries) -> None:
    claims = [factories.claim(third_party_payment=n % 2 == 0) for n in range(10)]

    for each in (claims[:2], claims):
        with django_assert_num_queries(3):
            selectors.sort_claims(each, day=world.TODAY)


def test_nothing_to_pay_is_said_and_no_batch_is_made(preparer, everything) -> None:
    closed(factories.claim())

    error = refused(
        services.NothingToPay, lambda: services.freeze_batch(by=preparer, at=NOW), everything
    )

    assert error.code == "NOTHING_TO_PAY"
    assert error.context == {"left_out": 1}


def test_a_day_that_is_past_is_refused(preparer, everything) -> None:
    factories.claim()

    refused(
        services.ExecutionDateInPast,
        lambda: services.freeze_batch(by=preparer, at=NOW, execution_date=date(2026, 11, 19)),
        everything,
    )


@pytest.mark.parametrize("role", [role for role in Role if role != "PAYMENT_OFFICER"])
def test_only_payment_officers_pay(role: Role, preparer, approver, everything) -> None:
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    factories.claim()
    stranger = world.user(role)

    for call in (
        lambda: services.freeze_batch(by=stranger, at=NOW),
        lambda: services.approve_batch(batch=batch, by=stranger, at=NOW),
        lambda: services.cancel_batch(batch=batch, by=stranger, at=NOW, reason="non"),
        lambda: services.export_batch(batch=batch, by=stranger, at=NOW),
        lambda: services.read_bank_answer(content=b"", by=stranger, at=NOW),
    ):
        refused(services.NotAPaymentOfficer, call, everything)


def test_who_prepared_does_not_approve(preparer, everything) -> None:
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)

    error = refused(
        services.FourEyes,
        lambda: services.approve_batch(batch=batch, by=preparer, at=LATER),
        everything,
    )

    assert (error.code, error.status) == ("FOUR_EYES", 403)


def test_the_database_holds_four_eyes_too(preparer) -> None:
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)

    with pytest.raises(IntegrityError, match="who_prepares_never_approves"), transaction.atomic():
        PaymentBatch.objects.filter(id=batch.id).update(approved_by=preparer, approved_at=NOW)
    with pytest.raises(IntegrityError, match="no_batch_leaves_unapproved"), transaction.atomic():
        PaymentBatch.objects.filter(id=batch.id).update(state="EXPORTED")


def test_another_person_approves(preparer) -> None:
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    other = world.user(Role.PAYMENT_OFFICER)

    approved = services.approve_batch(batch=batch, by=other, at=LATER)

    assert (approved.state, approved.approved_by, approved.approved_at) == (
        "APPROVED",
        other,
        LATER,
    )
    assert AuditEvent.objects.filter(action="payments.batch.approved").count() == 1


def test_a_batch_is_approved_once(preparer, approver, everything) -> None:
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)

    refused(
        TransitionRefused,
        lambda: services.approve_batch(batch=batch, by=approver, at=LATER),
        everything,
    )


@pytest.mark.parametrize(
    "change",
    [{"rib": world.rib(666_666)}, {"amount_centimes": 14_001}, {"holder": "Un autre"}],
)
def test_an_order_changed_behind_our_back_stops_approval_and_export(
    change, preparer, approver, everything
) -> None:
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    original = selectors.orders_of(batch).get()
    PaymentOrder.objects.filter(id=original.id).update(**change)
    refused(
        services.BatchChanged,
        lambda: services.approve_batch(batch=batch, by=approver, at=LATER),
        everything,
    )
    PaymentOrder.objects.filter(id=original.id).update(
        **{name: getattr(original, name) for name in change}
    )
    services.approve_batch(batch=batch, by=approver, at=LATER)
    PaymentOrder.objects.filter(id=original.id).update(**change)

    refused(
        services.BatchChanged,
        lambda: services.export_batch(batch=batch, by=approver, at=LATER),
        everything,
    )


@pytest.mark.parametrize("approved_first", [False, True])
def test_a_cancelled_batch_gives_its_claims_back(approved_first, preparer, approver) -> None:
    claim = factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    if approved_first:
        services.approve_batch(batch=batch, by=approver, at=NOW)

    cancelled = services.cancel_batch(batch=batch, by=preparer, at=LATER, reason="compte à revoir")

    assert cancelled.state == "CANCELLED"
    assert states(claim) == ["APPROVED"]
    assert selectors.orders_of(batch).get().state == "CANCELLED"
    assert OrderClaim.objects.get().is_live is False
    reasons = Transition.objects.filter(to_state__in=["CANCELLED", "APPROVED"], at=LATER)
    assert set(reasons.values_list("reason", flat=True)) == {"compte à revoir"}
    second = services.freeze_batch(by=preparer, at=LATER)
    assert second.control_sum_centimes == 14_000
    assert selectors.ledger_balances()["BENEFITS"] == 14_000


def test_a_batch_is_not_cancelled_without_a_reason_nor_after_it_left(
    preparer, approver, everything
) -> None:
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    refused(
        services.CancellationReasonMissing,
        lambda: services.cancel_batch(batch=batch, by=preparer, at=NOW, reason="  "),
        everything,
    )
    services.approve_batch(batch=batch, by=approver, at=NOW)
    services.export_batch(batch=batch, by=approver, at=NOW)

    refused(
        TransitionRefused,
        lambda: services.cancel_batch(batch=batch, by=preparer, at=LATER, reason="trop tard"),
        everything,
    )


def test_an_exported_batch_is_on_its_way(preparer, approver) -> None:
    factories.claim(reimbursed=14_000)
    factories.claim(reimbursed=4_520, third_party_payment=True)
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)

    content = services.export_batch(batch=batch, by=approver, at=LATER)

    batch.refresh_from_db()
    assert (batch.state, batch.exported_at) == ("EXPORTED", LATER)
    assert batch.file_hash == sha256(content).hexdigest()
    assert {order.state for order in selectors.orders_of(batch)} == {"SENT"}
    assert selectors.ledger_balances() == {
        "BENEFITS": 18_520,
        "PAYABLE_INSURED": 0,
        "PAYABLE_PROVIDER": 0,
        "TRANSIT": -18_520,
        "BANK": 0,
        "RECEIVABLE": 0,
    }
    assert selectors.ledger_sum() == 0
    assert selectors.batch_totals(batch) == selectors.BatchTotals(
        order_count=2,
        control_sum_centimes=18_520,
        paid_count=0,
        paid_centimes=0,
        returned_count=0,
        returned_centimes=0,
        waiting_count=2,
        waiting_centimes=18_520,
    )


def test_exporting_again_gives_the_same_bytes_and_posts_nothing(preparer, approver) -> None:
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)
    first = services.export_batch(batch=batch, by=approver, at=NOW)
    balances = selectors.ledger_balances()

    again = services.export_batch(batch=batch, by=preparer, at=LATER)

    assert again == first
    assert selectors.ledger_balances() == balances
    actions = AuditEvent.objects.filter(action__startswith="payments.batch.exported")
    assert sorted(actions.values_list("action", flat=True)) == [
        "payments.batch.exported",
        "payments.batch.exported_again",
    ]


def test_another_file_than_the_first_is_not_given(preparer, approver, everything) -> None:
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)
    services.export_batch(batch=batch, by=approver, at=NOW)

    with override_settings(FUND_BIC="AUTRMAMC"):
        refused(
            services.FileChanged,
            lambda: services.export_batch(batch=batch, by=approver, at=LATER),
            everything,
        )


def test_a_batch_that_nobody_approved_is_not_exported(preparer, everything) -> None:
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)

    refused(
        TransitionRefused,
        lambda: services.export_batch(batch=batch, by=preparer, at=LATER),
        everything,
    )


@pytest.mark.parametrize("setting", [{"FUND_RIB": ""}, {"FUND_RIB": "9" * 24}, {"FUND_BIC": ""}])
def test_no_file_without_a_paying_account(setting, preparer, approver, everything) -> None:
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)

    with override_settings(**setting):
        refused(
            services.FundAccountMissing,
            lambda: services.export_batch(batch=batch, by=approver, at=LATER),
            everything,
        )


def test_a_file_the_schema_refuses_does_not_leave(preparer, approver, everything) -> None:
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)

    with override_settings(FUND_BIC="not a bic"):
        error = refused(
            services.BankFileInvalid,
            lambda: services.export_batch(batch=batch, by=approver, at=LATER),
            everything,
        )

    assert "BICFI" in error.context["where"]
    assert iso20022.CURRENCY == "MAD"


def test_a_claim_lives_in_one_order_only(preparer) -> None:
    claim = factories.claim()
    services.freeze_batch(by=preparer, at=NOW)
    row = OrderClaim.objects.get()

    with pytest.raises(IntegrityError, match="a_claim_is_paid_once"), transaction.atomic():
        OrderClaim.objects.create(
            order=row.order, claim=claim, insured=claim.insured, amount_centimes=1
        )


@pytest.mark.parametrize(
    ("model", "fields", "constraint"),
    [
        (PaymentBatch, {"order_count": 0}, "batch_is_not_empty"),
        (PaymentBatch, {"approved_at": NOW}, "approval_is_a_pair"),
        (PaymentOrder, {"insured": None}, "order_has_one_payee"),
        (PaymentOrder, {"amount_centimes": -1}, "nothing_is_sent_for_nothing"),
        (PaymentOrder, {"answered_at": NOW}, "order_answered_iff_answered_at"),
        (PaymentOrder, {"state": "PAID"}, "order_answered_iff_answered_at"),
        (OrderClaim, {"amount_centimes": 0}, "paid_amount_is_positive"),
    ],
)
def test_the_database_refuses_impossible_rows(model, fields, constraint: str, preparer) -> None:
    factories.claim()
    services.freeze_batch(by=preparer, at=NOW)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**fields)


def test_two_people_with_no_account_of_their_own_share_nothing() -> None:
    amina, said = world.person(), world.person()

    accounts = selectors.accounts_on(
        [Payee(PayeeKind.INSURED, amina.insured_id), Payee(PayeeKind.PROVIDER, said.insured_id)],
        day=world.TODAY,
    )

    assert list(accounts) == [Payee(PayeeKind.INSURED, amina.insured_id)]
