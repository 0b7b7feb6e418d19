"""Booking notices (camt.054): transfers executed, or back days after they were paid, each once."""

import re
from datetime import timedelta
from itertools import permutations

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from lxml import etree

from accounts.models import Role
from claims.models import Claim
from core.models import Transition
from payments import rules, selectors, services
from payments.gateways import BookedLine, Notification, Outcome, _notification, iso20022
from payments.gateways._errors import BankAnswerUnreadable, BankTotalsDiffer
from payments.gateways.demo_bank import demo_bank_notification
from payments.models import BankAnswer, BankLine, OrderClaim, PaymentRepair, Posting, UndueAmount
from payments.rules import CREDITED_BACK, Contradiction, Source, Word
from tests import world
from tests.payments import factories
from tests.payments.test_answers import ANSWERED, Sent
from tests.payments.test_batches import refused, states
from tests.payments.test_reversals import GROUNDS

NOW = factories.NOW
DAYS_LATER = ANSWERED + timedelta(days=4)
pytestmark = pytest.mark.django_db

DEBITED, REPORTED, REJECTED = (
    Word(Source.NOTICE, Outcome.PAID),
    Word(Source.REPORT, Outcome.PAID),
    Word(Source.REPORT, Outcome.RETURNED),
)


@pytest.fixture
def sent(preparer, approver) -> Sent:
    return Sent(preparer, approver)


def balances(**changed: int) -> dict[str, int]:
    accounts = selectors.ledger_balances()
    return dict.fromkeys(accounts, 0) | {"BENEFITS": 20_520} | changed


def batch_state(sent: Sent) -> str:
    sent.batch.refresh_from_db()
    return str(sent.batch.state)


def test_debits_settle_the_batch(sent: Sent) -> None:
    stored = sent.read(sent.notice())

    assert (stored.message, stored.paid_count, stored.returned_count) == ("camt.054", 3, 0)
    assert list(stored.batches.all()) == [sent.batch]
    assert states(sent.amina, sent.said, sent.boxes) == ["PAID"] * 3
    assert batch_state(sent) == "SETTLED"
    assert selectors.ledger_balances() == balances(BANK=-20_520)
    assert set(stored.lines.values_list("source", "outcome", "reason")) == {("NOTICE", "PAID", "")}


def test_a_transfer_that_comes_back_days_after_it_was_paid_is_owed_again(sent: Sent) -> None:
    sent.read(sent.answer())
    sent.read(sent.notice())
    assert Claim.objects.get(id=sent.said.id).settled_at == ANSWERED

    stored = sent.read(sent.notice(executed=[], returned=[sent.said]), at=DAYS_LATER)

    assert (stored.paid_count, stored.returned_count) == (0, 1)
    claim = Claim.objects.get(id=sent.said.id)
    assert (claim.state, claim.settled_at) == ("PAYMENT_FAILED", None)
    order = sent.order_of(sent.said)
    assert (order.state, order.answered_at, order.return_reason) == (
        "RETURNED",
        DAYS_LATER,
        "AC04 Compte clos",
    )
    assert OrderClaim.objects.get(order=order).is_live is False
    assert batch_state(sent) == "PARTLY_SETTLED"
    assert selectors.ledger_balances() == balances(PAYABLE_INSURED=-2_000, BANK=-18_520)
    assert selectors.ledger_sum() == 0
    back = selectors.ledger_of_claim(sent.said.id)[-2:]
    assert [(each.account, each.side, each.amount_centimes) for each in back] == [
        ("BANK", "DEBIT", 2_000),
        ("PAYABLE_INSURED", "CREDIT", 2_000),
    ]
    assert PaymentRepair.objects.get().order == order


def test_a_return_that_comes_before_its_debit_is_both(sent: Sent) -> None:
    stored = sent.read(sent.notice(executed=[], returned=[sent.said]))

    assert (stored.paid_count, stored.returned_count) == (1, 1)
    order = sent.order_of(sent.said)
    moves = Transition.objects.filter(subject_id=order.id).order_by("id")
    assert [move.to_state for move in moves] == ["READY", "SENT", "PAID", "RETURNED"]
    assert selectors.ledger_balances() == balances(PAYABLE_INSURED=-2_000, TRANSIT=-18_520, BANK=0)

    later = sent.read(sent.notice(), at=DAYS_LATER)

    assert (later.paid_count, later.returned_count) == (2, 0)
    assert states(sent.amina, sent.said, sent.boxes) == ["PAID", "PAYMENT_FAILED", "PAID"]
    assert selectors.ledger_balances() == balances(PAYABLE_INSURED=-2_000, BANK=-18_520)
    assert batch_state(sent) == "PARTLY_SETTLED"


def test_a_debit_and_its_return_in_one_file(sent: Sent) -> None:
    stored = sent.read(sent.notice(returned=[sent.amina]))

    assert (stored.paid_count, stored.returned_count) == (3, 1)
    assert states(sent.amina, sent.said, sent.boxes) == ["PAYMENT_FAILED", "PAID", "PAID"]
    assert batch_state(sent) == "PARTLY_SETTLED"
    assert Posting.objects.filter(kind="RETURNED").count() == 1


def story(sent: Sent) -> list[bytes]:
    """A report, a notice of two debits, an overlapping one of three, and a return."""
    return [
        sent.answer(),
        sent.notice(executed=[sent.amina, sent.said]),
        sent.notice(at=ANSWERED + timedelta(hours=2)),
        sent.notice(executed=[], returned=[sent.said], at=DAYS_LATER),
    ]


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_files_in_any_order_and_twice_each_come_to_the_same(order, preparer, approver) -> None:
    sent = Sent(preparer, approver)
    files = story(sent)

    for place in (*order, *order):
        sent.read(files[place])
    for place in order:
        sent.read(files[place] + b"\n")

    assert states(sent.amina, sent.said, sent.boxes) == ["PAID", "PAYMENT_FAILED", "PAID"]
    assert selectors.ledger_balances() == balances(PAYABLE_INSURED=-2_000, BANK=-18_520)
    assert batch_state(sent) == "PARTLY_SETTLED"
    assert BankAnswer.objects.count() == 8
    assert sorted(BankLine.objects.values_list("source", "outcome")) == [
        *[("NOTICE", "PAID")] * 3,
        ("NOTICE", "RETURNED"),
        *[("REPORT", "PAID")] * 3,
    ]
    assert PaymentRepair.objects.count() == 1


def test_the_same_notice_read_again_changes_nothing(sent: Sent, everything) -> None:
    content = sent.notice(returned=[sent.said])
    first = sent.read(content)
    before = everything()

    assert sent.read(content, at=DAYS_LATER) == first
    assert everything() == before


def test_a_notice_speaks_of_several_batches(sent: Sent, preparer, approver) -> None:
    other = factories.claim(reimbursed=3_000)
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)
    file = services.export_batch(batch=batch, by=approver, at=NOW)
    one = sent.notice().decode()
    two = demo_bank_notification(file, at=ANSWERED).decode()
    entries = re.search(r"<Ntry>.*</Ntry>", two, re.DOTALL)
    assert entries
    both = re.sub(r"<TxsSummry>.*</TxsSummry>", "", one, flags=re.DOTALL)
    both = both.replace("</Ntfctn>", f"{entries[0]}</Ntfctn>")

    stored = sent.read(both.encode())

    assert stored.paid_count == 4
    assert set(stored.batches.values_list("number", flat=True)) == {sent.batch.number, batch.number}
    assert states(other) == ["PAID"]
    batch.refresh_from_db()
    assert (batch.state, batch_state(sent)) == ("SETTLED", "SETTLED")


def test_a_rejected_transfer_that_is_debited_is_a_contradiction(sent: Sent, everything) -> None:
    sent.read(sent.answer(sent.said))

    error = refused(
        services.AnswerContradicts, lambda: sent.read(sent.notice(executed=[sent.said])), everything
    )

    assert error.context == {"reference": sent.reference_of(sent.said)}


def test_a_rejected_transfer_debited_and_credited_back_changes_nothing(sent: Sent) -> None:
    sent.read(sent.answer(sent.said))
    before = selectors.ledger_balances()

    stored = sent.read(sent.notice(executed=[sent.said], returned=[sent.said]))

    assert (stored.paid_count, stored.returned_count) == (0, 0)
    assert selectors.ledger_balances() == before
    assert states(sent.said) == ["PAYMENT_FAILED"]


def test_a_report_of_rejection_after_the_debit_is_a_contradiction(sent: Sent, everything) -> None:
    sent.read(sent.notice(executed=[sent.said]))

    refused(services.AnswerContradicts, lambda: sent.read(sent.answer(sent.said)), everything)


def test_a_transfer_debited_twice_in_one_file_is_a_contradiction(sent: Sent, everything) -> None:
    refused(
        services.AnswerContradicts,
        lambda: sent.read(sent.notice(executed=[sent.said, sent.said])),
        everything,
    )


REFUSED = [
    ("{number}-00001", "{number}-00009", "OrderUnknown"),
    (">140.00<", ">140.01<", "BankTotalsDiffer"),
    ("<NbOfNtries>3<", "<NbOfNtries>4<", "BankTotalsDiffer"),
    ("<Sum>205.20<", "<Sum>205.21<", "BankTotalsDiffer"),
    ("<NbOfNtries>3<", "<NbOfNtries>x<", "BankAnswerUnreadable"),
    ("<Sum>205.20<", "<Sum>NaN<", "BankAnswerUnreadable"),
    (">140.00<", ">1E+999999<", "BankAnswerUnreadable"),
    (">140.00<", ">140.001<", "BankAnswerUnreadable"),
    ('<Amt Ccy="MAD">', '<Amt Ccy="EUR">', "BankAnswerUnreadable"),
    ("<Ccy>MAD</Ccy>", "<Ccy>EUR</Ccy>", "BankAnswerUnreadable"),
    ("999780000000000000000105", "999780000000000000000106", "AnswerOfAnotherAccount"),
    ("camt.054.001.08", "camt.054.001.02", "BankAnswerUnreadable"),
    ("camt.054.001.08", "camt.053.001.08", "BankAnswerUnreadable"),
    ("<Cd>BOOK</Cd>", "<Cd>GONE</Cd>", "BankAnswerUnreadable"),
    ("<Cd>BOOK</Cd>", "<Prtry>BOOK</Prtry>", "BankAnswerUnreadable"),
    ("<Sts>", "<Strange>1</Strange><Sts>", "BankAnswerUnreadable"),
    ("<CdtDbtInd>DBIT</CdtDbtInd>", "<CdtDbtInd>CRDT</CdtDbtInd>", "BankAnswerUnreadable"),
    ("<Sts>", "<RvslInd>true</RvslInd><Sts>", "BankAnswerUnreadable"),
    ("</Document>", "", "BankAnswerUnreadable"),
]


@pytest.mark.parametrize(("old", "new", "error"), REFUSED)
def test_a_notice_that_is_not_ours_is_refused_and_nothing_changes(
    old: str, new: str, error: str, sent: Sent, everything
) -> None:
    old, new = (text.format(number=sent.batch.number) for text in (old, new))
    text = sent.notice().decode()
    assert old in text
    changed = text.replace(old, new, 1 if "140.00" in old else -1)

    caught = refused(getattr(services, error), lambda: sent.read(changed.encode()), everything)

    assert caught.code.isupper()
    assert caught.text("fr") != caught.text("ar")


def test_an_amount_that_is_not_what_was_sent_is_refused(sent: Sent, everything) -> None:
    text = sent.notice(executed=[sent.amina]).decode()
    changed = text.replace("140.00", "139.99")

    error = refused(services.AnswerSumDiffers, lambda: sent.read(changed.encode()), everything)

    assert error.context["what"] == sent.reference_of(sent.amina)


def test_a_transfer_not_sent_yet_is_unknown_to_the_bank(sent: Sent, everything) -> None:
    factories.claim()
    waiting = services.freeze_batch(by=sent.by, at=NOW)
    text = sent.notice(executed=[sent.amina]).decode()
    changed = text.replace(sent.reference_of(sent.amina), f"{waiting.number}-00001")

    refused(services.OrderUnknown, lambda: sent.read(changed.encode()), everything)


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY b{n} "{"&a;" * 10 if n == 0 else f"&b{n - 1};" * 10}">' for n in range(9))
    + "]><Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.054.001.08'>&b8;</Document>"
).encode()


def test_a_bomb_is_refused(sent: Sent, everything) -> None:
    refused(services.BankAnswerUnreadable, lambda: sent.read(BOMB), everything)


def test_a_huge_notice_is_refused_before_it_is_parsed(sent: Sent, everything) -> None:
    content = sent.notice() + b" " * 20_000_000

    assert (
        refused(services.BankAnswerTooLarge, lambda: sent.read(content), everything).status == 413
    )


@pytest.mark.parametrize("cut", [10, 50, 90])
def test_a_truncated_notice_is_refused(cut: int, sent: Sent, everything) -> None:
    content = sent.notice()

    refused(
        services.BankAnswerUnreadable,
        lambda: sent.read(content[: len(content) * cut // 100]),
        everything,
    )


def test_an_installation_without_an_account_reads_no_notice(sent: Sent, everything) -> None:
    content = sent.notice()

    with override_settings(FUND_RIB=""):
        refused(services.AnswerOfAnotherAccount, lambda: sent.read(content), everything)


def test_announced_entries_book_nothing(sent: Sent) -> None:
    pending = sent.notice().replace(b"<Cd>BOOK</Cd>", b"<Cd>PDNG</Cd>")

    stored = sent.read(pending)

    assert (stored.paid_count, BankLine.objects.count()) == (0, 0)
    assert states(sent.amina) == ["SCHEDULED"]


@pytest.mark.parametrize("version", _notification.VERSIONS)
def test_every_declared_version_is_read_alike(version: str, sent: Sent) -> None:
    content = sent.notice(executed=[sent.amina], returned=[sent.amina])
    other = content.replace(b"camt.054.001.08", f"camt.054.001.{version}".encode())

    assert iso20022.read(other) == Notification(
        account="999780000000000000000105",
        lines=(
            BookedLine(sent.reference_of(sent.amina), Outcome.PAID, 14_000),
            BookedLine(sent.reference_of(sent.amina), Outcome.RETURNED, 14_000, "AC04 Compte clos"),
        ),
    )


ONE_ENTRY = """<Ntry><Amt Ccy="MAD">15.00</Amt><CdtDbtInd>{side}</CdtDbtInd>{flag}
<Sts><Cd>BOOK</Cd></Sts><BkTxCd/><NtryDtls>{batch}{transactions}</NtryDtls></Ntry>"""
TRANSACTION = """<TxDtls><Refs><EndToEndId>R-{n}</EndToEndId></Refs>{amount}</TxDtls>"""


def notice_of(
    *, summary: str = "", account: str = "<Othr><Id>1</Id></Othr>", **entry: str
) -> bytes:
    told = {"side": "DBIT", "flag": "", "batch": "", "transactions": ""} | entry
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">'
        "<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-21T10:00:00</CreDtTm>"
        f"</GrpHdr><Ntfctn><Id>N</Id><Acct><Id>{account}</Id></Acct>{summary}"
        f"{ONE_ENTRY.format(**told)}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def transaction_of(n: int, dirhams: str = "") -> str:
    amount = f'<Amt Ccy="MAD">{dirhams}</Amt>' if dirhams else ""
    return TRANSACTION.format(n=n, amount=amount)


def test_transfers_booked_together_are_read_one_by_one() -> None:
    content = notice_of(
        batch='<Btch><NbOfTxs>2</NbOfTxs><TtlAmt Ccy="MAD">15.00</TtlAmt></Btch>',
        transactions=transaction_of(1, "10.00") + transaction_of(2, "5.00"),
    )

    assert iso20022.read(content) == Notification(
        "1", (BookedLine("R-1", Outcome.PAID, 1_000), BookedLine("R-2", Outcome.PAID, 500))
    )


def test_a_lone_transfer_has_the_amount_of_its_entry() -> None:
    assert iso20022.read(notice_of(transactions=transaction_of(1))) == Notification(
        "1", (BookedLine("R-1", Outcome.PAID, 1_500),)
    )


def test_a_reversed_debit_is_a_return_without_a_reason() -> None:
    content = notice_of(side="CRDT", flag="<RvslInd>true</RvslInd>", transactions=transaction_of(1))

    assert iso20022.read(content) == Notification(
        "1", (BookedLine("R-1", Outcome.RETURNED, 1_500),)
    )


NET = (
    "<TxsSummry><TtlNtries><TtlNetNtry><Amt>{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>"
    "</TtlNetNtry></TtlNtries></TxsSummry>"
)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"transactions": ""}, BankAnswerUnreadable),
        ({"transactions": transaction_of(1) * 2}, BankAnswerUnreadable),
        ({"transactions": transaction_of(1, "14.99")}, BankTotalsDiffer),
        ({"transactions": "<TxDtls/>"}, BankAnswerUnreadable),
        ({"transactions": transaction_of(1), "account": "<IBAN>MA64</IBAN>"}, BankAnswerUnreadable),
        (
            {"transactions": transaction_of(1), "batch": "<Btch><NbOfTxs>2</NbOfTxs></Btch>"},
            BankTotalsDiffer,
        ),
        (
            {
                "transactions": transaction_of(1),
                "batch": '<Btch><TtlAmt Ccy="MAD">15.01</TtlAmt></Btch>',
            },
            BankTotalsDiffer,
        ),
        (
            {"transactions": transaction_of(1), "summary": NET.format(amount="15.00", side="CRDT")},
            BankTotalsDiffer,
        ),
        (
            {
                "transactions": transaction_of(1),
                "summary": "<TxsSummry><TtlCdtNtries><Sum>15.00</Sum></TtlCdtNtries></TxsSummry>",
            },
            BankTotalsDiffer,
        ),
    ],
)
def test_an_entry_that_does_not_add_up_is_refused(told, error) -> None:
    with pytest.raises(error):
        iso20022.read(notice_of(**told))


def test_right_totals_are_read() -> None:
    summary = (
        "<TxsSummry><TtlNtries><NbOfNtries>1</NbOfNtries><Sum>15.00</Sum><TtlNetNtry>"
        "<Amt>15.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></TtlNetNtry></TtlNtries>"
        "<TtlCdtNtries><NbOfNtries>0</NbOfNtries><Sum>0</Sum></TtlCdtNtries>"
        "<TtlDbtNtries><NbOfNtries>1</NbOfNtries><Sum>15.00</Sum></TtlDbtNtries></TxsSummry>"
    )

    read = iso20022.read(notice_of(summary=summary, transactions=transaction_of(1)))

    assert isinstance(read, Notification)
    assert len(read.lines) == 1


def test_two_accounts_in_one_file_are_refused() -> None:
    content = notice_of(transactions=transaction_of(1))
    root = etree.fromstring(content)
    notified = root[0][1]
    again = etree.fromstring(etree.tostring(notified).replace(b"<Id>1</Id>", b"<Id>2</Id>"))
    notified.addnext(again)

    with pytest.raises(BankAnswerUnreadable):
        iso20022.read(etree.tostring(root))


@pytest.mark.parametrize(
    ("known", "heard", "word", "follows"),
    [
        (None, [], REPORTED, (Outcome.PAID,)),
        (None, [], DEBITED, (Outcome.PAID,)),
        (None, [], REJECTED, (Outcome.RETURNED,)),
        (None, [], CREDITED_BACK, (Outcome.PAID, Outcome.RETURNED)),
        (Outcome.PAID, [REPORTED], REPORTED, ()),
        (Outcome.PAID, [REPORTED], DEBITED, ()),
        (Outcome.PAID, [REPORTED], CREDITED_BACK, (Outcome.RETURNED,)),
        (Outcome.PAID, [REPORTED], REJECTED, None),
        (Outcome.RETURNED, [REJECTED], REJECTED, ()),
        (Outcome.RETURNED, [REJECTED], CREDITED_BACK, ()),
        (Outcome.RETURNED, [REJECTED], REPORTED, None),
        (Outcome.RETURNED, [REJECTED], DEBITED, None),
        (Outcome.RETURNED, [REJECTED, CREDITED_BACK], DEBITED, ()),
        (Outcome.RETURNED, [CREDITED_BACK], DEBITED, ()),
        (Outcome.RETURNED, [CREDITED_BACK], REPORTED, ()),
        (Outcome.RETURNED, [REPORTED, CREDITED_BACK], DEBITED, ()),
        (Outcome.RETURNED, [DEBITED, CREDITED_BACK], REJECTED, ()),
    ],
)
def test_what_follows_from_a_word_of_the_bank(known, heard, word, follows) -> None:
    if follows is None:
        with pytest.raises(Contradiction):
            rules.consequences(known, heard, word)
    else:
        assert rules.consequences(known, heard, word) == follows


def test_what_the_bank_said_is_never_rewritten(sent: Sent) -> None:
    sent.read(sent.notice())

    with (
        pytest.raises(DatabaseError, match="append only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM payments_bankline")


def test_a_transfer_of_a_claim_reversed_since_comes_back_and_pays_its_debt(sent: Sent) -> None:
    sent.read(sent.answer())
    asked = services.ask_reversal(
        claim_id=sent.said.id, grounds=GROUNDS, by=world.user(Role.AGENT), at=DAYS_LATER
    )
    services.confirm_reversal(reversal_id=asked.pk, by=world.user(Role.AGENT), at=DAYS_LATER)
    assert selectors.ledger_balances()["RECEIVABLE"] == 2_000

    sent.read(sent.notice(executed=[], returned=[sent.said]), at=DAYS_LATER)

    undue = UndueAmount.objects.get()
    assert (undue.state, undue.recovered_centimes) == ("RECOVERED", 2_000)
    assert Claim.objects.get(id=sent.said.id).state == "REVERSED"
    assert selectors.ledger_balances() == balances(BENEFITS=18_520, BANK=-18_520)
