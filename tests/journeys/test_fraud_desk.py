"""The fraud officer's pages in a browser: a case decided by keyboard, a rule on trial, a night started."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Role, User
from fraud import services
from fraud.models import Alarm, Case, NightRun, RuleSuspension, RuleVersion
from fraud.selectors.rules import rules_in_force
from fraud.services import _night
from tests import world
from tests.fraud.filing import care_claim, night, screened
from tests.journeys.conftest import OpenPage
from tests.journeys.test_law_desk import says, sound
from tests.office.conftest import with_second_factor

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

REPLAY = "SAME_CARE_AGAIN"
# Where pictures of the pages go, when somebody wants to look at them.
SHOTS = os.environ.get("FRAUD_SHOTS", "")


def officer(**fields: Any) -> User:
    return with_second_factor(world.user(Role.FRAUD_OFFICER, **fields))


def settle() -> Case:
    """A doctor who asked three consultations again, a couple and a ring: alarms, a night, cases."""
    doctor = world.practice(
        name="Dr Hassan Berrada", name_ar="د. حسن برادة", speciality="Cardiologie"
    )
    shop = world.pharmacy(name="Pharmacie Al Amal", name_ar="صيدلية الأمل").provider
    others = [world.practice(speciality="Pédiatrie") for _n in range(4)]
    patient = world.person()
    for n in range(4):
        screened(care_claim(doctor, patient, at=world.NOW + timedelta(minutes=n)))
    for other in others:
        screened(care_claim(other, patient))
    for claim in doctor.provider.claims.filter(state="HELD"):
        services.release_hold(claim=claim, reason="vu", by=world.user(Role.AGENT), at=world.NOW)
    run = night()
    seen = {"run": run, "version": 0, "is_shadow": False, "day": world.TODAY, "seen_at": world.NOW}
    rows = [
        ("UPCODING", "PROVIDER", doctor.provider, None, ""),
        ("COUPLE", "COUPLE", doctor.provider, shop, ""),
        *(
            ("DENSE_RING", "RING", each.provider, doctor.provider, str(doctor.provider.pk))
            for each in others
        ),
    ]
    for n, (rule, level, provider, other, group) in enumerate(rows):
        Alarm.objects.create(
            **seen,
            rule=rule,
            level=level,
            provider=provider,
            other=other,
            group=group,
            strength_bp=10_000,
            observed="0.5312",
            threshold="0.4",
            peers=42,
            evidence={"members": 34, "visits": 120},
            key=str(n),
        )
    rules = {each.name: each for each in rules_in_force(world.TODAY)}
    services.open_cases(rules=rules, at=world.NOW)
    return Case.objects.get(kind="PROVIDER")


def shot(page: Page, name: str, language: str) -> None:
    """Keep pictures of a page on a phone and on a desk, when asked for."""
    if not SHOTS:
        return
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=Path(SHOTS) / f"{name}.{language}.{width}.png", full_page=True)


def press(page: Page, name: str, language: str) -> None:
    """Reach a button by its name and press it with the keyboard."""
    button = page.get_by_role("button", name=says(name, language))
    button.focus()
    page.keyboard.press("Enter")


def test_a_case_is_taken_and_decided_by_keyboard(
    language: str, open_page: OpenPage, no_serious_finding: Any
) -> None:
    case, mine = settle(), officer(full_name="Salma Idrissi")
    page = open_page(mine, language)
    page.goto(reverse("admin:fraud_case_changelist"))
    sound(page, no_serious_finding)
    shot(page, "cases", language)
    page.get_by_role("link", name=case.number).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".office-head__number")).to_have_text(case.number)
    sound(page, no_serious_finding)
    press(page, "Prendre ce dossier", language)
    page.get_by_label(says("Ajouter une note", language)).fill("Trois fois le même jour.")
    press(page, "Noter", language)
    expect(page.get_by_text("Trois fois le même jour.")).to_be_visible()
    ticks = page.locator("input[name=claim]")
    expect(ticks).to_have_count(3)
    ticks.first.focus()
    page.keyboard.press("Space")
    sound(page, no_serious_finding)
    shot(page, "case", language)
    page.locator("textarea[name=reason]").fill("Les actes n’ont pas eu lieu.")
    press(page, "Confirmer la fraude", language)
    expect(page.locator("textarea[name=reason]")).to_have_count(0)
    case.refresh_from_db()
    assert (case.state, case.officer) == ("CONFIRMED", mine)
    assert case.decisions.get().recoveries.count() == 1
    sound(page, no_serious_finding)


def test_networks_and_ranked_providers(
    language: str, open_page: OpenPage, no_serious_finding: Any
) -> None:
    settle()
    page = open_page(officer(), language)
    page.goto(reverse("admin:fraud_network"))
    expect(page.locator(".fraud-node")).to_have_count(5)
    sound(page, no_serious_finding)
    shot(page, "network", language)
    page.goto(reverse("admin:fraud_providers"))
    expect(page.locator("tbody tr")).to_have_count(6)
    page.get_by_role("link", name=says("Trier par montant", language)).click()
    expect(page.locator("[aria-current=true]")).to_have_text(says("Trier par montant", language))
    sound(page, no_serious_finding)
    shot(page, "providers", language)


def test_a_rule_is_written_refused_by_its_bound_and_switched_on_by_another(
    language: str, open_page: OpenPage, no_serious_finding: Any
) -> None:
    settle()
    RuleSuspension.objects.create(rule=REPLAY, version=0, holds=20, overturned=19, at=world.NOW)
    page = open_page(officer(), language)
    page.goto(reverse("admin:fraud_rules"))
    sound(page, no_serious_finding)
    shot(page, "rules", language)
    page.locator(f"a[href='{reverse('admin:fraud_rule', args=[REPLAY])}']").focus()
    page.keyboard.press("Enter")
    page.locator("input[name=weight]").fill("100,01")
    page.locator("textarea[name=reason]").fill("Trop de levées.")
    press(page, "Mettre à l’essai", language)
    expect(page.get_by_role("alert")).to_contain_text("100,01")
    assert not RuleVersion.objects.exists()
    page.locator("input[name=weight]").fill("80")
    page.locator("textarea[name=reason]").fill("Trop de levées.")
    press(page, "Mettre à l’essai", language)
    expect(
        page.get_by_text(
            says("Vous l’avez écrite : une autre personne la met en service.", language)
        )
    ).to_be_visible()
    version = RuleVersion.objects.get()
    assert (version.state, version.weight_bp) == ("SHADOW", 8_000)
    sound(page, no_serious_finding)
    shot(page, "rule", language)

    RuleVersion.objects.update(prepared_at=timezone.now() - timedelta(days=400))
    other = open_page(officer(), language)
    other.goto(reverse("admin:fraud_rule", args=[REPLAY]))
    press(other, "Mettre en service", language)
    expect(other.get_by_text(says("C’est enregistré.", language))).to_be_visible()
    version.refresh_from_db()
    assert version.state == "ON"


def test_a_night_is_started_and_shows_its_progress(
    language: str, open_page: OpenPage, no_serious_finding: Any
) -> None:
    _night.warehouse_path().unlink(missing_ok=True)
    settle()
    page = open_page(officer(), language)
    page.goto(reverse("admin:fraud_nights"))
    press(page, "Tout revoir", language)
    expect(page.get_by_role("progressbar")).to_be_visible()
    services.advance_night(at=timezone.now())
    sound(page, no_serious_finding)
    shot(page, "nights", language)
    while services.advance_night(at=timezone.now()):
        pass
    # The page asks by itself, and shows the run among those done.
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=15_000)
    expect(page.locator("tbody tr")).to_have_count(2)
    assert NightRun.objects.filter(state="DONE").count() == 2
