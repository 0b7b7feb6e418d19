"""Version 2 of the prescription's document: what it says is stored, what it may not say is named."""

from datetime import date

import pytest

from prescriptions.models import Prescription
from tests import world
from tests.api.conftest import Api, assert_problem, codes, signed_by

pytestmark = pytest.mark.django_db

INN = {"name": "AMOXICILLINE", "strength": "500", "unit": "MG", "form": "GELULE"}
BIOLOGY = {"kind": "BIOLOGY", "act": "B100"}
ORDER = {"kind": "ORDER", "order": BIOLOGY, "dose": None, "days": None, "boxes": 1}


@pytest.fixture
def doctor():
    return world.practice()


@pytest.fixture
def patient():
    return world.person()


@pytest.fixture
def api(doctor):
    return Api(user=doctor.user)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.NOW)


def sent(api, doctor, document):
    return api.post("prescriptions", signed_by(doctor, document))


def test_four_kinds_of_lines_are_stored_and_read_back(api, doctor, patient) -> None:
    box = world.medicine()
    halves = {"morning": "0.5", "noon": "0", "evening": "0", "bedtime": "1"}
    document = world.second_document(
        doctor,
        patient,
        [
            world.prescribed_line(box, dose=halves, over_maximum=True),
            world.prescribed_line(kind="INN", inn=INN),
            world.prescribed_line(kind="COMPOUND", wording="Vaseline 30 g, soufre 3 g", dose=None),
            world.prescribed_line(**ORDER, wording="Glycémie à jeun"),
        ],
        starts_on="2026-12-01",
    )

    receipt = sent(api, doctor, document)

    assert receipt.status_code == 201, receipt.json()
    read = api.get(f"prescriptions/{document['fse_number']}").json()
    medicine, substance, formula, order = read["items"]
    assert [item["kind"] for item in read["items"]] == ["MEDICINE", "INN", "COMPOUND", "ORDER"]
    assert {item["state"]["code"] for item in read["items"]} == {"TO_DISPENSE"}
    assert (medicine["dose"], medicine["over_maximum"]) == (halves, True)
    assert (substance["medicine"], substance["inn"]) == (None, INN)
    assert (formula["wording"], formula["dose"]) == ("Vaseline 30 g, soufre 3 g", None)
    assert order["order"]["act"] == "B100"
    assert order["order"]["kind"]["label"]["fr"] == "analyses de biologie"
    assert read["document"] == document
    stored = Prescription.objects.get(fse_number=document["fse_number"])
    assert stored.starts_on == date(2026, 12, 1)
    assert stored.valid_until == date(2027, 3, 1)  # 90 days from the first day of hand-over


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"ean": None}, [("ean", "REQUIRED")]),
        ({"inn": INN}, [("inn", "NOT_OF_THIS_KIND")]),
        ({"dose": None}, [("dose", "REQUIRED")]),
        ({"days": None}, [("days", "REQUIRED")]),
        ({"kind": "INN", "ean": None}, [("inn", "REQUIRED")]),
        ({"kind": "COMPOUND", "ean": None}, [("wording", "REQUIRED")]),
        ({"kind": "PIZZA"}, [("kind", "UNKNOWN_CHOICE")]),
        ({**ORDER, "ean": None, "days": 3}, [("days", "NOT_OF_THIS_KIND")]),
        ({**ORDER, "ean": None, "order": None}, [("order", "REQUIRED")]),
        ({"wording": "sirop\u0007"}, [("wording", "CONTROL_CHARACTER")]),
        ({"wording": "x" * 501}, [("wording", "TOO_LONG")]),
        ({"posologie": "1-0-1"}, [("posologie", "UNKNOWN_KEY")]),
    ],
)
def test_a_line_that_contradicts_itself_is_refused(api, doctor, patient, line, expected) -> None:
    box = world.medicine()
    document = world.second_document(doctor, patient, [world.prescribed_line(box, **line)])
    before = world.rows_everywhere()

    response = sent(api, doctor, document)

    assert_problem(response, 422, "INVALID_ENTRY")
    assert codes(response) == [(f"/document/lines/0/{key}", code) for key, code in expected]
    assert world.rows_everywhere() == before


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"starts_on": "2026-11-19"}, ("starts_on", "STARTS_TOO_EARLY")),
        ({"secret": "ILOU12"}, ("secret", "SECRET_FORMAT")),
        ({"repeats": {"count": 1, "every_days": 30}}, ("repeats/count", "TOO_SMALL")),
        ({"repeats": {"count": 13, "every_days": 30}}, ("repeats/count", "TOO_LARGE")),
        ({"alerts": [{"key": "", "reason": "X", "note": ""}]}, ("alerts/0/key", "INVALID")),
        ({"version": 3}, ("version", "UNKNOWN_CHOICE")),
    ],
)
def test_the_header_is_judged(api, doctor, patient, fields, expected) -> None:
    line = world.prescribed_line(world.medicine())

    response = sent(api, doctor, world.second_document(doctor, patient, [line], **fields))

    assert codes(response) == [(f"/document/{expected[0]}", expected[1])]


def test_four_hundred_lines_are_refused_at_once(api, doctor, patient) -> None:
    lines = [world.prescribed_line(world.medicine())] * 400
    before = world.rows_everywhere()

    response = sent(api, doctor, world.second_document(doctor, patient, lines))

    assert codes(response) == [("/document/lines", "TOO_MANY_LINES")]
    assert world.rows_everywhere() == before


def test_version_1_is_still_read(api, doctor, patient) -> None:
    document = world.prescription_document(doctor, patient, [world.medicine()])

    assert sent(api, doctor, document).status_code == 201
