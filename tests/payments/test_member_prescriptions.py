"""The insured person's prescriptions and presence code: their own, in both languages."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Role
from insured.models import CareProfile
from insured.services import CareAnswers, check_portal_code, record_care_profile
from prescriptions.models import PrescriptionRequest
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient() -> Any:
    person = world.person(first_name="Zineb", last_name="Amellal", name_ar="زينب أملال")
    person.insured.user = world.user(Role.INSURED)
    person.insured.save()
    return person


@pytest.fixture
def prescription(patient: Any) -> Any:
    doctor = world.practice(name="Dr Salma Benyahia", name_ar="د. سلمى بنيحيى")
    box = world.medicine(name="AMLOR 5 MG")
    return world.prescribe(doctor, world.prescription_document(doctor, patient, [box]))


@pytest.fixture
def client(patient: Any) -> Client:
    made = Client()
    made.force_login(patient.insured.user)
    return made


@pytest.mark.parametrize(("language", "name"), [("fr", "Zineb Amellal"), ("ar", "زينب أملال")])
def test_own_prescriptions_are_listed(
    client: Client, prescription: Any, language: str, name: str
) -> None:
    world.prescribe(
        stranger := world.practice(),
        world.prescription_document(
            stranger, world.person(last_name="Autre"), [world.medicine(name="ZOCOR")]
        ),
    )
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    page = client.get("/assure/ordonnances/").content.decode()

    assert name in page
    assert "AMLOR" in page
    assert "ZOCOR" not in page


def test_a_renewal_is_asked_once(client: Client, prescription: Any) -> None:
    address = f"/assure/ordonnances/{prescription.fse_number}/renouveler/"

    assert client.post(address).status_code == 302
    before = world.rows_everywhere()
    again = client.post(address)

    assert again.status_code == 409
    assert world.rows_everywhere() == before
    request = PrescriptionRequest.objects.get()
    assert (request.kind, request.pharmacy) == ("RENEWAL", None)
    assert "/renouveler/" not in client.get("/assure/ordonnances/").content.decode()


def test_another_s_prescription_is_not_found(prescription: Any) -> None:
    stranger = Client()
    stranger.force_login(world.user(Role.INSURED))

    answer = stranger.post(f"/assure/ordonnances/{prescription.fse_number}/renouveler/")

    assert answer.status_code == 404
    assert not PrescriptionRequest.objects.exists()


def test_the_presence_code_is_shown_and_proves(client: Client, patient: Any) -> None:
    page = client.get("/assure/presence/")

    assert "<svg" in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    code = page.context["text"]
    proof = check_portal_code(
        insured=patient.insured,
        inpe="100000900",
        text=code,
        by=world.user(Role.PHARMACIST),
        at=page.context["until"] - timedelta(minutes=1),
    )
    assert proof.level == "PORTAL_QR"


def test_who_is_no_insured_person_stays_out() -> None:
    doctor = Client()
    doctor.force_login(world.practice().user)
    for address in ("/assure/ordonnances/", "/assure/presence/"):
        assert doctor.get(address).status_code == 403


def test_the_insured_agrees_and_no_longer_agrees_for_themselves_and_their_minor_child(
    client: Client, patient: Any
) -> None:
    child = world.person(
        household=patient.insured, relation="CHILD", birth_date=world.TODAY - timedelta(days=3000)
    )
    record_care_profile(
        person=patient,
        answers=CareAnswers((("AMOXICILLINE", ""),), None, None, None, None),
        by=patient.insured.user,
        at=world.NOW,
    )
    for person, said, kept in (
        (patient, "yes", True),
        (child, "yes", True),
        (patient, "no", False),
    ):
        answer = client.post(f"/assure/famille/{person.pk}/accord/", {"shares": said}, follow=True)
        assert "Votre choix est enregistré" in answer.content.decode()
        assert CareProfile.objects.get(person=person).shares_history is kept

    assert CareProfile.objects.get(person=patient).allergies == [{"inn": "AMOXICILLINE", "atc": ""}]
    page = client.get("/assure/famille/").content.decode()
    assert "Chaque professionnel ne voit que les traitements" in page


def test_another_adult_or_another_family_answers_for_themselves(
    client: Client, patient: Any
) -> None:
    spouse = world.person(household=patient.insured, relation="SPOUSE", last_name="Conjoint")
    stranger = world.person()
    before = world.rows_everywhere()
    for person in (spouse, stranger):
        answer = client.post(f"/assure/famille/{person.pk}/accord/", {"shares": "yes"}, follow=True)
        assert "Un autre adulte répond lui-même" in answer.content.decode()
    assert world.rows_everywhere() == before
