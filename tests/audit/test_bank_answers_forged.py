"""Figures of a bank answer that a program could choke on: refused with a code, never a failure."""

import pytest

from core.errors import DomainError
from payments import services
from payments.gateways import iso20022
from payments.gateways._errors import BankAnswerUnreadable
from tests import world
from tests.payments import factories

pytestmark = pytest.mark.django_db

ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>R</MsgId><CreDtTm>2026-11-20T10:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>{number}</OrgnlMsgId>
<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>
<OrgnlNbOfTxs>{count}</OrgnlNbOfTxs><OrgnlCtrlSum>{total}</OrgnlCtrlSum><GrpSts>ACSC</GrpSts>
</OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>"""


def answer(number: str = "B2026-000001", count: str = "1", total: str = "140.00") -> bytes:
    return ANSWER.format(number=number, count=count, total=total).encode()


@pytest.mark.parametrize(
    "count", ["", "abc", "-1", "+1", "1.0", "١", "1_0", " ", "9" * 16, "9" * 5000]
)
def test_a_count_that_is_no_count(count: str) -> None:
    with pytest.raises(BankAnswerUnreadable):
        iso20022.read(answer(count=count))


@pytest.mark.parametrize(
    "total",
    [
        "NaN",
        "sNaN",
        "Infinity",
        "1E+999999",
        "1E+999998",
        "1E+30",
        "0.001",
        "1e-400",
        "-" + "9" * 40,
    ],
)
def test_a_sum_that_is_no_sum(total: str) -> None:
    with pytest.raises(BankAnswerUnreadable):
        iso20022.read(answer(total=total))


@pytest.fixture
def sent(db):
    one, other = factories.officer(), factories.officer()
    factories.claim(reimbursed=14_000)
    batch = services.freeze_batch(by=one, at=world.NOW)
    services.approve_batch(batch=batch, by=other, at=world.NOW)
    services.export_batch(batch=batch, by=one, at=world.NOW)
    batch.refresh_from_db()
    return batch, one


@pytest.mark.parametrize("total", ["-140.00", "140.01", "0.00", "99999999999999999.00"])
def test_another_sum_changes_nothing(sent, total: str) -> None:
    batch, officer = sent
    before = world.rows_everywhere()
    with pytest.raises(DomainError):
        services.read_bank_answer(
            content=answer(batch.number, total=total), by=officer, at=world.NOW
        )
    assert world.rows_everywhere() == before


def test_a_batch_number_of_the_past_or_of_nobody_changes_nothing(sent) -> None:
    _batch, officer = sent
    for number in ("B2026-999999", "", "B2026-000001' OR 1=1 --", "x" * 5000):
        with pytest.raises(DomainError):
            services.read_bank_answer(content=answer(number), by=officer, at=world.NOW)


def test_who_does_not_pay_reads_no_answer(sent) -> None:
    batch, _officer = sent
    for role in world.Role:
        if role == world.Role.PAYMENT_OFFICER:
            continue
        with pytest.raises(DomainError) as refusal:
            services.read_bank_answer(
                content=answer(batch.number), by=world.user(role), at=world.NOW
            )
        assert refusal.value.code == "NOT_A_PAYMENT_OFFICER"
