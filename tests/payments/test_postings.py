"""The ledger: each event once, balanced at every commit, never changed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from payments import selectors, services
from payments.models import LedgerEntry, Posting
from payments.rules import Account, Movement
from payments.services import _posting
from tests.payments import factories

NOW = factories.NOW
LATER = NOW + timedelta(days=40)


def entries(claim_id):
    return [
        (entry.account, entry.side, entry.amount_centimes)
        for entry in selectors.ledger_of_claim(claim_id)
    ]


@pytest.mark.django_db
def test_an_approved_claim_is_owed_to_the_insured() -> None:
    claim = factories.claim(reimbursed=14_000)

    services.post_approved_claims(subject_ids=[claim.id], at=NOW)

    assert entries(claim.id) == [
        ("BENEFITS", "DEBIT", 14_000),
        ("PAYABLE_INSURED", "CREDIT", 14_000),
    ]
    entry = selectors.ledger_of_claim(claim.id)[1]
    assert (entry.payee_id, entry.insured_id) == (claim.insured_id, claim.insured_id)


@pytest.mark.django_db
def test_third_party_payment_is_owed_to_the_provider() -> None:
    claim = factories.claim(reimbursed=4_520, third_party_payment=True)

    services.post_approved_claims(subject_ids=[claim.id], at=NOW)

    assert entries(claim.id) == [
        ("BENEFITS", "DEBIT", 4_520),
        ("PAYABLE_PROVIDER", "CREDIT", 4_520),
    ]
    assert selectors.ledger_of_claim(claim.id)[1].payee_id == claim.provider_id


@pytest.mark.django_db
def test_the_event_delivered_again_a_month_later_posts_nothing(everything) -> None:
    claims = [factories.claim(), factories.claim()]
    keys = [claim.id for claim in claims]
    services.post_approved_claims(subject_ids=keys, at=NOW)
    before = everything()

    services.post_approved_claims(subject_ids=[*keys, keys[0]], at=LATER)

    assert everything() == before
    assert selectors.ledger_balances()["BENEFITS"] == 28_000


@pytest.mark.django_db
def test_another_decision_posts_the_difference() -> None:
    claim = factories.claim(reimbursed=14_000)
    services.post_approved_claims(subject_ids=[claim.id], at=NOW)
    factories.decide(claim, reimbursed=11_500)

    services.post_approved_claims(subject_ids=[claim.id], at=NOW)

    assert entries(claim.id)[2:] == [
        ("PAYABLE_INSURED", "DEBIT", 2_500),
        ("BENEFITS", "CREDIT", 2_500),
    ]
    assert selectors.ledger_balances() == {
        "BENEFITS": 11_500,
        "PAYABLE_INSURED": -11_500,
        "PAYABLE_PROVIDER": 0,
        "TRANSIT": 0,
        "BANK": 0,
        "RECEIVABLE": 0,
    }


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["ADJUDICATED", "DENIED", "IN_REVIEW"])
def test_a_claim_that_is_not_to_be_paid_posts_nothing(state: str, everything) -> None:
    claim = factories.claim(state=state)
    before = everything()

    services.post_approved_claims(subject_ids=[claim.id, uuid4()], at=NOW)

    assert everything() == before


@pytest.mark.django_db
def test_nothing_to_reimburse_posts_nothing() -> None:
    claim = factories.claim(reimbursed=0)

    services.post_approved_claims(subject_ids=[claim.id], at=NOW)

    assert entries(claim.id) == []


def one_entry(**fields):
    return LedgerEntry(
        **{
            "at": NOW,
            "posting_id": uuid4(),
            "account": "BANK",
            "side": "DEBIT",
            "amount_centimes": 100,
            "payee_id": uuid4(),
            **fields,
        }
    )


def commit(*entries: LedgerEntry) -> None:
    with transaction.atomic():
        LedgerEntry.objects.bulk_create(entries)


@pytest.mark.django_db(transaction=True)
def test_an_unbalanced_posting_does_not_survive_the_commit() -> None:
    posting = uuid4()

    with pytest.raises(IntegrityError, match="does not balance"):
        commit(
            one_entry(posting_id=posting),
            one_entry(posting_id=posting, side="CREDIT", amount_centimes=99),
        )

    assert LedgerEntry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_balanced_posting_cannot_be_unbalanced_later() -> None:
    posting = uuid4()
    commit(one_entry(posting_id=posting), one_entry(posting_id=posting, side="CREDIT"))

    with pytest.raises(IntegrityError, match="does not balance"):
        one_entry(posting_id=posting, at=LATER).save(force_insert=True)

    assert selectors.ledger_sum() == 0
    assert LedgerEntry.objects.count() == 2


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        # A deferred trigger still waiting would hide TRUNCATE's own refusal.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_ledgerentry SET amount_centimes = 1",
        "DELETE FROM payments_ledgerentry",
        "TRUNCATE payments_ledgerentry",
        "UPDATE payments_posting SET at = now()",
        "DELETE FROM payments_posting",
        "TRUNCATE payments_posting",
    ],
)
def test_what_is_posted_is_never_changed(statement: str, everything) -> None:
    claim = factories.claim()
    services.post_approved_claims(subject_ids=[claim.id], at=NOW)
    before = everything()

    with pytest.raises(DatabaseError, match="append only"):
        run(statement)

    assert everything() == before


@pytest.mark.django_db
def test_a_source_is_posted_once_even_without_the_service() -> None:
    source = uuid4()
    Posting.objects.create(kind=Posting.Kind.PAID, source_id=source, at=NOW)

    with pytest.raises(IntegrityError, match="posting_happens_once"), transaction.atomic():
        _posting.write(
            [
                _posting.Event(
                    Posting.Kind.PAID,
                    source,
                    Movement(Account.TRANSIT, Account.BANK, 100),
                    payee_id=uuid4(),
                    claim_id=uuid4(),
                    insured_id=uuid4(),
                )
            ],
            at=LATER,
        )

    assert LedgerEntry.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"amount_centimes": 0}, "entry_is_positive"),
        ({"amount_centimes": -5}, "entry_is_positive"),
        ({"side": "BOTH"}, "entry_has_a_side"),
    ],
)
def test_an_entry_is_positive_and_has_a_side(fields, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        one_entry(**fields).save(force_insert=True)
