"""One's own devices: seen, closed, and what a closed one signs is refused."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import CARE_ROLES, Role, User
from core.errors import DomainError
from core.models import AuditEvent, Transition
from providers.permissions import MayNotRevoke
from providers.services import revoke_device
from tests import world

pytestmark = pytest.mark.django_db

PAGE = "/postes/"


def client_of(user: User, language: str = "fr") -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.AccountBackend")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def closing(practice: world.Practice) -> str:
    return f"{PAGE}{practice.device.kid}/revoquer/"


@pytest.mark.parametrize(("language", "title"), [("fr", "Mes postes"), ("ar", "أجهزتي")])
def test_a_doctor_sees_their_devices_and_nobody_elses(language: str, title: str) -> None:
    doctor, other = world.practice(), world.practice()

    page = client_of(doctor.user, language).get(PAGE).content.decode()

    assert f"<h1>{title}</h1>" in page
    assert doctor.device.prefix in page
    assert other.device.prefix not in page
    assert f'action="{closing(doctor)}"' in page


def test_a_revoked_device_stays_listed_and_signs_no_more() -> None:
    world.act("C")
    doctor, patient = world.practice(), world.person()
    client = client_of(doctor.user)

    answer = client.post(closing(doctor))

    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    page = client.get(PAGE).content.decode()
    assert "Poste révoqué." in page
    assert "révoqué le" in page
    assert f'action="{closing(doctor)}"' not in page
    doctor.device.refresh_from_db()
    assert doctor.device.state == "REVOKED"
    event = AuditEvent.objects.get(action="providers.device.revoked")
    assert (event.actor, event.after) == (f"user:{doctor.user.pk}", None)
    before = world.rows_everywhere()
    with pytest.raises(DomainError) as refusal:
        world.submit(doctor, world.care_document(doctor, patient), at=timezone.now())
    assert refusal.value.code == "DEVICE_UNKNOWN"
    assert world.rows_everywhere() == before


def test_a_device_is_revoked_once() -> None:
    doctor = world.practice()
    client = client_of(doctor.user)
    client.post(closing(doctor))
    before = world.rows_everywhere()

    answer = client.post(closing(doctor))

    assert answer.status_code == 409
    assert "l’état actuel est « révoqué »" in answer.content.decode()
    assert world.rows_everywhere() == before


def test_another_persons_device_is_not_found_and_stays() -> None:
    doctor, other = world.practice(), world.practice()
    before = (world.rows_everywhere(), Transition.objects.count())

    assert client_of(doctor.user).post(closing(other)).status_code == 404
    with pytest.raises(MayNotRevoke):
        revoke_device(device=other.device, by=doctor.user, at=world.NOW, reason="pour voir")

    other.device.refresh_from_db()
    assert other.device.state == "ACTIVE"
    assert (world.rows_everywhere(), Transition.objects.count()) == before


def test_it_takes_a_post_with_its_token() -> None:
    doctor = world.practice()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(doctor.user, backend="accounts.backends.AccountBackend")

    assert client_of(doctor.user).get(closing(doctor)).status_code == 405
    assert strict.post(closing(doctor)).status_code == 403

    doctor.device.refresh_from_db()
    assert doctor.device.state == "ACTIVE"


@pytest.mark.parametrize("role", sorted(Role))
def test_the_page_is_for_people_of_care(role: Role) -> None:
    user = world.user(role)
    wanted = 200 if role in CARE_ROLES else 302 if user.works_in_office else 403

    answer = client_of(user).get(PAGE)

    assert answer.status_code == wanted
    if role in CARE_ROLES:
        assert "Aucun poste inscrit" in answer.content.decode()


def test_a_stranger_signs_in_first() -> None:
    assert Client().get(PAGE)["Location"] == f"/compte/login/?next={PAGE}"
