"""The signed code over the API: what is kept, what a scan answers, keys enrolled, rotated, revoked."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from core import signatures
from prescriptions.models import PrescriptionCode
from prescriptions.rules import code as codes
from prescriptions.rules.code import PrintedPatient
from providers.services import enrol_device, revoke_device
from tests import world
from tests.api.conftest import Api, assert_problem, signed_by
from tests.api.conftest import codes as error_codes
from tests.prescriptions.test_code import VECTORS

pytestmark = pytest.mark.django_db
LATER = world.NOW + timedelta(hours=2)


def second_version(doctor, patient, medicines, **fields):
    document = world.prescription_document(doctor, patient, medicines)
    for line in document["lines"]:
        line |= {"kind": "MEDICINE", "inn": None, "order": None, "wording": None}
        line |= {"over_maximum": False, "dose": {**line["dose"], "bedtime": "0"}}
    kept = {"version": 2, "starts_on": None, "repeats": None, "secret": "7KQ2ZD", "alerts": []}
    return {**document, **kept, **fields}


def code_of(document, patient, practice) -> str:
    """What the practice's device signs."""
    content = codes.payload(document, PrintedPatient(patient.full_name, patient.birth_date))
    return codes.sign(content, device=practice.device.kid, key=practice.key)


def verdict(api: Api, code: str) -> str:
    answer = api.post("prescriptions/scan", {"code": code}, key=None)
    assert answer.status_code == 200, answer.json()
    return answer.json()["verdict"]["code"]


@pytest.fixture
def document(doctor, patient, box):
    return second_version(doctor, patient, [box])


@pytest.fixture
def body(document, doctor, patient):
    return {**signed_by(doctor, document), "code": code_of(document, patient, doctor)}


def test_a_code_is_kept_with_its_prescription_and_opens_it(
    as_doctor, as_pharmacist, body, document, nothing_changes
):
    written = as_doctor.post("prescriptions", body)
    with nothing_changes():
        scanned = as_pharmacist.post("prescriptions/scan", {"code": body["code"]}, key=None)

    assert written.status_code == 201
    assert scanned.json() == {
        "fse_number": document["fse_number"],
        "secret": "7KQ2ZD",
        "written_on": document["written_on"],
        "verdict": {"code": "GENUINE", "label": {"fr": "authentique", "ar": "أصلية"}},
    }
    assert as_doctor.get(f"prescriptions/{document['fse_number']}").json()["code"] == body["code"]


def test_a_number_alone_reads_nothing_that_a_secret_opens(
    as_doctor, as_pharmacist, body, document, nothing_changes
):
    as_doctor.post("prescriptions", body)
    address = f"prescriptions/{document['fse_number']}"

    with nothing_changes():
        for path in (address, f"{address}/paper"):
            assert_problem(as_pharmacist.get(path), 403, "SECRET_MISSING")
        asked = {"kind": "STOCK", "position": 1, "body": "Manque."}
        refused = as_pharmacist.post(f"{address}/requests", asked)
        assert_problem(refused, 403, "SECRET_MISSING")
    opened = as_pharmacist.post(f"{address}/custody", {"secret": "7KQ2ZD"})

    assert opened.status_code == 200
    assert as_pharmacist.get(address).json()["document"] == document
    assert as_doctor.get(address).json()["document"] == document


def test_a_prescription_without_a_code_is_accepted_and_its_code_judged_by_its_document(
    as_doctor, as_pharmacist, body, document
):
    assert as_doctor.post("prescriptions", {**body, "code": None}).status_code == 201

    assert as_doctor.get(f"prescriptions/{document['fse_number']}").json()["code"] is None
    assert verdict(as_pharmacist, body["code"]) == "GENUINE"


def test_version_1_has_a_code_without_a_secret(as_doctor, as_pharmacist, doctor, patient, box):
    document = world.prescription_document(doctor, patient, [box])
    code = code_of(document, patient, doctor)

    written = as_doctor.post("prescriptions", {**signed_by(doctor, document), "code": code})
    scanned = as_pharmacist.post("prescriptions/scan", {"code": code}, key=None).json()

    assert (written.status_code, scanned["secret"]) == (201, None)
    assert scanned["verdict"]["code"] == "GENUINE"


def test_sent_again_the_first_code_is_kept(as_doctor, body, document, doctor, patient):
    as_doctor.post("prescriptions", body)
    again = as_doctor.post("prescriptions", {**body, "code": code_of(document, patient, doctor)})

    assert again.status_code == 201
    assert PrescriptionCode.objects.get().text == body["code"]


CHANGES = {
    "number": {"fse_number": "changed"},
    "day": {"written_on": "2026-11-19"},
    "first day": {"starts_on": "2026-12-01"},
    "repeats": {"repeats": {"count": 2, "every_days": 30}},
    "secret": {"secret": "ZZZZZZ"},
    "patient": {"patient": "01890a5d-ac96-774b-bcce-b302099a8057"},
    "provider": {"provider": "999999999"},
}
LINE_CHANGES = {
    "position": 2,
    "ean": "6118999999999",
    "dose": {"morning": "2", "noon": "0", "evening": "1", "bedtime": "0"},
    "days": 31,
    "boxes": 3,
    "substitution": False,
    "illness": "E11",
    "over_maximum": True,
    "wording": "au repas",
}


@pytest.mark.parametrize("change", [*CHANGES, *LINE_CHANGES])
def test_a_code_that_says_anything_else_is_refused(
    as_doctor, body, document, doctor, patient, change, nothing_changes
):
    other = {**document, **CHANGES.get(change, {})}
    if change == "number":
        other["fse_number"] = doctor.mint()
    if change in LINE_CHANGES:
        other["lines"] = [{**document["lines"][0], change: LINE_CHANGES[change]}]

    with nothing_changes():
        refused = as_doctor.post("prescriptions", {**body, "code": code_of(other, patient, doctor)})

    assert_problem(refused, 422, "CODE_DIFFERS")


def test_a_code_that_names_somebody_else_is_refused(
    as_doctor, body, document, doctor, nothing_changes
):
    code = code_of(document, world.person(), doctor)

    with nothing_changes():
        refused = as_doctor.post("prescriptions", {**body, "code": code})

    assert_problem(refused, 422, "CODE_DIFFERS")


def test_a_code_signed_by_another_device_is_refused(
    as_doctor, body, document, patient, nothing_changes
):
    stranger = world.practice()

    with nothing_changes():
        refused = as_doctor.post(
            "prescriptions", {**body, "code": code_of(document, patient, stranger)}
        )

    assert_problem(refused, 422, "CODE_SIGNATURE_INVALID")


ANSWERS = {"TOO_LONG": "CODE_TOO_LONG", "PREFIX": "CODE_FOREIGN", "ALGORITHM": "CODE_ALGORITHM"}
REFUSED = [each for each in VECTORS["refused"] if each["code"]]


@pytest.mark.parametrize("vector", REFUSED, ids=lambda each: each["name"])
def test_what_is_no_code_is_refused_with_its_reason(
    as_doctor, as_pharmacist, body, vector, nothing_changes
):
    with nothing_changes():
        scanned = as_pharmacist.post("prescriptions/scan", {"code": vector["code"]}, key=None)
        written = as_doctor.post("prescriptions", {**body, "code": vector["code"]})

    expected = ANSWERS.get(vector["reason"], "CODE_DAMAGED")
    assert_problem(scanned, 422, expected)
    if vector["reason"] == "TOO_LONG":
        assert error_codes(written) == [("/code", "TOO_LONG")]
    else:
        assert_problem(written, 422, expected)


def test_control_characters_and_oversized_scans_never_reach_the_reader(
    as_pharmacist, nothing_changes
):
    with nothing_changes():
        control = as_pharmacist.post("prescriptions/scan", {"code": "WRQ1:\u0000"}, key=None)
        huge = as_pharmacist.post("prescriptions/scan", {"code": "A" * 20_001}, key=None)
        number = as_pharmacist.post("prescriptions/scan", {"code": 7}, key=None)

    assert error_codes(control) == [("/code", "CONTROL_CHARACTER")]
    assert error_codes(huge) == [("/code", "TOO_LONG")]
    assert error_codes(number) == [("/code", "NOT_A_TEXT")]


def test_an_altered_code_under_a_known_number(as_doctor, as_pharmacist, body, document, doctor):
    as_doctor.post("prescriptions", body)
    patient = world.person()
    more = {**document, "lines": [{**document["lines"][0], "boxes": 9}]}

    assert verdict(as_pharmacist, code_of(more, patient, doctor)) == "ALTERED"
    assert verdict(as_pharmacist, code_of(document, patient, doctor)) == "ALTERED"


def test_a_signature_that_is_another_s_is_altered(as_doctor, as_pharmacist, body):
    as_doctor.post("prescriptions", body)
    last = body["code"][-1]

    assert verdict(as_pharmacist, body["code"][:-1] + ("0" if last != "0" else "1")) == "ALTERED"


def test_the_key_of_another_provider_is_altered(as_pharmacist, document, patient):
    stranger = world.practice()
    forged = {**document, "fse_number": stranger.mint()}

    assert verdict(as_pharmacist, code_of(forged, patient, stranger)) == "ALTERED"


def test_a_number_of_another_device_is_altered(as_pharmacist, doctor, document, patient):
    forged = {**document, "fse_number": world.practice().mint()}

    assert verdict(as_pharmacist, code_of(forged, patient, doctor)) == "ALTERED"


def test_a_key_nobody_enrolled_is_unknown(as_pharmacist, document, patient, doctor):
    key = ec.generate_private_key(ec.SECP256R1())
    content = codes.payload(document, PrintedPatient(patient.full_name, patient.birth_date))
    kid = signatures.thumbprint(signatures.jwk_of(key.public_key()))

    code = codes.sign(content, device=kid, key=key)

    assert verdict(as_pharmacist, code) == "UNKNOWN"


def test_signed_with_a_living_key_and_not_received_yet(as_pharmacist, body):
    assert verdict(as_pharmacist, body["code"]) == "NOT_RECEIVED"


def test_received_before_its_key_was_revoked_it_stays_genuine(
    as_doctor, as_pharmacist, body, doctor
):
    as_doctor.post("prescriptions", body)
    revoke_device(device=doctor.device, by=doctor.user, at=LATER)

    assert verdict(as_pharmacist, body["code"]) == "GENUINE"


def test_never_received_its_revoked_key_proves_nothing(
    as_doctor, as_pharmacist, body, doctor, nothing_changes
):
    revoke_device(device=doctor.device, by=doctor.user, at=world.NOW)

    with nothing_changes():
        assert verdict(as_pharmacist, body["code"]) == "REVOKED"
        assert_problem(as_doctor.post("prescriptions", body), 422, "DEVICE_UNKNOWN")


def test_written_before_its_key_was_enrolled(as_pharmacist, document, patient, doctor):
    early = {**document, "written_on": "2026-11-18"}

    assert verdict(as_pharmacist, code_of(early, patient, doctor)) == "REVOKED"


def test_the_list_of_keys_is_dated_and_sealed(as_pharmacist, doctor):
    old = enrol_device(
        provider=doctor.provider,
        label="ancien poste",
        public_jwk=signatures.jwk_of(ec.generate_private_key(ec.SECP256R1()).public_key()),
        by=doctor.user,
        at=world.NOW - timedelta(days=10),
    )
    revoke_device(device=old, by=doctor.user, at=world.NOW - timedelta(days=3))

    answer = as_pharmacist.get("prescriber-keys").json()
    since = as_pharmacist.get("prescriber-keys", since="2026-11-18").json()

    assert [(key["kid"], key["from"], key["until"]) for key in answer["keys"]] == [
        (old.kid, "2026-11-10", "2026-11-17"),
        (doctor.device.kid, "2026-11-20", None),
    ]
    assert {key["provider"] for key in answer["keys"]} == {doctor.provider.inpe}
    assert [key["kid"] for key in since["keys"]] == [doctor.device.kid]
    said = {key: value for key, value in answer.items() if key != "signature"}
    seal = answer["signature"]
    assert signatures.is_signed(said, seal["value"], seal["jwk"])


def test_strangers_and_the_insured_do_not_scan(body):
    assert_problem(Api().post("prescriptions/scan", {"code": body["code"]}), 401, "SIGNED_OUT")
    insured = Api(user=world.user(world.Role.INSURED))
    assert_problem(insured.post("prescriptions/scan", {"code": body["code"]}), 403, "ROLE_REFUSED")
