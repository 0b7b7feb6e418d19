"""Remittance advice: what its lines add up to, on paper and in Excel, whatever happened to the order."""

from io import BytesIO

import openpyxl
import pandas as pd
import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role
from core.models import AuditEvent
from insured.models import Person
from payments import selectors, services
from payments.gateways.demo_bank import demo_bank_answer
from payments.models import PaymentOrder
from payments.presenters import batch_xlsx, statement_pdf, statement_xlsx, statements_xlsx
from payments.presenters.statement import statement_of
from tests import world
from tests.payments import factories
from tests.payments.test_recoveries import LATER, debt, owed, plan

NOW = factories.NOW
pytestmark = pytest.mark.django_db
MONEY = ["Facturé", "Tarif", "Base", "Remboursé", "Part de l’assuré"]


@pytest.fixture
def shop() -> world.Practice:
    return world.pharmacy(name="Pharmacie Al Amal", name_ar="صيدلية الأمل")


def sheets(content) -> dict[str, pd.DataFrame]:
    return pd.read_excel(BytesIO(content.read()), sheet_name=None, dtype={"Code": str})


def centimes(value: float) -> int:
    return round(value * 100)


def assert_adds_up(order: PaymentOrder) -> None:
    """Lines, claims, what is kept and the transfer: one equation, on paper and in Excel alike."""
    told = statement_of(order)
    lines = [line for claim in told.claims for line in claim.lines]
    for name in ("charged", "reimbursed", "insured_share"):
        assert sum(getattr(line, name) for line in lines) == sum(
            getattr(claim, name) for claim in told.claims
        )
    assert told.charged == told.reimbursed + told.left_to_the_insured
    kept = sum(each.kept for each in told.debts)
    assert kept == sum(claim.kept for claim in told.claims)
    assert told.reimbursed - told.kept_before - kept == told.amount == order.amount_centimes
    frames = sheets(statement_xlsx(order))
    rows, total = frames["Lignes"], frames["Totaux"].iloc[-1]
    assert [centimes(each) for each in rows["Remboursé"]] == [line.reimbursed for line in lines]
    assert centimes(total["Remboursé"]) == sum(centimes(each) for each in rows["Remboursé"])
    assert centimes(total["Montant du virement"]) == (
        centimes(total["Remboursé"])
        - centimes(total["Retenu sur un virement rejeté"])
        - centimes(total["Retenu pour des indus"])
    )
    assert centimes(total["Montant du virement"]) == order.amount_centimes


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    amounts=st.lists(st.integers(1, 5_000_000), min_size=1, max_size=4),
    share_bp=st.integers(0, 9_000),
)
def test_lines_less_what_is_kept_are_what_the_bank_is_told(
    amounts: list[int], share_bp: int
) -> None:
    shop = world.pharmacy()
    if share_bp:
        plan(debt(shop, 3_000_000), share_bp=share_bp)
    for amount in amounts:
        owed(shop, amount)

    batch = services.freeze_batch(by=factories.officer(), at=LATER)
    services.approve_batch(batch=batch, by=factories.officer(), at=LATER)
    file = services.export_batch(batch=batch, by=factories.officer(), at=LATER)

    order = PaymentOrder.objects.get(batch=batch, provider=shop.provider)
    assert_adds_up(order)
    written = f"{order.amount_centimes // 100}.{order.amount_centimes % 100:02d}"
    assert f'<InstdAmt Ccy="MAD">{written}</InstdAmt>'.encode() in file.replace(b"\n", b"")


def test_what_is_kept_is_told_with_what_is_left_of_the_debt(shop, preparer) -> None:
    undue = debt(shop)
    plan(undue)
    owed(shop, 1_000)
    owed(shop, 9_000)
    services.freeze_batch(by=preparer, at=LATER)
    order = PaymentOrder.objects.get(state="READY")

    told = statement_of(order)

    assert_adds_up(order)
    (kept,) = told.debts
    assert (kept.kept, kept.left, kept.fse_number) == (3_000, 7_000, undue.claim.sheet.fse_number)
    assert kept.sentence["fr"].startswith("Retenu pour l’indu du dossier ")
    assert "مقتطع" in kept.sentence["ar"]
    frame = sheets(statement_xlsx(order))["Retenues"]
    assert [centimes(frame[name][0]) for name in ("Retenu", "Reste dû après ce virement")] == [
        3_000,
        7_000,
    ]
    assert statement_pdf(order).startswith(b"%PDF-")


def test_a_transfer_sent_again_says_what_the_returned_one_had_kept(
    shop, preparer, approver
) -> None:
    plan(debt(shop), share_bp=None, fixed_centimes=3_000)
    owed(shop, 9_000)
    batch = services.freeze_batch(by=preparer, at=LATER)
    services.approve_batch(batch=batch, by=approver, at=LATER)
    file = services.export_batch(batch=batch, by=preparer, at=LATER)
    first = PaymentOrder.objects.get(batch=batch)
    services.read_bank_answer(
        content=demo_bank_answer(file, at=LATER, returned=[first.reference]), by=preparer, at=LATER
    )
    first.refresh_from_db()

    assert statement_of(first).is_returned
    assert_adds_up(first)


def test_the_paper_of_a_past_order_keeps_the_decision_it_paid(shop, preparer) -> None:
    claim = factories.claim(doctor=shop, reimbursed=4_520, third_party_payment=True)
    services.freeze_batch(by=preparer, at=NOW)
    order = PaymentOrder.objects.get()
    before = statement_pdf(order)

    factories.decide(claim, reimbursed=100, at=LATER)

    assert statement_pdf(order) == before
    assert_adds_up(order)


def test_the_workbook_says_every_line_with_its_reasons(shop, preparer) -> None:
    patient: Person = world.person(first_name="=1+1", last_name="@Amina")
    box = world.medicine(name="GLUCOPHAGE", strength="1000", strength_unit="MG")
    claim = factories.claim(
        doctor=shop,
        patient=patient,
        reimbursed=4_520,
        charged=20_001,
        third_party_payment=True,
        medicine=box,
        reasons=("PRICE_CAPPED", "GENERIC_BASE"),
    )
    batch = services.freeze_batch(by=preparer, at=NOW)
    order = PaymentOrder.objects.get()

    row = sheets(statement_xlsx(order))["Lignes"].iloc[0]

    assert row["Virement"] == order.reference
    assert row["Numéro FSE"] == claim.sheet.fse_number
    assert row["Déposée le"] == row["Date du soin"] == pd.Timestamp(world.TODAY)
    assert row["Bénéficiaire"] == patient.full_name
    assert row["Code"] == box.ean
    assert (row["Ligne"], row["Quantité"], row["Taux"]) == (1, 1, 0.7)
    assert [centimes(row[name]) for name in MONEY] == [20_001, 20_001, 20_001, 4_520, 15_481]
    assert row["Codes des motifs"] == "PRICE_CAPPED GENERIC_BASE"
    assert row["Motifs"].splitlines()[1] == "Remboursé sur la base du générique"
    cells = openpyxl.load_workbook(BytesIO(statement_xlsx(order).read()))["Lignes"][2]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    office = sheets(batch_xlsx(batch))["Lignes"]
    assert "Bénéficiaire" not in office.columns
    assert patient.full_name not in office.to_string()


def test_the_workbook_in_arabic_reads_from_the_right(shop, preparer) -> None:
    factories.claim(doctor=shop, reimbursed=4_520, third_party_payment=True)
    services.freeze_batch(by=preparer, at=NOW)
    order = PaymentOrder.objects.get()

    with translation.override("ar"):
        content = statement_xlsx(order).read()

    book = openpyxl.load_workbook(BytesIO(content))
    assert book.sheetnames == ["الأسطر", "المجاميع"]
    assert all(sheet.sheet_view.rightToLeft for sheet in book)
    (row,) = pd.read_excel(BytesIO(content), sheet_name="الأسطر").to_dict("records")
    assert centimes(row["مبلغ التعويض"]) == 4_520
    assert "الثمن المؤدى" in row["الأسباب"]


def test_a_batch_of_two_payees_has_their_sums_and_the_control_sum(shop, preparer) -> None:
    factories.claim(doctor=shop, reimbursed=4_520, third_party_payment=True)
    factories.claim(doctor=shop, reimbursed=1, third_party_payment=True)
    factories.claim(reimbursed=14_000)
    batch = services.freeze_batch(by=preparer, at=NOW)

    totals = sheets(batch_xlsx(batch))["Totaux"]

    assert [centimes(each) for each in totals["Montant du virement"]] == [
        *PaymentOrder.objects.order_by("reference").values_list("amount_centimes", flat=True),
        batch.control_sum_centimes,
    ]
    assert list(totals["Dossiers"])[-1] == 3


def test_the_same_order_gives_the_same_bytes_and_as_many_queries_whatever_its_size(
    shop, preparer, django_assert_num_queries
) -> None:
    for _ in range(3):
        factories.claim(doctor=shop, reimbursed=100, third_party_payment=True)
    factories.claim(reimbursed=14_000)
    batch = services.freeze_batch(by=preparer, at=NOW)

    assert batch_xlsx(batch).read() == batch_xlsx(batch).read()
    for order in PaymentOrder.objects.select_related("batch", "insured", "provider"):
        with django_assert_num_queries(4):
            statement_xlsx(order)
        with django_assert_num_queries(4):
            statement_of(order)


def test_lines_are_read_chunk_by_chunk(shop, preparer, monkeypatch) -> None:
    for _ in range(5):
        factories.claim(doctor=shop, reimbursed=100, third_party_payment=True)
    batch = services.freeze_batch(by=preparer, at=NOW)
    whole = batch_xlsx(batch).read()
    monkeypatch.setattr("payments.selectors._remittance.CHUNK", 2)

    assert batch_xlsx(batch).read() == whole


def test_many_statements_are_read_together_by_who_may(shop, preparer, approver) -> None:
    for at in (NOW, LATER):
        factories.claim(doctor=shop, reimbursed=4_520, third_party_payment=True)
        batch = services.freeze_batch(by=preparer, at=at)
        services.approve_batch(batch=batch, by=approver, at=at)
        services.export_batch(batch=batch, by=preparer, at=at)
    factories.claim(doctor=world.pharmacy(), reimbursed=9, third_party_payment=True)
    services.freeze_batch(by=preparer, at=LATER)
    mine = selectors.orders_visible_to(shop.user, at=LATER)

    services.open_statements(orders=mine, by=shop.user, at=LATER)
    with pytest.raises(services.StatementUnknown):
        services.open_statements(orders=PaymentOrder.objects.all(), by=shop.user, at=LATER)

    assert len(sheets(statements_xlsx(mine, at=LATER))["Lignes"]) == 2
    event = AuditEvent.objects.get(action="payments.statements.read")
    assert sorted(event.after["references"]) == sorted(each.reference for each in mine)


def test_too_many_statements_are_refused_whole(shop, preparer, monkeypatch) -> None:
    monkeypatch.setattr("payments.services._statements.MOST_STATEMENTS", 0)
    factories.claim(doctor=shop, third_party_payment=True)
    services.freeze_batch(by=preparer, at=NOW)
    before = world.rows_everywhere()

    with pytest.raises(services.TooManyStatements) as refused:
        services.open_statements(orders=PaymentOrder.objects.all(), by=preparer, at=NOW)

    assert refused.value.text("fr").startswith("1 règlements sont trop")
    assert world.rows_everywhere() == before


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 4_521]),
        ({"amount": 4_521}, [4_521]),
        ({"amount": 4_520}, [4_521]),
        ({"amount": 7}, []),
        ({"since": world.TODAY, "until": world.TODAY}, [1, 4_521]),
        ({"since": world.TODAY.replace(day=21)}, []),
        ({"until": world.TODAY.replace(day=19)}, []),
        ({"state": "READY"}, [1, 4_521]),
        ({"state": "PAID"}, []),
        ({"fse_number": "ABCDEFGHJKM0"}, []),
    ],
)
def test_statements_are_found_by_number_amount_day_and_state(wanted, found, shop, preparer) -> None:
    factories.claim(doctor=shop, reimbursed=4_520, third_party_payment=True)
    known = factories.claim(doctor=shop, reimbursed=1, third_party_payment=True)
    factories.claim(doctor=world.pharmacy(), reimbursed=1, third_party_payment=True)
    services.freeze_batch(by=preparer, at=NOW)
    orders = PaymentOrder.objects.all()

    def amounts(**filters) -> list[int]:
        return sorted(o.amount_centimes for o in selectors.search_orders(orders, **filters))

    assert amounts(**wanted) == found
    assert amounts(fse_number=known.sheet.fse_number) == [4_521]


def test_only_the_payment_office_takes_a_whole_batch(preparer, shop) -> None:
    factories.claim(doctor=shop, third_party_payment=True)
    batch = services.freeze_batch(by=preparer, at=NOW)

    for stranger in (shop.user, world.user(Role.AGENT), world.user(Role.INSURED)):
        with pytest.raises(services.StatementUnknown):
            services.open_remittance(batch=batch, by=stranger, at=NOW)
    services.open_remittance(batch=batch, by=world.user(Role.AUDITOR), at=NOW)

    assert AuditEvent.objects.filter(action="payments.batch.remittance_read").count() == 1
