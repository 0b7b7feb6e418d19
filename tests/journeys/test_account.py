"""The story of a change of account: asked, proved by the phone's code, told, stopped or opened."""

from collections.abc import Callable
from datetime import timedelta
from time import time
from typing import Any

import pytest
from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Role
from insured.models import Insured
from payments import services
from payments.models import AccountChange, PayeeAccount
from payments.rules import Payee, PayeeKind
from payments.selectors.accounts import account_on
from tests import world
from tests.journeys.conftest import DESKTOP, PHONE, OpenPage

pytestmark = pytest.mark.journey

NEW = world.rib(810_001)
WORDS = {
    "fr": {
        "refused": "sa clé est fausse",
        "cooling": "Délai de sécurité",
        "contested": "Contesté",
        "banner": "Un changement de compte est en cours",
        "notice": "Un changement de compte a été demandé le",
        "applied": "Nouveau compte en vigueur",
        "no_factor": "Activer la double vérification",
    },
    "ar": {
        "refused": "مفتاحه خاطئ",
        "cooling": "أجل الأمان",
        "contested": "محل اعتراض",
        "banner": "تغيير الحساب قيد الإنجاز",
        "notice": "طُلب تغيير الحساب يوم",
        "applied": "الحساب الجديد ساري",
        "no_factor": "تفعيل التحقق المزدوج",
    },
}


def code_of(secret: str) -> str:
    """What the phone shows now."""
    return format_hotp_value(hotp_value(secret, int(time()) // app_settings.TOTP_PERIOD))


class Home:
    """A person who signs in, with a phone that gives codes."""

    def __init__(self, language: str) -> None:
        holder = world.person(first_name="Zineb", last_name="Amellal", name_ar="زينب أملال")
        self.user = world.user(Role.INSURED, full_name="Zineb Amellal", language=language)
        Insured.objects.filter(pk=holder.insured_id).update(user=self.user)
        self.payee = Payee(PayeeKind.INSURED, holder.insured_id)
        self.old = PayeeAccount.objects.get(insured=holder.insured_id).rib
        self.secret = generate_totp_secret()
        TOTP.activate(self.user, self.secret)


@pytest.fixture
def home(transactional_db: None, language: str) -> Home:
    return Home(language)


def asks(page: Page, rib: str) -> None:
    page.locator("input[name=rib]").fill(rib)
    page.locator("input[name=holder]").fill("Zineb Amellal")
    page.locator("form[action$='demander/'] button").click()


def confirms(page: Page, home: Home) -> None:
    page.locator("form[action$='confirmer/'] button").click()
    page.wait_for_url("**/reauthenticate/**")
    page.locator("input[name=code]").fill(code_of(home.secret))
    page.locator("main form button, form.form button").first.click()
    page.wait_for_url("**/assure/compte/")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1280"])
def test_a_person_changes_account_and_it_opens_after_the_delay(
    home: Home,
    open_page: OpenPage,
    language: str,
    size: dict[str, int],
    no_serious_finding: Callable[[Page], None],
) -> None:
    words = WORDS[language]
    page = open_page(home.user, language, size=size)
    page.goto("/assure/famille/")
    page.locator("a[href$='/assure/compte/']").click()
    expect(page.locator(".facts")).to_contain_text(home.old[-4:])
    assert home.old not in page.content()

    asks(page, NEW[:-1] + ("0" if NEW[-1] != "0" else "1"))
    expect(page.locator(".field__error")).to_contain_text(words["refused"])
    assert not AccountChange.objects.exists()
    no_serious_finding(page)
    asks(page, f"{NEW[:3]} {NEW[3:6]} {NEW[6:22]} {NEW[22:]}")
    expect(page.locator("form[action$='confirmer/']")).to_be_visible()
    no_serious_finding(page)
    assert AccountChange.objects.get().state == "REQUESTED"
    confirms(page, home)

    expect(page.locator(".timeline [aria-current=step]")).to_contain_text(words["cooling"])
    expect(page.locator("main")).to_contain_text(words["notice"])
    expect(page.locator(".notice[data-state=held]")).to_contain_text(words["banner"])
    no_serious_finding(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    change = AccountChange.objects.get()
    assert (change.state, change.proof, change.confirmed_by) == ("COOLING", "totp", home.user)
    page.goto("/assure/")
    expect(page.locator(".notice[data-state=held]")).to_contain_text(words["banner"])
    later = timezone.now() + timedelta(days=6)
    assert services.settle_changes(at=later) == 1
    page.goto("/assure/compte/")
    expect(page.locator(".timeline")).to_contain_text(words["applied"])
    opened = account_on(home.payee, timezone.localdate(later))
    assert opened is not None
    assert opened.rib == NEW


def test_this_was_not_me_in_one_gesture(home: Home, open_page: OpenPage, language: str) -> None:
    page = open_page(home.user, language, size=PHONE)
    page.goto("/assure/compte/")
    asks(page, NEW)
    confirms(page, home)
    page.goto("/assure/")

    page.locator("form[action$='contester/'] button").click()

    page.wait_for_url("**/assure/compte/")
    expect(page.locator(".timeline")).to_contain_text(WORDS[language]["contested"])
    assert AccountChange.objects.get().state == "CONTESTED"


def test_a_wrong_code_confirms_nothing(home: Home, open_page: OpenPage, language: str) -> None:
    page = open_page(home.user, language, size=PHONE)
    page.goto("/assure/compte/")
    asks(page, NEW)
    page.locator("form[action$='confirmer/'] button").click()
    page.wait_for_url("**/reauthenticate/**")
    wrong = "000000" if code_of(home.secret) != "000000" else "111111"
    page.locator("input[name=code]").fill(wrong)
    page.locator("main form button, form.form button").first.click()

    expect(page.locator(".field__error")).to_be_visible()
    assert AccountChange.objects.get().state == "REQUESTED"


def test_without_a_second_factor_the_way_to_one_is_shown(
    transactional_db: Any, open_page: OpenPage, language: str
) -> None:
    holder = world.person()
    user = world.user(Role.INSURED)
    Insured.objects.filter(pk=holder.insured_id).update(user=user)
    page = open_page(user, language, size=PHONE)

    page.goto("/assure/compte/")

    expect(page.locator("main")).to_contain_text(WORDS[language]["no_factor"])
    expect(page.locator("input[name=rib]")).to_have_count(0)
