"""The bank's files: valid, exact, the same every time, in letters every bank reads."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from payments.gateways import (
    Answer,
    BankAnswerUnreadable,
    BankFileInvalid,
    Debtor,
    OrderAnswer,
    Outcome,
    Transfer,
    TransferFile,
    bank_text,
    iso20022,
)
from payments.gateways.demo_bank import demo_bank_answer
from tests import world

NAMESPACE = {"p": iso20022.TRANSFER_NAMESPACE}
FILE = TransferFile(
    message_id="B2026-000001",
    created_at=datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC),
    execution_date=date(2026, 11, 23),
    debtor=Debtor("CNSS (démonstration)", world.rib(1), "WARQMAMC"),
    transfers=(
        Transfer("B2026-000001-00001", "Fâtima-Zahra Aït El Hadj", world.rib(2), 14_001),
        Transfer("B2026-000001-00002", "محمد بن عبد الرحمن العلوي " * 5, world.rib(3), 5),
    ),
)


def texts(content: bytes, path: str) -> list[str]:
    return [
        element.text for element in etree.fromstring(content).iterfind(f".//p:{path}", NAMESPACE)
    ]


def test_the_file_says_how_many_transfers_and_how_much() -> None:
    content = iso20022.write(FILE)

    assert texts(content, "NbOfTxs") == ["2", "2"]
    assert texts(content, "CtrlSum") == ["140.06", "140.06"]
    assert texts(content, "InstdAmt") == ["140.01", "0.05"]
    assert {
        e.get("Ccy") for e in etree.fromstring(content).iterfind(".//p:InstdAmt", NAMESPACE)
    } == {"MAD"}
    assert texts(content, "EndToEndId") == ["B2026-000001-00001", "B2026-000001-00002"]
    assert texts(content, "ReqdExctnDt/p:Dt") == ["2026-11-23"]
    assert texts(content, "CreDtTm") == ["2026-11-20T10:00:00Z"]


def test_accounts_are_domestic_numbers_not_ibans() -> None:
    content = iso20022.write(FILE)

    assert texts(content, "Othr/p:Id") == [world.rib(1), world.rib(2), world.rib(3)]
    assert texts(content, "Othr/p:SchmeNm/p:Cd") == ["BBAN"] * 3
    assert texts(content, "IBAN") == []


def test_names_are_in_the_bank_s_letters_and_length() -> None:
    names = texts(iso20022.write(FILE), "Cdtr/p:Nm")

    assert names[0] == "Fatima-Zahra Ait El Hadj"
    assert re.fullmatch(r"[A-Za-z0-9/\-?:().,'+ ]{1,70}", names[1])
    assert 60 < len(names[1]) <= 70


def test_no_word_of_care_leaves() -> None:
    assert texts(iso20022.write(FILE), "Ustrd") == [
        "AMO B2026-000001-00001",
        "AMO B2026-000001-00002",
    ]


def test_the_same_content_gives_the_same_bytes() -> None:
    assert iso20022.write(FILE) == iso20022.write(replace(FILE))


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_name_becomes_one_a_bank_reads(name: str) -> None:
    written = bank_text(name)

    assert re.fullmatch(r"[A-Za-z0-9/\-?:().,'+ ]{1,70}", written)
    assert written == written.strip(" /")
    assert "//" not in written


@pytest.mark.parametrize("name", ["", "   ", "///", "ⴰⵎⵉⵏⴰ"])
def test_a_name_with_no_latin_spelling_is_said_so(name: str) -> None:
    assert bank_text(name) == "BENEFICIAIRE"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"message_id": "B" * 36}, "MsgId"),
        ({"debtor": Debtor("CNSS", world.rib(1), "NOT-A-BIC")}, "BICFI"),
        ({"transfers": (Transfer("R" * 36, "Nom", world.rib(2), 5),)}, "InstrId"),
        ({"transfers": (Transfer("R", "Nom", "", 5),)}, "Othr"),
        ({"transfers": ()}, "PmtInf"),
    ],
)
def test_what_the_iso_schema_refuses_is_not_written(change, where: str) -> None:
    with pytest.raises(BankFileInvalid) as caught:
        iso20022.write(replace(FILE, **change))

    assert where in caught.value.context["where"]


def test_the_schema_itself_refuses_a_broken_file() -> None:
    broken = iso20022.write(FILE).replace(b"<PmtMtd>TRF</PmtMtd>", b"<PmtMtd>GIFT</PmtMtd>")

    with pytest.raises(BankFileInvalid) as caught:
        iso20022.check_against_schema(broken)

    assert caught.value.context["where"].endswith("PmtMtd")


def test_the_demonstration_s_bank_is_understood() -> None:
    answer = demo_bank_answer(
        iso20022.write(FILE), at=FILE.created_at, returned=["B2026-000001-00002"]
    )

    assert iso20022.read(answer) == Answer(
        message_id="B2026-000001",
        orders=(
            OrderAnswer("B2026-000001-00001", Outcome.PAID, "", 14_001),
            OrderAnswer("B2026-000001-00002", Outcome.RETURNED, "AC04 Compte clos", 5),
        ),
        order_count=2,
        control_sum_centimes=14_006,
    )


# Each example is validated against the schema: a busy machine takes its time.
@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=12))
def test_amounts_make_the_round_trip(amounts: list[int]) -> None:
    transfers = tuple(
        Transfer(f"R-{index}", "Nom", world.rib(index), amount)
        for index, amount in enumerate(amounts)
    )
    answer = iso20022.read(
        demo_bank_answer(iso20022.write(replace(FILE, transfers=transfers)), at=FILE.created_at)
    )

    assert [order.amount_centimes for order in answer.orders] == amounts
    assert answer.control_sum_centimes == sum(amounts)


def answer_text() -> str:
    return demo_bank_answer(
        iso20022.write(FILE), at=FILE.created_at, returned=["B2026-000001-00002"]
    ).decode()


PAYMENT = "OrgnlPmtInfAndSts"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (f"</{PAYMENT}>", f"</{PAYMENT}>[payment]", PAYMENT),
        (
            "<OrgnlPmtInfId>B2026-000001</OrgnlPmtInfId>",
            "<OrgnlPmtInfId>B2026-000002</OrgnlPmtInfId>",
            "OrgnlPmtInfId",
        ),
        (
            "<OrgnlEndToEndId>B2026-000001-00001</OrgnlEndToEndId>",
            "",
            "OrgnlEndToEndId",
        ),
        ("<Cd>AC04</Cd>", "<Unknown>AC04</Unknown>", "pain.002"),
    ],
)
def test_an_answer_that_does_not_name_our_transfers_is_refused(
    old: str, new: str, why: str
) -> None:
    text = answer_text()
    payment = text[text.index(f"<{PAYMENT}>") : text.index(f"</{PAYMENT}>")] + f"</{PAYMENT}>"
    assert old in text

    with pytest.raises(BankAnswerUnreadable) as caught:
        iso20022.read(text.replace(old, new.replace("[payment]", payment)).encode())

    assert caught.value.context == {"why": why}


def test_what_an_answer_does_not_repeat_is_not_invented() -> None:
    text = answer_text()
    for optional in ("OrgnlNbOfTxs", "OrgnlCtrlSum", "Rsn", "OrgnlTxRef"):
        text = re.sub(rf"<{optional}>.*?</{optional}>", "", text, flags=re.DOTALL)

    assert iso20022.read(text.encode()) == Answer(
        message_id="B2026-000001",
        orders=(
            OrderAnswer("B2026-000001-00001", Outcome.PAID),
            OrderAnswer("B2026-000001-00002", Outcome.RETURNED, "Compte clos"),
        ),
    )


def test_a_status_of_the_payment_wins_over_the_file_s() -> None:
    text = re.sub(r"<TxInfAndSts>.*</TxInfAndSts>", "", answer_text(), flags=re.DOTALL)
    text = text.replace("</OrgnlGrpInfAndSts>", "<GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>")
    text = text.replace(
        f"</{PAYMENT}>",
        "<PmtInfSts>RJCT</PmtInfSts><StsRsnInf><Rsn><Prtry>SOLDE</Prtry></Rsn></StsRsnInf>"
        f"</{PAYMENT}>",
    )

    answer = iso20022.read(text.encode())

    assert (answer.orders, answer.default, answer.default_reason) == (
        (),
        Outcome.RETURNED,
        "SOLDE",
    )
