"""A practice follows its prescriptions: pages, filters, sentences, a file; what is read is traced."""

from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from core.api.actions import CallerThrottle
from core.models import AuditEvent
from prescriptions.services import Answer, record_outcomes, take_custody
from tests import world

pytestmark = pytest.mark.django_db
PATH = "followed-prescriptions"


def written(doctor, patient, **fields):
    document = world.second_document(
        doctor, patient, [world.prescribed_line(world.medicine(name="AMLOR"))], **fields
    )
    return world.prescribe(doctor, document)


def test_pages_follow_each_other_newest_first(as_doctor, doctor, patient) -> None:
    numbers = [written(doctor, patient).fse_number for _each in range(3)]

    first = as_doctor.get(PATH, page_size="2").json()
    rest = as_doctor.client.get(first["next"]).json()

    shown = [each["fse_number"] for page in (first, rest) for each in page["results"]]
    assert shown == numbers[::-1]
    assert rest["next"] is None


def test_each_filter_keeps_what_it_says(as_doctor, doctor, patient) -> None:
    old = written(doctor, patient, written_on=(world.TODAY - timedelta(days=9)).isoformat())
    later = (world.TODAY + timedelta(days=9)).isoformat()
    waiting = written(doctor, patient, starts_on=later)

    def found(**asked: str) -> list[str]:
        return [each["fse_number"] for each in as_doctor.get(PATH, **asked).json()["results"]]

    assert found(fse_number=old.fse_number) == [old.fse_number]
    assert found(state="SCHEDULED") == [waiting.fse_number]
    assert found(until=(world.TODAY - timedelta(days=1)).isoformat()) == [old.fse_number]
    assert found(since=world.TODAY.isoformat()) == [waiting.fse_number]
    assert as_doctor.get(PATH, state="LOST").status_code == 422


def test_why_a_line_was_refused_is_a_sentence_in_both_languages(as_doctor, doctor, patient) -> None:
    prescription, shop = written(doctor, patient), world.pharmacy()
    counter = {
        "fse_number": prescription.fse_number,
        "pharmacy": shop.provider,
        "by": shop.user,
        "at": world.NOW,
    }
    take_custody(**counter, secret="7KQ2ZD")
    record_outcomes(**counter, answers=[Answer(1, "OWING", "OUT_OF_STOCK")])

    (line,) = as_doctor.get(PATH).json()["results"][0]["lines"]

    assert line["refusal"] == {
        "code": "OUT_OF_STOCK",
        "label": {"fr": "en rupture", "ar": line["refusal"]["label"]["ar"]},
    }
    assert line["refusal"]["label"]["ar"] not in ("", "en rupture")


def test_the_file_holds_what_was_asked_and_is_traced(as_doctor, doctor, patient) -> None:
    prescription = written(doctor, patient)
    written(world.practice(), patient)

    answer = as_doctor.get(f"{PATH}/document", state="ACTIVE")

    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[5][:5], row[7], row[8]) for row in rows] == [
        (prescription.fse_number, "AMLOR", 2, 0)
    ]
    event = AuditEvent.objects.get(action="prescriptions.followed.exported")
    assert (event.subject_id, event.after) == (str(doctor.provider.pk), {"state": "ACTIVE"})


def test_reading_the_register_of_narcotics_is_traced(as_doctor, doctor, patient) -> None:
    morphine = world.medicine(inn="MORPHINE")
    line = world.prescribed_line(morphine, days=7)
    world.prescribe(doctor, world.second_document(doctor, patient, [line]))

    assert len(as_doctor.get("narcotic-register").json()["results"]) == 1

    event = AuditEvent.objects.get(action="prescriptions.narcotic_register.read")
    assert (event.subject_id, event.after) == (str(doctor.provider.pk), {"entries": 1})


def asked(doctor, patient, medicine) -> dict[str, object]:
    line = {"position": 1, "ean": medicine.ean, "inn": None, "dose": None, "days": 5}
    return {
        "provider": doctor.provider.inpe,
        "patient": str(patient.pk),
        "moment": "PRESCRIBING",
        "fse_number": None,
        "lines": [line],
    }


def test_looking_through_a_patient_is_traced_once_a_day(as_doctor, doctor, patient) -> None:
    medicine = world.medicine()
    for _typed in range(3):
        body = asked(doctor, patient, medicine)
        assert as_doctor.post("safety", body, key=None).status_code == 200

    event = AuditEvent.objects.get(action="prescriptions.safety.read")
    assert event.insured_id == patient.insured_id
    assert event.after == {"provider": doctor.provider.inpe, "moment": "PRESCRIBING"}


def test_too_many_new_patients_a_minute_are_refused(
    as_doctor, doctor, patient, monkeypatch
) -> None:
    medicine, others = world.medicine(), [world.person() for _each in range(3)]
    monkeypatch.setitem(CallerThrottle.THROTTLE_RATES, "safety-patients", "3/min")

    answers = [
        as_doctor.post("safety", asked(doctor, each, medicine), key=None)
        for each in (patient, patient, *others)
    ]

    assert [each.status_code for each in answers] == [200, 200, 200, 200, 429]
    assert AuditEvent.objects.filter(action="prescriptions.safety.read").count() == 3
