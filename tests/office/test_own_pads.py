"""/carnets/: who signs orders, prints and declares lost; nobody else's pad is found."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from claims.models import PaperPad
from tests import world
from tests.claims.papers import pad_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: world.NOW)


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.AccountBackend")
    return client


def test_a_doctor_orders_prints_and_loses_a_pad() -> None:
    doctor = world.practice()
    client = client_of(doctor.user)
    ordered = client.post(reverse("pad_order"), {"inpe": doctor.provider.inpe, "sheets": "10"})
    pad = PaperPad.objects.get()

    assert ordered["Location"] == reverse("pads")
    assert pad.reference in client.get(reverse("pads")).text
    assert client.get(reverse("pad_pdf", args=[pad.pk])).content.startswith(b"%PDF-")
    assert client.post(reverse("pad_lost", args=[pad.pk]), {"first": "99"}).status_code == 422
    client.post(reverse("pad_lost", args=[pad.pk]), {"first": "1"})
    assert PaperPad.objects.get().state == "LOST"


@pytest.mark.parametrize("sheets", ["", "x", "-1", "9", "99999999"])
def test_a_wrong_number_of_sheets_orders_nothing(sheets: str) -> None:
    doctor = world.practice()

    answer = client_of(doctor.user).post(
        reverse("pad_order"), {"inpe": doctor.provider.inpe, "sheets": sheets}
    )

    assert answer.status_code == 422
    assert not PaperPad.objects.exists()


def test_another_s_pad_is_not_found_and_not_ordered() -> None:
    doctor, other = world.practice(), world.practice()
    pad = pad_of(doctor)
    client = client_of(other.user)

    assert client.get(reverse("pad_pdf", args=[pad.pk])).status_code == 404
    assert client.post(reverse("pad_lost", args=[pad.pk]), {"first": "1"}).status_code == 404
    asked = {"inpe": doctor.provider.inpe, "sheets": "10"}
    assert client.post(reverse("pad_order"), asked).status_code == 403
    assert pad.reference not in client.get(reverse("pads")).text
    assert client_of(world.user(Role.INSURED)).get(reverse("pads")).status_code == 403
    assert PaperPad.objects.get().state == "ISSUED"
