"""The bank's answer: paid or returned once, or refused whole."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import override_settings

from claims.models import Claim
from core.models import AuditEvent
from payments import selectors, services
from payments.gateways.demo_bank import demo_bank_answer, demo_bank_notification
from payments.models import BankAnswer, OrderClaim, PayeeAccount, PaymentOrder
from tests import world
from tests.payments import factories
from tests.payments.test_batches import refused, states

NOW = factories.NOW
ANSWERED = NOW + timedelta(days=1)
pytestmark = pytest.mark.django_db


class Sent:
    """A batch at the bank: two insured people and a pharmacy."""

    def __init__(self, preparer, approver) -> None:
        self.amina = factories.claim(reimbursed=14_000)
        self.said = factories.claim(reimbursed=2_000)
        self.boxes = factories.claim(reimbursed=4_520, third_party_payment=True)
        batch = services.freeze_batch(by=preparer, at=NOW)
        services.approve_batch(batch=batch, by=approver, at=NOW)
        self.file = services.export_batch(batch=batch, by=approver, at=NOW)
        batch.refresh_from_db()
        self.batch = batch
        self.by = preparer

    def reference_of(self, claim: Claim) -> str:
        return selectors.orders_of_claims([claim.id])[claim.id].reference

    def answer(self, *returned: Claim, at=ANSWERED, **said) -> bytes:
        references = [self.reference_of(claim) for claim in returned]
        return demo_bank_answer(self.file, at=at, returned=references, **said)

    def notice(self, *, executed=None, returned=(), at=ANSWERED, **said) -> bytes:
        """What was booked on the account: claims whose transfers were debited, or came back."""
        return demo_bank_notification(
            self.file,
            at=at,
            executed=None if executed is None else [self.reference_of(c) for c in executed],
            returned=[self.reference_of(claim) for claim in returned],
            **said,
        )

    def order_of(self, claim: Claim) -> PaymentOrder:
        return selectors.orders_of_claims([claim.id])[claim.id]

    def read(self, content: bytes, at=ANSWERED, **how) -> BankAnswer:
        return services.read_bank_answer(content=content, by=self.by, at=at, **how)


@pytest.fixture
def sent(preparer, approver) -> Sent:
    return Sent(preparer, approver)


def test_all_transfers_executed(sent: Sent) -> None:
    stored = sent.read(sent.answer())

    assert (stored.paid_count, stored.returned_count) == (3, 0)
    assert states(sent.amina, sent.said, sent.boxes) == ["PAID"] * 3
    assert Claim.objects.get(id=sent.amina.id).settled_at == ANSWERED
    sent.batch.refresh_from_db()
    assert sent.batch.state == "SETTLED"
    assert selectors.ledger_balances() == {
        "BENEFITS": 20_520,
        "PAYABLE_INSURED": 0,
        "PAYABLE_PROVIDER": 0,
        "TRANSIT": 0,
        "BANK": -20_520,
        "RECEIVABLE": 0,
    }


def test_one_transfer_returned_is_owed_again(sent: Sent) -> None:
    stored = sent.read(sent.answer(sent.said))

    assert (stored.paid_count, stored.returned_count) == (2, 1)
    assert states(sent.amina, sent.said, sent.boxes) == ["PAID", "PAYMENT_FAILED", "PAID"]
    order = selectors.orders_of_claims([sent.said.id])[sent.said.id]
    assert (order.state, order.return_reason, order.answered_at) == (
        "RETURNED",
        "AC04 Compte clos",
        ANSWERED,
    )
    assert OrderClaim.objects.get(claim=sent.said).is_live is False
    sent.batch.refresh_from_db()
    assert sent.batch.state == "PARTLY_SETTLED"
    totals = selectors.batch_totals(sent.batch)
    assert (totals.paid_centimes, totals.returned_centimes, totals.waiting_count) == (
        18_520,
        2_000,
        0,
    )
    assert totals.paid_centimes + totals.returned_centimes == totals.control_sum_centimes
    assert selectors.ledger_balances() == {
        "BENEFITS": 20_520,
        "PAYABLE_INSURED": -2_000,
        "PAYABLE_PROVIDER": 0,
        "TRANSIT": 0,
        "BANK": -18_520,
        "RECEIVABLE": 0,
    }
    assert selectors.ledger_sum() == 0
    assert str(sent.batch) == sent.batch.number
    assert selectors.order_of_claim(sent.said).order == order
    audited = AuditEvent.objects.get(action="payments.answer.read")
    assert (audited.after["paid"], audited.after["returned"]) == (2, 1)


def test_the_same_file_read_again_changes_nothing(sent: Sent, everything) -> None:
    content = sent.answer(sent.said)
    first = sent.read(content)
    before = everything()

    again = sent.read(content, at=ANSWERED + timedelta(days=1))

    assert again == first
    assert everything() == before


def test_other_bytes_that_repeat_the_answer_are_kept_and_change_nothing(sent: Sent) -> None:
    sent.read(sent.answer(sent.said))
    balances = selectors.ledger_balances()
    claims = states(sent.amina, sent.said, sent.boxes)

    stored = sent.read(sent.answer(sent.said, at=ANSWERED + timedelta(hours=1)))

    assert (stored.paid_count, stored.returned_count) == (0, 0)
    assert BankAnswer.objects.count() == 2
    assert selectors.ledger_balances() == balances
    assert states(sent.amina, sent.said, sent.boxes) == claims


def test_an_answer_given_on_another_batch_s_page_is_refused(sent: Sent, everything) -> None:
    error = refused(
        services.AnswerOfAnotherBatch,
        lambda: services.read_bank_answer(
            content=sent.answer(),
            by=world.user(world.Role.PAYMENT_OFFICER),
            at=world.NOW,
            batch_number="B1",
        ),
        everything,
    )

    assert error.code == "ANSWER_OF_ANOTHER_BATCH"


@pytest.mark.parametrize("first_returned", [True, False])
def test_a_contradiction_is_refused_whole(first_returned: bool, sent: Sent, everything) -> None:
    sent.read(sent.answer(*[sent.said] if first_returned else []))
    contrary = sent.answer(*[] if first_returned else [sent.said])

    error = refused(services.AnswerContradicts, lambda: sent.read(contrary), everything)

    assert error.context == {"reference": sent.reference_of(sent.said)}


def test_a_file_that_contradicts_itself_is_refused(sent: Sent, everything) -> None:
    content = sent.answer().decode()
    start = content.index("<TxInfAndSts>")
    end = content.index("</TxInfAndSts>") + len("</TxInfAndSts>")
    twice = content[:end] + content[start:end].replace("ACSC", "RJCT") + content[end:]

    refused(services.AnswerContradicts, lambda: sent.read(twice.encode()), everything)


def test_an_answer_in_two_files_settles_the_batch_with_the_second(sent: Sent) -> None:
    whole = sent.answer(sent.said)
    waiting = whole.replace(b"<TxSts>ACSC</TxSts>", b"<TxSts>ACSP</TxSts>")

    first = sent.read(waiting)

    assert (first.paid_count, first.returned_count) == (0, 1)
    sent.batch.refresh_from_db()
    assert sent.batch.state == "EXPORTED"
    assert states(sent.amina, sent.boxes) == ["SCHEDULED"] * 2
    sent.read(whole)
    sent.batch.refresh_from_db()
    assert sent.batch.state == "PARTLY_SETTLED"


def without_transactions(content: bytes, group_status: str) -> bytes:
    text = content.decode()
    head = text[: text.index("<OrgnlPmtInfAndSts>")]
    tail = "</CstmrPmtStsRpt></Document>"
    status = f"<GrpSts>{group_status}</GrpSts>"
    return (head.replace("</OrgnlGrpInfAndSts>", f"{status}</OrgnlGrpInfAndSts>") + tail).encode()


@pytest.mark.parametrize(
    ("status", "claim_state", "batch_state"),
    [
        ("RJCT", "PAYMENT_FAILED", "PARTLY_SETTLED"),
        ("ACSC", "PAID", "SETTLED"),
        ("ACCP", "SCHEDULED", "EXPORTED"),
    ],
)
def test_a_status_of_the_whole_file_holds_for_all(
    status: str, claim_state: str, batch_state: str, sent: Sent
) -> None:
    sent.read(without_transactions(sent.answer(), status))

    assert states(sent.amina, sent.said, sent.boxes) == [claim_state] * 3
    sent.batch.refresh_from_db()
    assert sent.batch.state == batch_state


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("{number}", "B2026-999999", "BatchUnknown"),
        ("{number}-00001", "{number}-00009", "OrderUnknown"),
        ("<OrgnlNbOfTxs>3<", "<OrgnlNbOfTxs>4<", "AnswerSumDiffers"),
        (">205.20</OrgnlCtrlSum>", ">205.21</OrgnlCtrlSum>", "AnswerSumDiffers"),
        (">140.00</InstdAmt>", ">140.01</InstdAmt>", "AnswerSumDiffers"),
        (">140.00</InstdAmt>", ">140.001</InstdAmt>", "BankAnswerUnreadable"),
        (">140.00</InstdAmt>", ">NaN</InstdAmt>", "BankAnswerUnreadable"),
        ('Ccy="MAD"', 'Ccy="EUR"', "BankAnswerUnreadable"),
        ("pain.001.001.09", "pain.001.001.03", "BankAnswerUnreadable"),
        ("pain.002.001.10", "pain.002.001.03", "BankAnswerUnreadable"),
        ("ACSC", "OKAY", "BankAnswerUnreadable"),
        ("<TxSts>ACSC</TxSts>", "", "BankAnswerUnreadable"),
        ("<TxSts>", "<Strange>1</Strange><TxSts>", "BankAnswerUnreadable"),
        (">2026-11-21T10:00:00Z<", ">yesterday<", "BankAnswerUnreadable"),
        ("</Document>", "", "BankAnswerUnreadable"),
    ],
)
def test_an_answer_that_is_not_ours_is_refused_and_nothing_changes(
    old: str, new: str, error: str, sent: Sent, everything
) -> None:
    old, new = (text.format(number=sent.batch.number) for text in (old, new))
    text = sent.answer(sent.said).decode()
    assert old in text

    caught = refused(
        getattr(services, error), lambda: sent.read(text.replace(old, new).encode()), everything
    )

    assert caught.text("fr")
    assert caught.code.isupper()


def test_an_answer_about_a_batch_that_did_not_leave_is_refused(sent: Sent, everything) -> None:
    factories.claim()
    waiting = services.freeze_batch(by=sent.by, at=NOW)
    text = sent.answer().decode().replace(sent.batch.number, waiting.number)

    refused(services.BatchUnknown, lambda: sent.read(text.encode()), everything)


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY b{n} "{"&a;" * 10 if n == 0 else f"&b{n - 1};" * 10}">' for n in range(9))
    + "]><Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.002.001.10'>&b8;</Document>"
).encode()
EXTERNAL = (
    b'<!DOCTYPE Document [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
    b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.002.001.10'>&secret;</Document>"
)


@pytest.mark.parametrize(
    "content",
    [BOMB, BOMB.decode().encode("utf-16"), EXTERNAL, b"", b"not xml", b"\x00\x01", b"<a/>"],
    ids=["bomb", "bomb in UTF-16", "external entity", "empty", "text", "bytes", "other XML"],
)
def test_hostile_and_broken_files_are_refused(content: bytes, sent: Sent, everything) -> None:
    refused(services.BankAnswerUnreadable, lambda: sent.read(content), everything)


def test_a_file_too_large_is_refused_before_it_is_parsed(sent: Sent, everything) -> None:
    error = refused(services.BankAnswerTooLarge, lambda: sent.read(b" " * 20_000_001), everything)

    assert error.status == 413


def new_account(claim: Claim, serial: int = 888_888) -> None:
    """The person gives another account from the day of the answer on."""
    today = ANSWERED.date()
    PayeeAccount.objects.filter(insured=claim.insured).update(
        period=DateRange(date(2020, 1, 1), today)
    )
    PayeeAccount.objects.create(
        insured=claim.insured,
        rib=world.rib(serial),
        holder="Autre compte",
        period=DateRange(today, None),
    )


def test_a_returned_claim_waits_for_another_account_then_is_paid(sent: Sent, approver) -> None:
    sent.read(sent.answer(sent.said))
    left_out = selectors.claims_left_out(ANSWERED)
    assert [(left.claim.id, left.reason) for left in left_out] == [
        (sent.said.id, "ACCOUNT_UNCHANGED")
    ]
    assert left_out[0].sentence == "virement rejeté, et le compte n’a pas changé depuis"
    with pytest.raises(services.NothingToPay):
        services.freeze_batch(by=sent.by, at=ANSWERED)
    new_account(sent.said)

    batch = services.freeze_batch(by=sent.by, at=ANSWERED)
    services.approve_batch(batch=batch, by=approver, at=ANSWERED)
    file = services.export_batch(batch=batch, by=approver, at=ANSWERED)
    sent.read(demo_bank_answer(file, at=ANSWERED))

    assert states(sent.said) == ["PAID"]
    assert selectors.ledger_balances() == {
        "BENEFITS": 20_520,
        "PAYABLE_INSURED": 0,
        "PAYABLE_PROVIDER": 0,
        "TRANSIT": 0,
        "BANK": -20_520,
        "RECEIVABLE": 0,
    }
    story = [(entry.account, entry.side) for entry in selectors.ledger_of_claim(sent.said.id)]
    assert story == [
        ("BENEFITS", "DEBIT"),
        ("PAYABLE_INSURED", "CREDIT"),
        ("PAYABLE_INSURED", "DEBIT"),
        ("TRANSIT", "CREDIT"),
        ("TRANSIT", "DEBIT"),
        ("PAYABLE_INSURED", "CREDIT"),
        ("PAYABLE_INSURED", "DEBIT"),
        ("TRANSIT", "CREDIT"),
        ("TRANSIT", "DEBIT"),
        ("BANK", "CREDIT"),
    ]


def test_a_cancelled_second_try_does_not_forget_the_closed_account(sent: Sent) -> None:
    sent.read(sent.answer(sent.said))
    new_account(sent.said)
    batch = services.freeze_batch(by=sent.by, at=ANSWERED)
    PayeeAccount.objects.filter(insured=sent.said.insured).delete()
    PayeeAccount.objects.create(
        insured=sent.said.insured,
        rib=selectors.orders_of(sent.batch).get(insured=sent.said.insured).rib,
        holder="Le compte clos",
        period=DateRange(date(2020, 1, 1), None),
    )

    services.cancel_batch(batch=batch, by=sent.by, at=ANSWERED, reason="mauvais compte")

    assert states(sent.said) == ["APPROVED"]
    assert [left.reason for left in selectors.claims_left_out(ANSWERED)] == ["ACCOUNT_UNCHANGED"]


def test_what_the_bank_answered_is_never_changed(sent: Sent) -> None:
    sent.read(sent.answer())

    with (
        pytest.raises(DatabaseError, match="append only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE payments_bankanswer SET paid_count = 0")


def test_the_bank_of_the_demonstration_answers_nowhere_else(sent: Sent) -> None:
    with override_settings(DEMO_LOGINS=False), pytest.raises(RuntimeError, match="does not exist"):
        demo_bank_answer(sent.file, at=ANSWERED)
