"""Safety checks through the service and the API: history, consent, what is kept, what a colleague sees."""

import json
from datetime import date, timedelta
from fractions import Fraction
from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import Role
from accounts.services import ReasonMissing
from core.errors import EntriesRefused
from core.models import AuditEvent
from insured.models import CareProfile
from insured.services import AnswerWithoutEnd, CareAnswers, record_care_profile
from prescriptions import services
from prescriptions.models import SafetyAlert, SafetyDemotion
from prescriptions.services import AlertAnswer, SafetyQuestion, TakenLine
from tests import world

pytestmark = pytest.mark.django_db
KEY = "INTERACTION:clarithromycine+simvastatine"
MOMENT = SafetyAlert.Moment.PRESCRIBING


@pytest.fixture
def doctor():
    return world.practice()


@pytest.fixture
def patient():
    return world.person()


@pytest.fixture
def simvastatin():
    return world.medicine(inn="SIMVASTATINE", strength="40")


@pytest.fixture
def clarithromycin():
    return world.medicine(inn="CLARITHROMYCINE")


def line(medicine, position: int = 1, dose: Fraction | None = None) -> TakenLine:
    return TakenLine(position, medicine.ean, None, dose, 30)


def ask(doctor, patient, *lines: TakenLine, at=world.NOW, **fields):
    question = SafetyQuestion(doctor.provider, patient.pk, MOMENT, lines, **fields)
    return services.check_safety(question=question, by=doctor.user, at=at)


def levels(told, kind: str = "INTERACTION") -> list[str]:
    return [str(each.alert.level) for each in told.alerts if each.alert.kind == kind]


def consent(patient, given: bool | None = True, **answers) -> CareProfile:
    fields = {
        "allergies": None,
        "pregnant": None,
        "breast_feeding": None,
        "holds_until": None,
        **answers,
    }
    return record_care_profile(
        person=patient,
        answers=CareAnswers(shares_history=given, **fields),
        by="system:test",
        at=world.NOW,
    )


def override(
    doctor, patient, at=world.NOW, key: str = KEY, reason: str = "BENEFIT", note: str = ""
):
    return services.answer_alerts(
        provider=doctor.provider,
        patient=patient,
        moment=MOMENT,
        answers=[AlertAnswer(key, SafetyAlert.Answer.OVERRIDDEN, reason, note)],
        by=doctor.user,
        at=at,
    )


def test_an_alert_is_kept_once_a_day(doctor, patient, simvastatin, clarithromycin) -> None:
    for _again in range(2):
        told = ask(doctor, patient, line(simvastatin), line(clarithromycin, 2))

    assert levels(told) == ["CONTRAINDICATED"]
    kept = SafetyAlert.objects.get(kind="INTERACTION")
    assert (kept.key, kept.severity, kept.answer, kept.author) == (KEY, "CRITICAL", "", doctor.user)


def test_what_was_shown_today_is_not_written_again(
    doctor, patient, simvastatin, clarithromycin
) -> None:
    lines = line(simvastatin), line(clarithromycin, 2)
    writes: list[str] = []

    def listen(execute, sql, params, many, context):
        writes.extend([sql] if "INSERT" in sql else [])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        ask(doctor, patient, *lines)
        assert len(writes) == 1
        ask(doctor, patient, *lines)
    assert len(writes) == 1


@pytest.mark.parametrize(("given", "seen"), [(True, ["CONTRAINDICATED"]), (False, []), (None, [])])
def test_what_others_wrote_is_seen_with_consent_only(
    doctor, patient, simvastatin, clarithromycin, given, seen
) -> None:
    other = world.practice()
    world.prescribe(other, world.prescription_document(other, patient, [simvastatin]))
    consent(patient, given)

    told = ask(doctor, patient, line(clarithromycin))

    assert levels(told) == seen
    assert ("HISTORY_CLOSED" in {each.gap for each in told.not_checked}) is (given is not True)
    assert levels(ask(other, patient, line(clarithromycin))) == ["CONTRAINDICATED"]


def test_a_treatment_that_ended_or_was_cancelled_is_not_crossed(
    doctor, patient, simvastatin, clarithromycin
) -> None:
    document = world.prescription_document(doctor, patient, [simvastatin])
    world.prescribe(doctor, document)
    assert levels(ask(doctor, patient, line(clarithromycin))) == ["CONTRAINDICATED"]
    assert (
        levels(ask(doctor, patient, line(clarithromycin), fse_number=document["fse_number"])) == []
    )
    assert (
        levels(ask(doctor, patient, line(clarithromycin), at=world.NOW + timedelta(days=200))) == []
    )

    services.cancel_prescription(
        fse_number=document["fse_number"], reason="erreur", by=doctor.user, at=world.NOW
    )
    assert levels(ask(doctor, patient, line(clarithromycin))) == []


def test_a_justified_alert_is_quiet_for_90_days_and_seen_by_the_next(
    doctor, patient, simvastatin, clarithromycin
) -> None:
    lines = line(simvastatin), line(clarithromycin, 2)
    ask(doctor, patient, *lines)
    override(doctor, patient, note="vu avec le cardiologue")
    colleague = world.practice()

    def shown(days: int):
        told = ask(colleague, patient, *lines, at=world.NOW + timedelta(days=days))
        (found,) = [each for each in told.alerts if each.alert.key == KEY]
        return found

    assert shown(89).severity == "INFORMATION"
    assert shown(89).justified.note == "vu avec le cardiologue"
    assert shown(89).justified.provider == doctor.provider.name
    assert (shown(90).severity, shown(90).justified) == ("CRITICAL", None)


def test_what_was_justified_less_grave_is_shown_again(
    doctor, patient, simvastatin, clarithromycin
) -> None:
    ask(doctor, patient, line(simvastatin), line(clarithromycin, 2))
    SafetyAlert.objects.update(level="PRECAUTION")
    override(doctor, patient)

    told = ask(doctor, patient, line(simvastatin), line(clarithromycin, 2))
    assert [each.severity for each in told.alerts if each.alert.key == KEY] == ["CRITICAL"]


@pytest.mark.parametrize(("reason", "note"), [("", ""), ("BECAUSE", ""), ("OTHER", " ")])
def test_an_override_without_a_reason_writes_nothing(doctor, patient, reason, note) -> None:
    before = world.rows_everywhere()
    with pytest.raises(EntriesRefused) as caught:
        override(doctor, patient, reason=reason, note=note)

    assert [(each.code, each.pointer) for each in caught.value.errors] == [
        ("OVERRIDE_WITHOUT_REASON", "/answers/0/reason")
    ]
    assert world.rows_everywhere() == before


def test_answering_again_gives_the_same_row(doctor, patient) -> None:
    first = override(doctor, patient)
    before = world.rows_everywhere()
    second = override(doctor, patient, reason="MONITORED")

    assert [each.pk for each in first] == [each.pk for each in second]
    assert SafetyAlert.objects.get().reason == "MONITORED"
    assert world.rows_everywhere() == before


def overridden_by_many(count: int, people: int) -> None:
    doctors = [world.practice() for _each in range(people)]
    for number in range(count):
        override(doctors[number % people], world.person())


def test_an_alert_overridden_too_often_by_too_many_is_demoted_then_restored(
    doctor, patient, simvastatin, clarithromycin
) -> None:
    lines = line(simvastatin), line(clarithromycin, 2)

    def severity(at=world.NOW) -> str:
        (found,) = [
            each for each in ask(doctor, patient, *lines, at=at).alerts if each.alert.key == KEY
        ]
        return str(found.severity)

    overridden_by_many(49, 10)
    assert (severity(), SafetyDemotion.objects.count()) == ("CRITICAL", 0)
    overridden_by_many(1, 1)

    demotion = SafetyDemotion.objects.get()
    assert (demotion.key, demotion.overridden, demotion.people) == (KEY, 50, 11)
    assert severity() == "MODERATE"

    officer = world.user(Role.MEDICAL_OFFICER)
    decide = {"demotion": demotion, "by": officer, "at": world.NOW}
    with pytest.raises(ReasonMissing):
        services.decide_demotion(**decide, keep=False, reason=" ")
    services.decide_demotion(**decide, keep=False, reason="trop grave")
    assert severity() == "CRITICAL"
    with pytest.raises(services.DemotionDecided):
        services.decide_demotion(**decide, keep=True, reason="bruit")


def test_too_few_people_demote_nothing(doctor) -> None:
    overridden_by_many(60, 3)
    assert not SafetyDemotion.objects.exists()


def test_what_the_patient_answered_is_checked_while_it_holds(doctor) -> None:
    mother = world.person(sex="F", birth_date=date(1992, 3, 3))
    consent(
        mother,
        allergies=(("amoxicilline", ""),),
        pregnant=True,
        holds_until=date(2026, 12, 31),
    )
    valproate, penicillin = (
        world.medicine(inn="VALPROATE DE SODIUM"),
        world.medicine(inn="AMPICILLINE"),
    )

    told = ask(doctor, mother, line(valproate), line(penicillin, 2))
    assert levels(told, "PREGNANCY") == ["CONTRAINDICATED"]
    assert levels(told, "ALLERGY") == ["CONTRAINDICATED"]

    later = ask(doctor, mother, line(valproate), at=world.NOW + timedelta(days=60))
    assert levels(later, "PREGNANCY") == []
    assert ("PREGNANCY", "PATIENT_UNKNOWN") in [(each.kind, each.gap) for each in later.not_checked]


def test_pregnancy_without_an_end_is_refused(patient) -> None:
    before = world.rows_everywhere()
    with pytest.raises(AnswerWithoutEnd):
        consent(patient, pregnant=True)
    assert world.rows_everywhere() == before


def test_the_trail_says_which_answers_changed_and_not_what_they_are(patient) -> None:
    consent(patient, allergies=(("amoxicilline", ""),))
    event = AuditEvent.objects.get(action="insured.care_profile.recorded")

    assert event.after == {"changed": ["allergies", "shares_history"]}
    assert event.insured_id == patient.insured_id


def test_an_unknown_medicine_is_refused_with_its_place(doctor, patient, simvastatin) -> None:
    before = world.rows_everywhere()
    with pytest.raises(EntriesRefused) as caught:
        ask(doctor, patient, line(simvastatin), TakenLine(2, "6119999999999", None, None, 5))

    assert [(each.code, each.pointer) for each in caught.value.errors] == [
        ("MEDICINE_UNKNOWN", "/lines/1/ean")
    ]
    assert world.rows_everywhere() == before


def body(doctor, patient, *medicines, **fields) -> dict:
    return {
        "provider": doctor.provider.inpe,
        "patient": str(patient.pk),
        "moment": "PRESCRIBING",
        "fse_number": None,
        "lines": [
            {
                "position": position,
                "ean": medicine.ean,
                "inn": None,
                "dose": {"morning": "1", "noon": "0", "evening": "0.5", "bedtime": "0"},
                "days": 10,
            }
            for position, medicine in enumerate(medicines, start=1)
        ],
        **fields,
    }


def post(client, address: str, content: dict, method: str = "post"):
    return getattr(client, method)(
        f"/api/v1/{address}",
        json.dumps(content),
        content_type="application/json",
        headers={"Idempotency-Key": uuid4().hex},
    )


@pytest.fixture
def signed_in(client, doctor):
    client.force_login(doctor.user)
    return client


def test_the_api_says_alerts_in_both_languages(
    signed_in, doctor, patient, simvastatin, clarithromycin
) -> None:
    answer = post(signed_in, "safety", body(doctor, patient, simvastatin, clarithromycin))

    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["alerts"][0]["level"] == {
        "code": "CONTRAINDICATED",
        "label": {"fr": "contre-indiqué", "ar": "ممنوع الاستعمال"},
    }
    assert told["alerts"][0]["severity"] == "CRITICAL"
    assert [each["position"] for each in told["alerts"][0]["medicines"]] == [1, 2]
    assert {"BENEFIT", "OTHER"} <= {each["code"] for each in told["reasons"]}
    assert told["not_checked"]


def test_the_api_keeps_answers_and_refuses_an_override_without_reason(
    signed_in, doctor, patient
) -> None:
    answers = [{"key": KEY, "answer": "OVERRIDDEN", "reason": "BENEFIT", "note": ""}]
    content = {**body(doctor, patient), "answers": answers}
    del content["lines"]

    assert post(signed_in, "safety/answers", content).json() == {"answered": 1}
    answers[0]["reason"] = None
    refused = post(signed_in, "safety/answers", content)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/answers/0/reason"


def test_the_api_keeps_and_gives_a_care_profile(signed_in, patient) -> None:
    address = f"patients/{patient.pk}/care-profile"
    profile = {
        "allergies": [{"inn": "", "atc": "J01C"}],
        "pregnant": False,
        "breast_feeding": None,
        "holds_until": "2031-01-01",
        "shares_history": True,
    }
    assert signed_in.get(f"/api/v1/{address}").json()["allergies"] is None
    assert post(signed_in, address, profile, "put").json() == profile
    assert signed_in.get(f"/api/v1/{address}").json() == profile
    assert AuditEvent.objects.filter(action="insured.care_profile.read").count() == 2

    wrong = post(signed_in, address, {**profile, "allergies": [{"inn": "", "atc": ""}]}, "put")
    assert wrong.status_code == 422


def test_a_line_that_names_nothing_is_refused(signed_in, doctor, patient, simvastatin) -> None:
    content = body(doctor, patient, simvastatin)
    content["lines"][0]["ean"] = None
    answer = post(signed_in, "safety", content)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/lines/0/ean"
