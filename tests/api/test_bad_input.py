"""What is wrong with a request is said exactly, all at once, in both languages; nothing is written."""

import json
from datetime import timedelta

import pytest
from django.db import OperationalError

from claims.models import Claim
from insured.models import Person
from prescriptions.models import Prescription
from tests import world
from tests.api.conftest import ROOT, assert_problem, codes, signed_by

pytestmark = pytest.mark.django_db

TOMORROW = (world.TODAY + timedelta(days=1)).isoformat()


def care_line(**fields):
    return {
        "position": 1,
        "act": "C",
        "quantity": 1,
        "charged": "200.00",
        "care_date": world.TODAY.isoformat(),
        "illness": None,
        **fields,
    }


@pytest.fixture
def body(doctor, patient):
    return signed_by(doctor, world.care_document(doctor, patient))


def test_all_errors_come_at_once_with_pointers(as_doctor, body, nothing_changes):
    document = body["document"]
    document["provider"] = "12"
    document["patient"] = "quelqu’un"
    document["third_party_payment"] = "oui"
    document["extra"] = 1
    del document["treatment_end_date"]
    document["lines"] = [care_line(charged="200.5", quantity=0), care_line(position=2, illness=5)]
    body["signature"] = "court"

    with nothing_changes():
        response = as_doctor.post("claims", body)

    problem = assert_problem(response, 422, "INVALID_ENTRY")
    assert "9" in problem["detail"]
    assert sorted(codes(response)) == [
        ("/document/extra", "UNKNOWN_KEY"),
        ("/document/lines/0/charged", "AMOUNT_FORMAT"),
        ("/document/lines/0/quantity", "TOO_SMALL"),
        ("/document/lines/1/illness", "NOT_A_TEXT"),
        ("/document/patient", "UUID_FORMAT"),
        ("/document/provider", "INPE_FORMAT"),
        ("/document/third_party_payment", "NOT_A_BOOLEAN"),
        ("/document/treatment_end_date", "REQUIRED"),
        ("/signature", "SIGNATURE_FORMAT"),
    ]


@pytest.mark.parametrize(
    ("charged", "code"),
    [
        ("-1.00", "AMOUNT_NOT_POSITIVE"),
        ("0.00", "AMOUNT_NOT_POSITIVE"),
        ("1000000000000.00", "AMOUNT_TOO_LARGE"),
        ("10000000.01", "AMOUNT_TOO_LARGE"),
        ("1e3", "AMOUNT_FORMAT"),
        ("١٢.٠٠", "AMOUNT_FORMAT"),
        ("45,20", "AMOUNT_FORMAT"),
        (200, "AMOUNT_FORMAT"),
        (None, "NULL"),
    ],
)
def test_impossible_amounts(as_doctor, body, charged, code, nothing_changes):
    body["document"]["lines"] = [care_line(charged=charged)]

    with nothing_changes():
        response = as_doctor.post("claims", body)

    assert_problem(response, 422, "INVALID_ENTRY")
    assert codes(response) == [("/document/lines/0/charged", code)]


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (TOMORROW, "DATE_IN_THE_FUTURE"),
        ("2026-02-30", "DATE_FORMAT"),
        ("22/11/2026", "DATE_FORMAT"),
        ("20261120", "DATE_FORMAT"),
        (20261120, "DATE_FORMAT"),
    ],
)
def test_impossible_care_days(as_doctor, body, day, code, nothing_changes):
    body["document"]["lines"] = [care_line(care_date=day)]

    with nothing_changes():
        response = as_doctor.post("claims", body)

    assert codes(response) == [("/document/lines/0/care_date", code)]


def test_a_wrong_check_character_in_the_number(as_doctor, doctor, patient, nothing_changes):
    number = doctor.mint()
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    body = signed_by(doctor, world.care_document(doctor, patient, fse_number=wrong))

    with nothing_changes():
        response = as_doctor.post("claims", body)

    assert_problem(response, 422, "INVALID_ENTRY")
    assert codes(response) == [("/document/fse_number", "FSE_NUMBER_CHECK")]


def test_a_number_minted_by_another_device(as_doctor, doctor, shop, patient, nothing_changes):
    body = signed_by(doctor, world.care_document(doctor, patient, fse_number=shop.mint()))

    with nothing_changes():
        response = as_doctor.post("claims", body)

    assert_problem(response, 422, "FSE_NUMBER_FOREIGN")


def test_ten_thousand_lines(as_doctor, body, nothing_changes):
    body["document"]["lines"] = [care_line(position=n) for n in range(1, 10_001)]

    with nothing_changes():
        response = as_doctor.post("claims", body)

    assert_problem(response, 422, "INVALID_ENTRY")
    assert codes(response) == [("/document/lines", "TOO_MANY_LINES")]
    assert "200" in response.json()["errors"][0]["message"]["ar"]


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ([], ("/document/lines", "EMPTY_LIST")),
        ({}, ("/document/lines", "NOT_A_LIST")),
        (["C"], ("/document/lines/0", "NOT_AN_OBJECT")),
        ([care_line(), care_line()], ("/document/lines/1/position", "POSITION_TWICE")),
    ],
)
def test_lists_that_are_no_lines(as_doctor, body, lines, error, nothing_changes):
    body["document"]["lines"] = lines

    with nothing_changes():
        response = as_doctor.post("claims", body)

    assert codes(response) == [error]


def test_an_unknown_inpe(as_doctor, doctor, patient, nothing_changes):
    body = signed_by(doctor, world.care_document(doctor, patient, provider="999999999"))

    with nothing_changes():
        response = as_doctor.post("claims", body)

    problem = assert_problem(response, 422, "INPE_UNKNOWN")
    assert "999999999" in problem["detail"]
    assert codes(response) == [("/document/provider", "INPE_UNKNOWN")]


def test_the_inpe_of_another(as_doctor, doctor, shop, patient, nothing_changes):
    document = world.care_document(doctor, patient, provider=shop.provider.inpe)

    with nothing_changes():
        response = as_doctor.post("claims", signed_by(doctor, document))

    assert_problem(response, 403, "PROVIDER_MISMATCH")


def test_unknown_patient_act_and_medicine_at_once(as_doctor, doctor, patient, nothing_changes):
    nobody = Person(pk=doctor.provider.pk)
    document = world.care_document(doctor, nobody, lines=[care_line(act="ZZZ")])

    with nothing_changes():
        response = as_doctor.post("claims", signed_by(doctor, document))

    assert_problem(response, 422, "ENTRIES_REFUSED")
    assert sorted(codes(response)) == [
        ("/document/lines/0/act", "ACT_UNKNOWN"),
        ("/document/patient", "PATIENT_UNKNOWN"),
    ]


def test_a_signature_of_another_key(as_doctor, doctor, shop, patient, nothing_changes):
    document = world.care_document(doctor, patient)

    with nothing_changes():
        response = as_doctor.post("claims", signed_by(shop, document))

    assert_problem(response, 422, "SIGNATURE_INVALID")
    assert codes(response) == [("/signature", "SIGNATURE_INVALID")]


def test_a_document_changed_after_signing(as_doctor, body, nothing_changes):
    body["document"]["lines"][0]["charged"] = "2000.00"

    with nothing_changes():
        response = as_doctor.post("claims", body)

    assert_problem(response, 422, "SIGNATURE_INVALID")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"document": {', "BODY_NOT_JSON"),
        (b"pas du JSON", "BODY_NOT_JSON"),
        (b'{"a": NaN}', "NUMBER_REFUSED"),
        (b'{"a": -Infinity}', "NUMBER_REFUSED"),
        (b'{"a": 1.5}', "NUMBER_REFUSED"),
        (b'{"a": 9007199254740993}', "NUMBER_REFUSED"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "NUMBER_REFUSED"),
        (b'{"a": 1, "a": 2}', "KEY_TWICE"),
        (b"[" * 50 + b"]" * 50, "BODY_TOO_DEEP"),
        (b"[" * 100_000 + b"]" * 100_000, "BODY_TOO_DEEP"),
        ('{"a": "é"}'.encode("latin-1"), "BODY_NOT_UTF8"),
        ('{"a": "ع"}'.encode("utf-16"), "BODY_NOT_UTF8"),
        ('{"a": "ع"}'.encode("cp1256"), "BODY_NOT_UTF8"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bodies_that_are_no_json_of_ours(as_doctor, doctor, raw, code, nothing_changes):
    with nothing_changes():
        response = as_doctor.post("claims", raw)

    assert_problem(response, 400, code)


def test_a_declared_charset_other_than_utf8(as_doctor, body, nothing_changes):
    with nothing_changes():
        response = as_doctor.client.post(
            ROOT + "claims", json.dumps(body), content_type="application/json; charset=ascii"
        )

    assert_problem(response, 400, "BODY_NOT_UTF8")


def test_a_body_beyond_the_limit(as_doctor, settings, nothing_changes):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    with nothing_changes():
        response = as_doctor.post("claims", b'{"a": "' + b"x" * 1000 + b'"}')

    assert_problem(response, 413, "BODY_TOO_LARGE")


def test_a_form_is_not_json(as_doctor, nothing_changes):
    with nothing_changes():
        response = as_doctor.client.post(ROOT + "claims", {"document": "x"}, format=None)

    assert_problem(response, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "text", ["a\u0000b", "a\u001bb", "a\ud800b", "\u0085", "\u202e1 mg", "a\u202a"]
)
def test_invisible_characters_are_named_where_they_stand(as_doctor, doctor, text, nothing_changes):
    enrolment = {"provider": doctor.provider.inpe, "label": text, "public_jwk": {}}

    with nothing_changes():
        response = as_doctor.post("devices", enrolment)

    assert_problem(response, 422, "INVALID_ENTRY")
    assert codes(response) == [("/label", "CONTROL_CHARACTER")]


@pytest.mark.parametrize("body", [None, [], "x", 1, True])
def test_a_body_that_is_no_object(as_doctor, body, nothing_changes):
    with nothing_changes():
        response = as_doctor.post("claims", body)

    assert codes(response) == [("", "NOT_AN_OBJECT")]


def test_the_answer_speaks_the_callers_language(as_doctor, doctor):
    arabic = as_doctor.client.post(
        ROOT + "claims", b"{", content_type="application/json", HTTP_ACCEPT_LANGUAGE="ar"
    ).json()

    assert arabic["detail"] == arabic["message"]["ar"]
    assert arabic["detail"] != arabic["message"]["fr"]


@pytest.mark.parametrize(
    ("first_name", "last_name", "name_ar"),
    [("Zahra’", "Aït-Benhaddou", "زهرة أيت بن حدو"), ("ⵣⵉⵔⵉ", "ⴰⵎⵍⵍⴰⵍ", "زيري\u200f")],
)
def test_names_of_every_script_come_back_unchanged(
    as_doctor, doctor, first_name, last_name, name_ar
):
    someone = world.person(first_name=first_name, last_name=last_name, name_ar=name_ar)

    found = as_doctor.post("rights-checks", {"cin": someone.cin, "day": world.TODAY.isoformat()})
    claim = as_doctor.post("claims", signed_by(doctor, world.care_document(doctor, someone)))

    for person in (found.json()["persons"][0], claim.json()["patient"]):
        assert person["full_name"] == f"{first_name} {last_name}"
        assert person["name_ar"] == name_ar


def test_texts_of_every_script_are_kept_in_a_device_label(as_doctor, doctor):
    from cryptography.hazmat.primitives.asymmetric import ec

    from core import signatures

    jwk = signatures.jwk_of(ec.generate_private_key(ec.SECP256R1()).public_key())
    label = "مكتب ⴰⵎⵙⵙⵏ — n° 2"

    answer = as_doctor.post(
        "devices", {"provider": doctor.provider.inpe, "label": label, "public_jwk": jwk}
    )

    assert answer.json()["label"] == label


def test_a_prescription_of_no_dose_and_odd_numbers(
    as_doctor, doctor, patient, box, nothing_changes
):
    document = world.prescription_document(doctor, patient, [box], written_on=TOMORROW)
    document["lines"][0] |= {
        "ean": "12",
        "dose": {"morning": "0", "noon": "0.0", "evening": "0"},
        "days": 1000,
        "boxes": "2",
        "substitution": 1,
    }

    with nothing_changes():
        response = as_doctor.post("prescriptions", signed_by(doctor, document))

    assert sorted(codes(response)) == [
        ("/document/lines/0/boxes", "NOT_A_WHOLE_NUMBER"),
        ("/document/lines/0/days", "TOO_LARGE"),
        ("/document/lines/0/dose", "NO_DOSE"),
        ("/document/lines/0/ean", "EAN_FORMAT"),
        ("/document/lines/0/substitution", "NOT_A_BOOLEAN"),
        ("/document/written_on", "DATE_IN_THE_FUTURE"),
    ]


@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-01", "2019-12-31"])
def test_care_days_before_any_list_are_refused(as_doctor, doctor, patient, day, nothing_changes):
    body = signed_by(doctor, world.care_document(doctor, patient, lines=[care_line(care_date=day)]))

    with nothing_changes():
        response = as_doctor.post("claims", body)

    assert_problem(response, 422, "ENTRIES_REFUSED")
    assert codes(response) == [("/document/lines/0/act", "ACT_UNKNOWN")]


def test_a_failure_is_a_problem_and_leaves_no_trace_in_the_answer(as_doctor, body, monkeypatch):
    def broken(*_claims, **_facts):
        raise RuntimeError("secret")

    monkeypatch.setattr("claims.services._submission.judge", broken)
    before = world.rows_everywhere()

    response = as_doctor.post("claims", body)

    assert_problem(response, 500, "SERVER_FAILED")
    assert b"secret" not in response.content
    assert world.rows_everywhere() == before
    assert not Claim.objects.exists()
    assert not Prescription.objects.exists()


def test_a_database_that_is_away_is_said_and_the_same_call_may_come_again(
    as_doctor, body, monkeypatch
):
    def away(*_claims, **_facts):
        raise OperationalError("the database system is starting up")

    with monkeypatch.context() as broken:
        broken.setattr("claims.services._submission.judge", away)
        refused = as_doctor.post("claims", body, key="the-same-call")
    accepted = as_doctor.post("claims", body, key="the-same-call")

    assert_problem(refused, 503, "DATABASE_UNAVAILABLE")
    assert refused["Retry-After"] == "2"
    assert accepted.status_code == 201
    assert Claim.objects.count() == 1
