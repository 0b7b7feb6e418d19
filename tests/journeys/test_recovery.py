"""A payment taken back in the browser: two agents, a plan, and the payee who reads and contests."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Role
from payments import services
from payments.models import PaymentDay, Reversal, UndueAmount
from tests import world
from tests.journeys.conftest import DESKTOP, PHONE, OpenPage
from tests.journeys.test_insured import fits
from tests.office.conftest import with_second_factor
from tests.payments import factories
from tests.payments.test_reversals import pay

pytestmark = pytest.mark.journey

WORDS = {
    "fr": {
        "ask": "Demander l’extourne",
        "confirm": "Confirmer l’extourne",
        "plan": "Établir le plan",
        "told": "Remboursement annulé",
        "contest": "Contester : suspendre les retenues",
        "paused": "rien n’est retenu",
    },
    "ar": {
        "ask": "طلب الاسترجاع",
        "confirm": "تأكيد الاسترجاع",
        "plan": "وضع الخطة",
        "told": "استرداد مصاريف ملغى",
        "contest": "الاعتراض: وقف الاقتطاعات",
        "paused": "لا شيء يُقتطع",
    },
}
WHOLE = Callable[[Page], None]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1280"])
def test_a_payment_is_taken_back_planned_and_contested(
    open_page: OpenPage,
    no_serious_finding: WHOLE,
    language: str,
    size: dict[str, int],
    transactional_db: None,
    tmp_path: Any,
) -> None:
    now, words = timezone.now(), WORDS[language]
    shop = world.pharmacy()
    claim = factories.claim(doctor=shop, reimbursed=10_000, third_party_payment=True, at=now)
    pay(at=now)
    agent, other = (with_second_factor(world.user(role)) for role in (Role.AGENT, Role.AGENT))
    officer = with_second_factor(world.user(Role.PAYMENT_OFFICER))
    evidence = tmp_path / "pv.txt"
    evidence.write_text("procès-verbal")

    def whole(page: Page) -> None:
        fits(page)
        no_serious_finding(page)

    page = open_page(agent, language, size)
    page.goto(reverse("admin:payments_reversal_ask", args=[claim.pk]))
    whole(page)
    page.locator("[name=reason]").select_option("BILLED_TWICE")
    page.locator("[name=explanation]").fill("Boîte déjà payée le 3 novembre.")
    page.locator("[name=evidence_reference]").fill("PV-2026-118")
    page.locator("[name=evidence]").set_input_files(evidence)
    page.get_by_role("button", name=words["ask"]).click()
    expect(page.get_by_role("button", name=words["confirm"])).to_have_count(0)
    whole(page)

    page = open_page(other, language, size)
    page.goto(reverse("admin:payments_reversal_change", args=[Reversal.objects.get().pk]))
    whole(page)
    page.get_by_role("button", name=words["confirm"]).click()
    expect(page.locator(".office-log li")).to_have_count(4)

    undue = UndueAmount.objects.get()
    page = open_page(officer, language, size)
    page.goto(reverse("admin:payments_undueamount_change", args=[undue.pk]))
    page.locator("[name=share]").fill("25")
    page.locator("[name=agreement]").fill("Lettre 12")
    page.get_by_role("button", name=words["plan"]).click()
    expect(page.locator(".office-head")).to_be_visible()
    factories.claim(doctor=shop, reimbursed=8_000, third_party_payment=True, at=now)
    services.freeze_batch(by=officer, at=now)
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    whole(page)

    page = open_page(shop.user, language, size)
    page.goto(reverse("debts:list"))
    expect(page.get_by_text(words["told"]).first).to_be_visible()
    whole(page)
    page.locator("[name=reason]").fill("La boîte a été rendue.")
    page.get_by_role("button", name=words["contest"]).click()
    expect(page.get_by_text(words["paused"]).first).to_be_visible()
    whole(page)
    undue.refresh_from_db()
    assert (undue.recovered_centimes, undue.plan.is_contested) == (2_000, True)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1280"])
def test_the_calendar_is_read_by_the_office_and_its_next_day_by_the_counter(
    open_page: OpenPage,
    no_serious_finding: WHOLE,
    language: str,
    size: dict[str, int],
    transactional_db: None,
) -> None:
    now = timezone.now()
    services.plan_payment_days(year=2026, by="system:calendar", at=now)
    today = timezone.localdate()
    PaymentDay.objects.filter(day__gte=today, payees="PROVIDER").delete()
    PaymentDay.objects.create(day=today, payees="BOTH", cut_off=now - timedelta(hours=1))
    PaymentDay.objects.create(day=today + timedelta(days=3), payees="PROVIDER", cut_off=now)
    officer = with_second_factor(world.user(Role.PAYMENT_OFFICER))

    page = open_page(officer, language, size)
    page.goto(reverse("admin:payments_paymentday_changelist") + "?annee=2026")
    expect(page.locator(".office-year section")).to_have_count(12)
    fits(page)
    no_serious_finding(page)

    page = open_page(world.pharmacy().user, language, size)
    page.goto(reverse("pharmacy:statements"))
    expect(page.locator("#next-payment")).not_to_be_empty()
    fits(page)
    no_serious_finding(page)
