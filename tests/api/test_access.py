"""The doors: every address with a stranger, with wrong roles, with an expired session or a dead token."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import get_resolver

from accounts.models import Role
from providers.models import Membership, SoftwareToken
from tests import world
from tests.api.conftest import ROOT, Api, assert_problem, signed_by, token_of

pytestmark = pytest.mark.django_db

PUBLIC = {"schema", "docs"}
SOMEWHERE = {
    "pack": "01936a43-1f20-7d10-8b11-6c0f9e2d7a3b",
    "part": "law",
    "kid": "k" * 43,
    "ean": "6118000010050",
    "fse_number": "7Q4KDX2M9ATZ",
    "claim_id": "01935b70-11f4-7a51-8a6e-0c3d5b7e9f12",
    "order_id": "01935b70-11f4-7a51-8a6e-0c3d5b7e9f12",
    "person_id": "01935b70-11f4-7a51-8a6e-0c3d5b7e9f12",
    "patient": "01935b70-11f4-7a51-8a6e-0c3d5b7e9f12",
    "preparation": "01935b70-11f4-7a51-8a6e-0c3d5b7e9f12",
    "request_id": "01935b70-11f4-7a51-8a6e-0c3d5b7e9f12",
    "key": "1",
}
ACTIONS = [
    ("GET", "session"),
    ("POST", "devices"),
    ("POST", "devices/{kid}/revocation"),
    ("POST", "rights-checks"),
    ("GET", "medicines"),
    ("GET", "medicines/{ean}"),
    ("GET", "acts"),
    ("POST", "prescriptions"),
    ("GET", "prescriptions/{fse_number}"),
    ("POST", "prescriptions/{fse_number}/custody"),
    ("DELETE", "prescriptions/{fse_number}/custody"),
    ("POST", "prescriptions/{fse_number}/cancellation"),
    ("POST", "prescriptions/{fse_number}/outcomes"),
    ("POST", "prescriptions/{fse_number}/reopening"),
    ("POST", "prescriptions/{fse_number}/retraction"),
    ("POST", "prescriptions/{fse_number}/waiver"),
    ("GET", "prescriptions/{fse_number}/presence"),
    ("POST", "prescriptions/{fse_number}/presence"),
    ("POST", "prescriptions/{fse_number}/presence-codes"),
    ("POST", "prescriptions/{fse_number}/requests"),
    ("GET", "prescriptions/{fse_number}/paper"),
    ("POST", "prescriptions/scan"),
    ("GET", "prescriber-keys"),
    ("GET", "medicines/{ean}/equivalents"),
    ("GET", "followed-prescriptions"),
    ("GET", "followed-prescriptions/document"),
    ("GET", "narcotic-register"),
    ("GET", "protocols"),
    ("POST", "protocols"),
    ("DELETE", "protocols/{key}"),
    ("GET", "preparations"),
    ("POST", "preparations"),
    ("DELETE", "preparations/{preparation}"),
    ("GET", "renewals/{patient}"),
    ("GET", "requests"),
    ("POST", "requests/{request_id}/answer"),
    ("POST", "requests/{request_id}/messages"),
    ("POST", "requests/{request_id}/withdrawal"),
    ("POST", "safety"),
    ("POST", "safety/answers"),
    ("GET", "patients/{person_id}/care-profile"),
    ("POST", "claims/{claim_id}/reversal"),
    ("POST", "claims/{claim_id}/amendment"),
    ("POST", "claims"),
    ("GET", "claims"),
    ("GET", "claims/{claim_id}"),
    ("POST", "dispensings"),
    ("POST", "estimates"),
    ("GET", "statements"),
    ("GET", "statements/next"),
    ("GET", "statements/document"),
    ("GET", "statements/{order_id}/document"),
    ("GET", "known-facts/{patient}"),
    ("POST", "sync/anchors"),
    ("POST", "sync/envelopes"),
    ("POST", "sync/outcomes"),
    ("GET", "packs/latest"),
    ("GET", "packs/{pack}/changes"),
    ("GET", "packs/{pack}/{part}"),
]
OUTSIDERS = [Role.INSURED, Role.AGENT, Role.MEDICAL_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR]


def ask(api, method, path):
    path = path.format(**SOMEWHERE)
    if method == "GET":
        return api.get(path)
    return api.delete(path) if method == "DELETE" else api.post(path, {})


def test_the_list_of_actions_is_the_url_table():
    resolver = get_resolver("config.api_urls")
    patterns = set()
    for room in resolver.url_patterns:
        for each in getattr(room, "url_patterns", [room]):
            patterns.add(each.name)

    named = {pattern for pattern in patterns if pattern not in {*PUBLIC, "unknown"}}

    assert len(named) == len({path for _method, path in ACTIONS})


@pytest.mark.parametrize(("method", "path"), ACTIONS)
def test_a_stranger_is_told_to_sign_in(method, path, nothing_changes):
    with nothing_changes():
        response = ask(Api(), method, path)

    assert_problem(response, 401, "SIGNED_OUT")
    assert response["WWW-Authenticate"] == 'Bearer realm="waraqa"'


@pytest.mark.parametrize("role", OUTSIDERS)
@pytest.mark.parametrize(("method", "path"), ACTIONS)
def test_insured_and_office_roles_find_no_door(role, method, path, nothing_changes):
    outsider = world.user(role)
    token = SoftwareToken.objects.create(
        provider=world.practice().provider,
        user=outsider,
        software="essai",
        token_hash="0" * 64,
        issued_at=world.NOW,
    )
    api = Api(user=outsider) if role == Role.INSURED else _office(token)

    with nothing_changes():
        response = ask(api, method, path)

    assert_problem(response, 403, "ROLE_REFUSED")


def _office(token):
    """An office person calls by token, for the pages' second factor does not stand before the API."""
    from providers.selectors import hash_of

    Membership.objects.create(
        user=token.user,
        provider=token.provider,
        standing=Membership.Standing.SIGNATORY,
        period=world.ALWAYS,
    )
    token.token_hash = hash_of("jeton")
    token.save()
    return Api(token="jeton")


@pytest.mark.parametrize("path", ["claims", "prescriptions", "prescriptions/X/cancellation"])
def test_a_delegate_is_told_who_signs(path, nothing_changes):
    helper = Api(user=world.user(Role.DELEGATE))

    with nothing_changes():
        response = helper.post(path, {})

    assert_problem(response, 403, "ONLY_SIGNATORY_SIGNS")


def test_a_pharmacist_neither_prescribes_nor_bills_acts(as_pharmacist, nothing_changes):
    with nothing_changes():
        responses = [as_pharmacist.post(path, {}) for path in ("prescriptions", "claims")]

    for response in responses:
        assert_problem(response, 403, "ROLE_REFUSED")


def test_a_doctor_neither_dispenses_nor_holds(as_doctor, prescription, nothing_changes):
    paths = ["dispensings", f"prescriptions/{prescription.fse_number}/custody"]

    with nothing_changes():
        responses = [as_doctor.post(path, {}) for path in paths]

    for response in responses:
        assert_problem(response, 403, "ROLE_REFUSED")


def test_an_expired_session_is_a_problem_not_a_redirect(
    as_doctor, doctor, patient, nothing_changes
):
    body = signed_by(doctor, world.care_document(doctor, patient))
    Session.objects.update(expire_date=world.NOW - timedelta(seconds=1))

    with nothing_changes():
        refused = as_doctor.post("claims", body, key="la-meme-cle")
    as_doctor.client.force_login(doctor.user)
    accepted = as_doctor.post("claims", body, key="la-meme-cle")

    assert_problem(refused, 401, "SIGNED_OUT")
    assert accepted.status_code == 201


def test_a_session_without_its_csrf_token_writes_nothing(doctor, patient, nothing_changes):
    page = Api(user=doctor.user, csrf=True)

    with nothing_changes():
        response = page.post("claims", signed_by(doctor, world.care_document(doctor, patient)))

    assert_problem(response, 403, "CSRF_REFUSED")


def test_unknown_and_revoked_tokens_are_refused(doctor):
    token = token_of(doctor)
    SoftwareToken.objects.update(revoked_at=world.NOW)

    for credential in (token, "inconnu", "é"):
        assert_problem(Api(token=credential).get("session"), 401, "TOKEN_REFUSED")


def test_a_token_dies_with_its_persons_membership(doctor):
    token = token_of(doctor)
    Membership.objects.all().delete()

    assert_problem(Api(token=token).get("session"), 401, "TOKEN_REFUSED")


def test_an_unknown_address_and_method_are_problems(as_doctor):
    assert_problem(as_doctor.get("nulle-part"), 404, "NOT_FOUND")
    assert_problem(as_doctor.client.put(ROOT + "claims"), 405, "METHOD_NOT_ALLOWED")
