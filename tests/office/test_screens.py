"""The back office in a real browser: no serious accessibility finding, no error, in both languages."""

from datetime import date
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from accounts.models import Role
from payments.models import PaymentBatch
from payments.services import freeze_batch
from prescriptions import services as prescribing
from prescriptions.models import SafetyAlert, SafetyDemotion
from tests import world
from tests.fraud.filing import care_claim, screened
from tests.office.conftest import with_second_factor

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

GRAVE = {"serious", "critical"}


def pages() -> list[tuple[Role, str]]:
    held = screened(care_claim(patient=world.person(death_date=date(2026, 11, 1))))
    screened(care_claim())
    suspended, disputed, demoted = prescriptions_to_decide()
    batch: PaymentBatch = freeze_batch(by=world.user(Role.PAYMENT_OFFICER), at=world.NOW)
    return [
        (Role.AGENT, reverse("admin:index")),
        (Role.AGENT, reverse("admin:claims_claim_changelist") + "?queue=held"),
        (Role.AGENT, reverse("admin:claims_claim_change", args=[held.pk])),
        (Role.PAYMENT_OFFICER, reverse("admin:payments_paymentbatch_change", args=[batch.pk])),
        (Role.PAYMENT_OFFICER, reverse("admin:payments_paymentbatch_freeze")),
        (Role.AUDITOR, reverse("admin:audit_trail")),
        (Role.AUDITOR, reverse("admin:ledger")),
        (Role.AGENT, reverse("admin:runs")),
        (Role.AUDITOR, reverse("admin:invariants")),
        (Role.ADMINISTRATOR, reverse("admin:quarantine")),
        (Role.ADMINISTRATOR, reverse("admin:account_new")),
        (Role.ADMINISTRATOR, reverse("admin:accounts_user_change", args=[held.author_id])),
        (Role.ADMINISTRATOR, reverse("admin:providers_softwaretoken_issue")),
        (Role.FRAUD_OFFICER, reverse("admin:providers_device_change", args=[held.device_id])),
        (Role.PRESCRIBER, reverse("devices")),
        (Role.FRAUD_OFFICER, reverse("admin:prescriptions_prescription_changelist")),
        (Role.FRAUD_OFFICER, suspended),
        (Role.AGENT, disputed),
        (Role.MEDICAL_OFFICER, reverse("admin:prescriptions_safetydemotion_changelist")),
        (Role.MEDICAL_OFFICER, demoted),
    ]


def prescriptions_to_decide() -> tuple[str, str, str]:
    """The pages of a suspended prescription, of a disputed hand-over and of a demoted alert."""
    doctor, shop = world.practice(), world.pharmacy()
    patient, medicine = world.person(), world.medicine()
    patient.insured.user = world.user(Role.INSURED)
    patient.insured.save()
    held, given = (
        world.prescribe(doctor, world.prescription_document(doctor, patient, [medicine]))
        for _each in range(2)
    )
    prescribing.hold_prescription(
        fse_number=held.fse_number,
        reason="clé volée",
        by=world.user(Role.FRAUD_OFFICER),
        at=world.NOW,
    )
    world.dispense(shop, world.dispensing_document(shop, given, [(1, medicine, 1, "75.00")]))
    dispensing = given.dispensings.get()
    prescribing.dispute_dispensing(
        dispensing_id=dispensing.pk, by=patient.insured.user, at=world.NOW
    )
    key = "INTERACTION:clarithromycine+simvastatine"
    prescribing.answer_alerts(
        provider=doctor.provider,
        patient=patient,
        moment=SafetyAlert.Moment.PRESCRIBING,
        answers=[prescribing.AlertAnswer(key, SafetyAlert.Answer.OVERRIDDEN, "BENEFIT")],
        by=doctor.user,
        at=world.NOW,
    )
    demotion = SafetyDemotion.objects.create(
        key=key, kind="INTERACTION", since=world.NOW, answered=50, overridden=48, people=12
    )
    return (
        reverse("admin:prescriptions_prescription_change", args=[held.pk]),
        reverse("admin:prescriptions_dispensing_change", args=[dispensing.pk]),
        reverse("admin:prescriptions_safetydemotion_change", args=[demotion.pk]),
    )


def session_of(role: Role) -> str:
    client = Client()
    client.force_login(
        with_second_factor(world.user(role)), backend="accounts.backends.AccountBackend"
    )
    return client.cookies["sessionid"].value


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_pages_are_sound_in_both_languages_and_widths(
    language: str, browser: Browser, live_server: Any
) -> None:
    for role, address in pages():
        context = browser.new_context()
        context.add_cookies(
            [
                {"name": name, "value": value, "url": live_server.url}
                for name, value in (("sessionid", session_of(role)), ("django_language", language))
            ]
        )
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            answer = page.goto(live_server.url + address)
            assert answer is not None
            assert answer.status == 200, address
            assert page.evaluate("document.documentElement.dir") == (
                "rtl" if language == "ar" else "ltr"
            )
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wide) <= 0, (address, width)
            found = Axe().run(page).response["violations"]
            assert not [each["id"] for each in found if each["impact"] in GRAVE], (address, width)
        assert errors == [], address
        context.close()


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "Décision enregistrée."), ("ar", "تم تسجيل القرار.")]
)
def test_an_agent_clears_a_file_with_the_keys(
    language: str, said: str, browser: Browser, live_server: Any
) -> None:
    held = screened(care_claim(patient=world.person(death_date=date(2026, 11, 1))))
    context = browser.new_context()
    context.add_cookies(
        [
            {"name": name, "value": value, "url": live_server.url}
            for name, value in (
                ("sessionid", session_of(Role.AGENT)),
                ("django_language", language),
            )
        ]
    )
    page = context.new_page()
    page.goto(live_server.url + reverse("admin:claims_claim_changelist") + "?queue=held")
    page.get_by_role("link", name=held.sheet.fse_number).click()
    page.wait_for_url("**/change/**")
    page.keyboard.press("e")
    # Without a reason the browser stops the form and puts the cursor where it is missing.
    assert page.evaluate("document.activeElement.id") == "reason"
    page.keyboard.type("acte de décès corrigé")
    page.keyboard.press("Control+Enter")
    page.get_by_text(said).wait_for()
    held.refresh_from_db()
    assert held.state == "APPROVED"
    context.close()
