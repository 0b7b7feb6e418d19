"""« Je dis bien » over a known maximum, overrides of a signed document, and what the law's switches change."""

from datetime import timedelta

import pytest
from django.db import transaction

from core.errors import EntriesRefused
from prescriptions import services
from prescriptions.models import SafetyAlert
from tests import world

pytestmark = pytest.mark.django_db

KEY = "MAXIMUM_DOSE:amlodipine"


@pytest.fixture
def doctor():
    return world.practice()


@pytest.fixture
def patient():
    return world.person()


@pytest.fixture
def amlodipine():
    return world.medicine(
        name="AMLOR", inn="AMLODIPINE", strength="10", strength_unit="MG", form="GELULE"
    )


def refused(call) -> list[tuple[str, str | None]]:
    before = world.rows_everywhere()
    with pytest.raises(EntriesRefused) as caught, transaction.atomic():
        call()
    assert world.rows_everywhere() == before
    return [(error.code, error.pointer) for error in caught.value.errors]


def written(doctor, patient, lines, **fields):
    return world.prescribe(doctor, world.second_document(doctor, patient, lines, **fields))


def test_a_dose_over_the_known_maximum_is_refused_unless_it_is_stated(
    doctor, patient, amlodipine
) -> None:
    twice = world.prescribed_line(amlodipine)  # 2 x 10 mg a day, 10 at most
    plain = world.prescribed_line(world.medicine())

    assert refused(lambda: written(doctor, patient, [plain, twice])) == [
        ("OVER_MAXIMUM_NOT_STATED", "/document/lines/1/over_maximum")
    ]
    stated = written(doctor, patient, [plain, {**twice, "over_maximum": True}])
    assert [item.over_maximum for item in stated.items.all()] == [False, True]


def test_two_lines_of_a_substance_are_added_up_and_version_1_is_not_a_way_around(
    doctor, patient, amlodipine
) -> None:
    once = {"dose": {"morning": "1", "noon": "0", "evening": "0", "bedtime": "0"}}
    line = world.prescribed_line(amlodipine, **once)
    written(doctor, patient, [line])

    assert refused(lambda: written(doctor, patient, [line, line])) == [
        ("OVER_MAXIMUM_NOT_STATED", f"/document/lines/{index}/over_maximum") for index in (0, 1)
    ]
    first = world.prescription_document(doctor, patient, [amlodipine])
    assert refused(lambda: world.prescribe(doctor, first)) == [
        ("OVER_MAXIMUM_NOT_STATED", "/document/lines/0/over_maximum")
    ]


def test_what_has_no_known_maximum_or_no_coded_dose_asks_nothing(doctor, amlodipine) -> None:
    child = world.person(birth_date=world.TODAY - timedelta(days=3000))
    in_words = world.prescribed_line(
        amlodipine, dose=None, wording="si besoin, trois fois par jour"
    )
    written(doctor, child, [world.prescribed_line(amlodipine)])
    written(doctor, world.person(), [in_words])


def test_a_signed_override_is_counted_shown_and_seen_by_the_next(
    doctor, patient, amlodipine
) -> None:
    line = world.prescribed_line(amlodipine, over_maximum=True)
    answered = [{"key": KEY, "reason": "SPECIALIST", "note": "avis du cardiologue"}]
    prescription = written(doctor, patient, [line], alerts=answered)

    alert = SafetyAlert.objects.get(key=KEY)
    assert (alert.answer, alert.reason, alert.note) == (
        "OVERRIDDEN",
        "SPECIALIST",
        "avis du cardiologue",
    )
    assert (alert.level, alert.severity) == ("CONTRAINDICATED", "CRITICAL")
    assert alert.fse_number == prescription.fse_number

    colleague = world.practice()
    told = services.check_safety(
        question=services.SafetyQuestion(
            provider=colleague.provider,
            patient_id=patient.pk,
            moment=SafetyAlert.Moment.PRESCRIBING,
            lines=(services.TakenLine(1, amlodipine.ean, None, 2, 30),),
        ),
        by=colleague.user,
        at=world.NOW,
    )
    (again,) = [each for each in told.alerts if each.alert.key == KEY]
    assert again.justified is not None
    assert (again.justified.reason, again.severity) == ("SPECIALIST", "INFORMATION")


def test_the_same_document_again_counts_once(doctor, patient, amlodipine) -> None:
    document = world.second_document(
        doctor,
        patient,
        [world.prescribed_line(amlodipine, over_maximum=True)],
        alerts=[{"key": KEY, "reason": "MONITORED", "note": ""}],
    )
    world.prescribe(doctor, document)
    before = world.rows_everywhere()
    world.prescribe(doctor, document)
    assert world.rows_everywhere() == before


@pytest.mark.parametrize(("reason", "note"), [("NO_SUCH_REASON", "x"), ("OTHER", "  ")])
def test_an_override_signed_without_a_known_reason_is_refused(
    doctor, patient, reason, note
) -> None:
    answered = [{"key": KEY, "reason": reason, "note": note}]
    line = world.prescribed_line(world.medicine())
    assert refused(lambda: written(doctor, patient, [line], alerts=answered)) == [
        ("OVERRIDE_WITHOUT_REASON", "/document/alerts/0/reason")
    ]


def test_a_prescription_for_somebody_not_born_yet_lacks_the_age_of_the_child(doctor) -> None:
    unborn = world.person(birth_date=world.TODAY + timedelta(days=1))
    line = world.prescribed_line(world.medicine())
    assert refused(lambda: written(doctor, unborn, [line])) == [
        ("MENTION_MISSING", "/document/patient")
    ]


def test_a_formula_is_not_billed_at_the_counter_and_the_refusal_says_what_to_do(
    doctor, patient
) -> None:
    medicine, shop = world.medicine(), world.pharmacy()
    formula = world.prescribed_line(
        kind="COMPOUND", ean=None, wording="pommade à la vaseline salicylée 5 %"
    )
    prescription = written(doctor, patient, [world.prescribed_line(medicine), formula])
    services.take_custody(
        fse_number=prescription.fse_number,
        pharmacy=shop.provider,
        secret="7KQ2ZD",
        by=shop.user,
        at=world.NOW,
    )
    lines = [world.dispensed_line(1, medicine, 2), world.dispensed_line(2, medicine, 1)]
    document = world.second_dispensing(shop, prescription, lines)

    assert refused(lambda: world.dispense(shop, document)) == [
        ("COMPOUND_NOT_BILLED", "/document/lines/1/position")
    ]
    claim = world.dispense(shop, world.second_dispensing(shop, prescription, lines[:1]))
    assert claim.lines.count() == 1
