"""Statements: who may open which, what they say, and how they are drawn."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.db.backends.postgresql.psycopg_any import DateRange
from reportlab.pdfbase import pdfmetrics

from accounts.models import Role
from claims.adjudication.reasons import EXPLANATIONS
from claims.models import Act, Claim
from core import ink, lettering
from core.models import AuditEvent
from insured.models import Insured
from payments import selectors, services
from payments.gateways.demo_bank import demo_bank_answer
from payments.models import PaymentOrder
from payments.presenters import statement_pdf
from payments.presenters.statement import statement_of
from providers.models import Membership
from tests import world
from tests.payments import factories
from tests.payments.test_batches import refused

NOW = factories.NOW
pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> world.Practice:
    return world.pharmacy(name="Pharmacie Al Amal", name_ar="صيدلية الأمل")


@pytest.fixture
def amina():
    person = world.person(first_name="Amina", last_name="Tazi", name_ar="أمينة التازي")
    Insured.objects.filter(id=person.insured_id).update(user=world.user(Role.INSURED))
    return person


@pytest.fixture
def orders(shop, amina, preparer, approver) -> dict[str, PaymentOrder]:
    """One order to Amina, one to the pharmacy, and canaries of another family and pharmacy."""
    factories.claim(patient=amina, reimbursed=14_000)
    factories.claim(patient=amina, reimbursed=500)
    factories.claim(patient=amina, doctor=shop, reimbursed=4_520, third_party_payment=True)
    canary = factories.claim(reimbursed=7)
    factories.claim(doctor=world.pharmacy(), reimbursed=9, third_party_payment=True)
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)
    file = services.export_batch(batch=batch, by=approver, at=NOW)
    back = selectors.orders_of_claims([canary.id])[canary.id].reference
    services.read_bank_answer(
        content=demo_bank_answer(file, at=NOW, returned=[back]), by=preparer, at=NOW
    )
    all_orders = PaymentOrder.objects.select_related("batch", "insured", "provider")
    return {
        "amina": all_orders.get(insured=amina.insured),
        "shop": all_orders.get(provider=shop.provider),
        "canary": all_orders.get(reference=back),
    }


def seen_by(viewer, at=NOW) -> list[int]:
    visible = selectors.orders_visible_to(viewer, at=at)
    return sorted(order.amount_centimes for order in visible)


def test_each_reader_sees_his_own_orders_and_no_other(orders, shop, amina) -> None:
    assert seen_by(Insured.objects.get(id=amina.insured_id).user) == [14_500]
    assert seen_by(shop.user) == [4_520]
    assert seen_by(world.pharmacy().user) == []
    for role in (Role.PAYMENT_OFFICER, Role.AUDITOR):
        assert seen_by(world.user(role)) == [7, 9, 4_520, 14_500]
    for role in (
        Role.ADMINISTRATOR,
        Role.AGENT,
        Role.MEDICAL_OFFICER,
        Role.FRAUD_OFFICER,
        Role.INSURED,
        Role.DELEGATE,
    ):
        assert seen_by(world.user(role)) == []


def test_who_no_longer_acts_for_a_provider_sees_nothing(orders, shop) -> None:
    Membership.objects.filter(user=shop.user).update(
        period=DateRange(world.ALWAYS.lower, NOW.date())
    )

    assert seen_by(shop.user, at=NOW) == []


def test_an_order_that_has_not_left_is_the_office_s_alone(amina, preparer) -> None:
    factories.claim(patient=amina)
    services.freeze_batch(by=preparer, at=NOW)

    assert seen_by(Insured.objects.get(id=amina.insured_id).user) == []
    assert seen_by(preparer) == [14_000]
    assert list(selectors.statements_of(amina.insured)) == []


def test_statements_of_a_payee(orders, amina, shop) -> None:
    assert list(selectors.statements_of(amina.insured)) == [orders["amina"]]
    assert list(selectors.statements_of(shop.provider)) == [orders["shop"]]


def test_what_comes_and_what_came_back_to_a_person(orders, amina) -> None:
    coming = factories.claim(patient=amina, reimbursed=300)
    factories.claim(patient=amina, reimbursed=40, third_party_payment=True)
    own = Claim.objects.filter(insured=amina.insured)
    back = Claim.objects.get(state="PAYMENT_FAILED")

    assert selectors.coming_centimes(own) == 300
    assert selectors.transfer_returned(own) is None
    assert selectors.transfer_returned(Claim.objects.all()) == back
    assert selectors.order_of_claim(coming) is None


def test_batches_are_the_payment_office_s(orders, preparer, shop, amina) -> None:
    assert selectors.batches_visible_to(preparer).count() == 1
    assert selectors.batches_visible_to(world.user(Role.AUDITOR)).count() == 1
    for stranger in (shop.user, world.user(Role.AGENT), world.user(Role.INSURED)):
        assert selectors.batches_visible_to(stranger).count() == 0


def test_opening_a_statement_is_audited(orders, amina) -> None:
    reader = Insured.objects.get(id=amina.insured_id).user

    opened = services.open_statement(order_id=orders["amina"].id, by=reader, at=NOW)

    assert opened == orders["amina"]
    event = AuditEvent.objects.get(action="payments.statement.read")
    assert (event.actor, event.insured_id) == (f"user:{reader.pk}", amina.insured_id)


def test_another_s_statement_does_not_exist(orders, amina, everything) -> None:
    reader = Insured.objects.get(id=amina.insured_id).user

    for other in ("shop", "canary"):
        error = refused(
            services.StatementUnknown,
            lambda other=other: services.open_statement(
                order_id=orders[other].id, by=reader, at=NOW
            ),
            everything,
        )
        assert error.status == 404


def test_the_insured_reads_why_each_amount(orders, amina) -> None:
    statement = statement_of(orders["amina"])

    assert (statement.amount, statement.charged, statement.left_to_the_insured) == (
        14_500,
        40_000,
        25_500,
    )
    assert [claim.reimbursed for claim in statement.claims] == [14_000, 500]
    assert statement.payee_number == amina.insured.registration_number
    assert re.fullmatch(r"•{21}\d{3}", statement.account)
    line = statement.claims[0].lines[0]
    assert (line.charged, line.base, line.rate_bp, line.reimbursed) == (
        20_000,
        20_000,
        7000,
        14_000,
    )
    assert line.reasons[0]["fr"].startswith("Prix payé 200,00")
    assert "الثمن المؤدى" in line.reasons[0]["ar"]
    assert statement.claims[0].patient == {"fr": "Amina Tazi", "ar": "أمينة التازي"}
    assert statement.state["fr"] == "Virement exécuté le 20/11/2026"


def test_a_medicine_two_languages_and_a_reason_without_its_step(preparer, approver) -> None:
    """Full names in both languages; a reason whose step is not there is said by its title."""
    doctor = world.practice(name="Dr Bennani", name_ar="الدكتور بناني")
    patient = world.person(name_ar="زينب أملال")
    Act.objects.filter(id=world.act().id).update(label_ar="استشارة طبية")
    box = world.medicine(name="GLUCOPHAGE", strength="1000", strength_unit="MG")
    factories.claim(doctor=doctor, patient=patient)
    factories.claim(doctor=doctor, patient=patient, medicine=box, reasons=("GENERIC_BASE",))
    batch = services.freeze_batch(by=preparer, at=NOW)

    order = selectors.orders_of(batch).get()
    statement = statement_of(order)

    assert statement.claims[0].provider == {"fr": "Dr Bennani", "ar": "الدكتور بناني"}
    assert statement.claims[0].lines[0].label["ar"] == "استشارة طبية"
    assert statement.claims[1].lines[0].label["fr"].startswith("GLUCOPHAGE 1000 MG")
    assert statement.claims[1].lines[0].reasons == (
        {"fr": "Remboursé sur la base du générique", "ar": "التعويض على أساس الدواء الجنيس"},
    )
    assert statement.state["fr"] == "Virement en préparation pour le 20/11/2026"
    assert page_count(statement_pdf(order)) == 1


def test_a_provider_reads_the_list_of_his_claims(orders, shop) -> None:
    statement = statement_of(orders["shop"])

    assert statement.to_provider
    assert statement.payee == {"fr": "Pharmacie Al Amal", "ar": "صيدلية الأمل"}
    assert statement.payee_number == shop.provider.inpe
    assert [(claim.charged, claim.reimbursed) for claim in statement.claims] == [(20_000, 4_520)]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (True, "Virement transmis à la banque pour le 20/11/2026"),
        (False, "Virement annulé : il n’a pas été transmis à la banque"),
    ],
)
def test_a_transfer_says_where_it_is(sent: bool, words: str, preparer, approver) -> None:
    factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)
    services.approve_batch(batch=batch, by=approver, at=NOW)
    if sent:
        services.export_batch(batch=batch, by=approver, at=NOW)
    else:
        services.cancel_batch(batch=batch, by=approver, at=NOW, reason="essai")

    statement = statement_of(selectors.orders_of(batch).get())

    assert statement.state["fr"] == words
    assert statement.state["ar"] != words


def test_a_returned_transfer_says_so(orders) -> None:
    statement = statement_of(orders["canary"])

    assert statement.is_returned
    assert statement.state["fr"].startswith("Virement rejeté par la banque le 20/11/2026")


def test_a_statement_takes_as_many_queries_for_two_claims_as_for_one(
    orders, django_assert_num_queries
) -> None:
    for name in ("canary", "amina"):
        with django_assert_num_queries(4):
            statement_of(orders[name])


def test_the_same_statement_gives_the_same_bytes(orders) -> None:
    first = statement_pdf(orders["amina"])

    assert first.startswith(b"%PDF-1.")
    assert statement_pdf(orders["amina"]) == first
    assert statement_pdf(orders["shop"]) != first


def page_count(content: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", content))


def test_a_long_list_runs_over_several_pages(shop, preparer, approver) -> None:
    for _ in range(60):
        factories.claim(doctor=shop, reimbursed=100, third_party_payment=True)
    batch = services.freeze_batch(by=preparer, at=NOW)

    content = statement_pdf(selectors.orders_of(batch).get())

    assert page_count(content) == 8


def words_of(value: Any) -> Iterator[str]:
    """Every text inside a statement."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, tuple):
        for each in value:
            yield from words_of(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from words_of(getattr(value, each.name))


def printed_words() -> Iterator[str]:
    """Every fixed word and sentence a statement may print, in both languages."""
    with Path("payments/locale/ar/LC_MESSAGES/django.po").open("rb") as file:
        for message in read_po(file, locale="ar"):
            if message.id:
                yield from (str(message.id), str(message.string))
    for explanation in EXPLANATIONS.values():
        yield from (explanation.french, explanation.arabic)
        yield from (explanation.title_fr, explanation.title_ar)


def test_every_letter_a_statement_may_draw_is_in_the_font(orders) -> None:
    lettering.prepare_fonts()
    texts = {*printed_words(), *words_of(tuple(statement_of(order) for order in orders.values()))}
    joined = 0

    for font in (lettering.REGULAR, lettering.BOLD):
        known = pdfmetrics.getFont(font).face.charToGlyph
        for text in texts:
            shown = lettering.visual(text, font)
            assert [letter for letter in shown if ord(letter) not in known] == []
            assert shown.count(lettering.MISSING) == text.count(lettering.MISSING)
            joined += any("\ufe80" <= letter <= "\ufefc" for letter in shown)
    assert joined > 100


def test_arabic_is_joined_and_drawn_from_the_right() -> None:
    lettering.prepare_fonts()

    # Seen from the left: full stop, then the last letter, the figures kept in their own order.
    shown = lettering.visual("سقف \u20683\u202f000,00\u2069 درهم.")

    assert shown == ".ﻢﻫرد 3\u202f000,00 ﻒﻘﺳ"


def test_a_script_the_font_does_not_have_is_shown_as_missing() -> None:
    lettering.prepare_fonts()

    assert lettering.visual("Amina 田中") == "Amina ??"


@pytest.mark.parametrize("font", [lettering.REGULAR, lettering.BOLD])
def test_a_name_in_tifinagh_is_drawn_by_a_font_that_has_its_letters(font: str) -> None:
    lettering.prepare_fonts()
    name = "Amina ⵜⵉⵍⵉⵍⴰ ⵓⴱⴰⴷⴷⵓ"

    runs = lettering.runs(name, font)

    assert "".join(letters for _font, letters in runs) == name
    assert [drawn for drawn, letters in runs if letters.strip()] == [
        font,
        lettering.TIFINAGH,
        lettering.TIFINAGH,
    ]
    for drawn, letters in runs:
        known = pdfmetrics.getFont(drawn).face.charToGlyph
        assert all(ord(letter) in known for letter in letters)


def test_a_statement_carries_the_letters_of_a_name_in_tifinagh(preparer, approver) -> None:
    person = world.person(first_name="ⵜⵉⵍⵉⵍⴰ", last_name="ⵓⴱⴰⴷⴷⵓ")
    factories.claim(patient=person, reimbursed=14_000)
    batch = services.freeze_batch(by=preparer, at=NOW)

    content = statement_pdf(selectors.orders_of(batch).get())

    assert b"NotoSansTifinagh" in content


def test_lines_are_wrapped_in_the_order_they_are_read() -> None:
    lettering.prepare_fonts()
    text = "الثمن المؤدى يحتسب التعويض على أساس ثمن أقرب دواء جنيس"

    lines = lettering.wrap(text, room=120, size=9)

    assert len(lines) > 1
    assert " ".join(lines) == text
    assert all(lettering.width(line, 9) <= 120 for line in lines)


@pytest.mark.parametrize("room", [10, 40, 300])
def test_a_word_too_long_is_cut_and_nothing_is_lost(room: int) -> None:
    lettering.prepare_fonts()

    lines = lettering.wrap("anticonstitutionnellement", room=room, size=9)

    assert "".join(lines) == "anticonstitutionnellement"
    assert all(lettering.width(line, 9) <= room for line in lines)


def test_a_name_too_long_for_its_line_ends_with_an_ellipsis() -> None:
    lettering.prepare_fonts()

    fitted = lettering.fit("Pharmacie du quartier des Habous", room=90, size=9)

    assert fitted.endswith("…")
    assert lettering.width(fitted, 9) <= 90


def test_the_colours_are_the_design_s() -> None:
    tokens = Path("static/css/tokens.css").read_text().lower()
    for colour in (ink.SHEET, ink.RULE, ink.INK, ink.INK_2, ink.ACTION, ink.PAID, ink.RETURNED):
        assert colour.lower() in tokens
