"""The agents' desk of the offline work: what waits, decided in one gesture; outages; devices."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from claims.models import Claim
from providers.models import Outage
from tests import world
from tests.office.conftest import with_second_factor
from tests.sync.device import OfflineDevice, stands

pytestmark = pytest.mark.django_db

LIST = "/admin/sync/envelope/"


def signed_in(role: Role, language: str = "fr") -> Client:
    client = Client()
    person = with_second_factor(world.user(role))
    client.force_login(person, backend="accounts.backends.AccountBackend")
    client.cookies["django_language"] = language
    return client


@pytest.fixture
def held():
    """An envelope whose predecessor never comes."""
    world.act("C")
    device = OfflineDevice(world.practice()).hear().wait(hours=1)
    patient = world.person()
    device.care(patient)
    second = device.wait(minutes=5).care(patient)
    device.send(second)
    return second


@pytest.mark.parametrize(("language", "words"), [("fr", "en attente"), ("ar", "الظرف رقم 1")])
def test_what_waits_is_listed_with_why(held, language, words) -> None:
    client = signed_in(Role.AGENT, language)
    listed = client.get(LIST).content.decode()
    assert words in listed
    page = client.get(f"{LIST}{stands(held).pk}/change/").content.decode()
    assert words in page
    assert "appliquer/" in page


def test_an_agent_applies_it_with_a_reason(held) -> None:
    client = signed_in(Role.AGENT)
    address = f"{LIST}{stands(held).pk}/appliquer/"
    assert client.post(address, {"reason": ""}).status_code == 422
    assert Claim.objects.count() == 0

    assert client.post(address, {"reason": "poste noyé"}).status_code == 302

    assert stands(held).state == "APPLIED"
    assert Claim.objects.count() == 1
    assert client.post(address, {"reason": "encore"}).status_code == 409


def test_an_agent_refuses_it_and_an_auditor_only_reads(held) -> None:
    address = f"{LIST}{stands(held).pk}/refuser/"
    assert signed_in(Role.AUDITOR).post(address, {"reason": "x"}).status_code == 403
    assert signed_in(Role.AUDITOR).get(LIST).status_code == 200
    assert signed_in(Role.AGENT).post(address, {"reason": "volé"}).status_code == 302
    assert stands(held).state == "REJECTED"


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_an_outage_is_declared_and_ended(language) -> None:
    client = signed_in(Role.AGENT, language)
    page = client.get("/admin/providers/outage/add/").content.decode()
    assert 'name="reason"' in page
    began = timezone.localtime(timezone.now() - timedelta(hours=3))
    entry = {
        "territory": "",
        "since": f"{began:%Y-%m-%dT%H:%M}",
        "until": "",
        "reason": "câble coupé",
    }
    answer = client.post("/admin/providers/outage/add/", entry)
    assert answer.status_code == 302, answer.content.decode()
    outage = Outage.objects.get()
    assert (outage.reason, outage.until) == ("câble coupé", None)

    assert client.post(f"/admin/providers/outage/{outage.pk}/terminer/").status_code == 302

    outage.refresh_from_db()
    assert outage.until is not None
    later = timezone.localtime(timezone.now() + timedelta(days=1))
    wrong = {**entry, "since": f"{later:%Y-%m-%dT%H:%M}"}
    assert client.post("/admin/providers/outage/add/", wrong).status_code == 200
    assert Outage.objects.count() == 1


def test_a_device_is_suspended_given_back_declared_stolen() -> None:
    device = world.practice().device
    client = signed_in(Role.FRAUD_OFFICER)
    steps = (("suspendre", "SUSPENDED"), ("rendre", "ACTIVE"), ("voler", "REVOKED"))
    for gesture, state in steps:
        address = f"/admin/providers/device/{device.pk}/{gesture}/"
        assert client.post(address, {"reason": "vérifié"}).status_code == 302, gesture
        device.refresh_from_db()
        assert device.state == state
    assert device.stolen
