"""Who calls, and the devices that sign."""

from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from accounts.models import Role
from core import signatures
from providers.models import Device, Membership
from tests import world
from tests.api.conftest import Api, assert_problem, codes, signed_by, token_of

pytestmark = pytest.mark.django_db


def enrolment(practice, **fields):
    key = ec.generate_private_key(ec.SECP256R1())
    jwk = signatures.jwk_of(key.public_key())
    return {"provider": practice.provider.inpe, "label": "Poste 2", "public_jwk": jwk, **fields}


def test_session_says_who_for_whom_and_which_devices(as_doctor, doctor):
    answer = as_doctor.get("session").json()

    assert answer["user"]["id"] == str(doctor.user.pk)
    assert answer["user"]["role"] == "PRESCRIBER"
    assert answer["user"]["language"] == "fr"
    assert [(each["inpe"], each["standing"]) for each in answer["providers"]] == [
        (doctor.provider.inpe, "SIGNATORY")
    ]
    assert [(each["kid"], each["prefix"]) for each in answer["devices"]] == [
        (doctor.device.kid, doctor.device.prefix)
    ]


def test_session_gives_the_server_s_time_as_morocco_reads_it(as_doctor):
    now = datetime.fromisoformat(as_doctor.get("session").json()["now"])

    assert abs(now - timezone.now()) < timedelta(minutes=1)
    assert now.utcoffset() == timezone.localtime(now).utcoffset()


def test_enrolling_gives_a_prefix_and_the_key_signs(as_doctor, doctor, patient):
    body = enrolment(doctor)

    response = as_doctor.post("devices", body)

    answer = response.json()
    assert response.status_code == 201
    assert answer["kid"] == signatures.thumbprint(body["public_jwk"])
    assert len(answer["prefix"]) == 5
    assert answer["label"] == "Poste 2"


def test_the_same_key_again_is_the_same_device(as_doctor, doctor):
    body = enrolment(doctor)

    first, second = (as_doctor.post("devices", body).json() for _each in range(2))

    assert first == second
    assert Device.objects.filter(kid=first["kid"]).count() == 1


def test_a_key_that_is_no_point_of_the_curve_is_refused(as_doctor, doctor, nothing_changes):
    jwk = {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}

    with nothing_changes():
        response = as_doctor.post("devices", enrolment(doctor, public_jwk=jwk))

    assert_problem(response, 422, "KEY_UNUSABLE")
    assert codes(response) == [("/public_jwk", "KEY_UNUSABLE")]


def test_a_private_key_sent_by_mistake_is_refused_by_its_extra_field(
    as_doctor, doctor, nothing_changes
):
    body = enrolment(doctor)
    body["public_jwk"]["d"] = "secret"

    with nothing_changes():
        response = as_doctor.post("devices", body)

    assert codes(response) == [("/public_jwk/d", "UNKNOWN_KEY")]
    assert "secret" not in response.content.decode()


def test_a_delegate_enrols_nothing(doctor, nothing_changes):
    delegate = world.user(Role.DELEGATE)
    Membership.objects.create(
        user=delegate,
        provider=doctor.provider,
        standing=Membership.Standing.DELEGATE,
        period=world.ALWAYS,
    )
    helper = Api(user=delegate)

    with nothing_changes():
        response = helper.post("devices", enrolment(doctor))

    assert_problem(response, 403, "ONLY_SIGNATORY_SIGNS")
    assert helper.get("session").json()["providers"][0]["standing"] == "DELEGATE"


def test_a_revoked_device_signs_nothing_more(as_doctor, doctor, patient, nothing_changes):
    revoked = as_doctor.post(f"devices/{doctor.device.kid}/revocation", {})

    with nothing_changes():
        response = as_doctor.post("claims", signed_by(doctor, world.care_document(doctor, patient)))

    assert revoked.json()["state"] == "REVOKED"
    assert_problem(response, 422, "DEVICE_UNKNOWN")
    assert codes(response) == [("/document/device", "DEVICE_UNKNOWN")]
    assert as_doctor.get("session").json()["devices"] == []


def test_nobody_revokes_the_device_of_another(as_doctor, shop, nothing_changes):
    with nothing_changes():
        response = as_doctor.post(f"devices/{shop.device.kid}/revocation", {})

    assert_problem(response, 404, "DEVICE_NOT_FOUND")


def test_a_device_enrolled_for_another_provider_is_refused(as_doctor, shop, nothing_changes):
    with nothing_changes():
        response = as_doctor.post("devices", enrolment(shop))

    assert_problem(response, 403, "PROVIDER_MISMATCH")
    assert codes(response) == [("/provider", "PROVIDER_MISMATCH")]


def test_a_token_acts_for_its_provider_only(doctor, patient, nothing_changes):
    second = world.practice()
    Membership.objects.create(
        user=doctor.user,
        provider=second.provider,
        standing=Membership.Standing.SIGNATORY,
        period=world.ALWAYS,
    )
    software = Api(token=token_of(doctor))
    document = world.care_document(doctor, patient, provider=second.provider.inpe)

    with nothing_changes():
        response = software.post("claims", signed_by(doctor, document))

    assert_problem(response, 403, "PROVIDER_MISMATCH")
    assert [each["inpe"] for each in software.get("session").json()["providers"]] == [
        doctor.provider.inpe
    ]
