"""What the law asks of a prescription: mentions, narcotics, their register; what waits for a signature."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from core.errors import DomainError, EntriesRefused
from prescriptions import services
from prescriptions.models import NarcoticEntry, Preparation, Protocol
from prescriptions.rules.controlled import NOT_CHECKED, PoisonTable, listings
from prescriptions.selectors import writing
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor():
    return world.practice()


@pytest.fixture
def patient():
    return world.person()


@pytest.fixture
def morphine():
    return world.medicine(name="SEVREDOL", inn="MORPHINE", form="COMPRIME PELLICULE SECABLE")


def refused(call) -> DomainError:
    """Run `call`, expect a refusal, and prove that no table changed."""
    before = world.rows_everywhere()
    with pytest.raises(DomainError) as caught, transaction.atomic():
        call()
    assert world.rows_everywhere() == before
    return caught.value


def codes(refusal: DomainError) -> list[tuple[str, str | None]]:
    assert isinstance(refusal, EntriesRefused)
    return [(error.code, error.pointer) for error in refusal.errors]


def prescribed(doctor, patient, lines, **fields):
    return world.prescribe(doctor, world.second_document(doctor, patient, lines, **fields))


def test_each_missing_mention_is_named(patient) -> None:
    nameless = world.practice(address=" ", name="")

    refusal = refused(
        lambda: prescribed(nameless, patient, [world.prescribed_line(world.medicine())])
    )

    assert codes(refusal) == [
        ("MENTION_MISSING", "/document/provider"),
        ("MENTION_MISSING", "/document/provider"),
    ]
    said = " ".join(error.text("fr") for error in refusal.errors)
    assert "le nom de l’auteur" in said
    assert "l’adresse de l’auteur" in said
    assert all("34" in error.text("ar") for error in refusal.errors)


def test_a_narcotic_is_accepted_for_seven_days_and_numbered(doctor, patient, morphine) -> None:
    plain = world.prescribed_line(world.medicine())
    first = prescribed(doctor, patient, [plain, world.prescribed_line(morphine, days=7)])
    substance = {"name": "Morphine", "strength": "10", "unit": "MG", "form": "GELULE"}
    second = prescribed(
        doctor,
        patient,
        [
            world.prescribed_line(morphine, days=1),
            world.prescribed_line(kind="INN", ean=None, inn=substance, days=7),
        ],
    )
    prescribed(world.practice(), patient, [world.prescribed_line(morphine, days=7)])

    register = NarcoticEntry.objects.filter(prescriber=doctor.provider)
    assert [(one.number, one.item.prescription, one.item.position) for one in register] == [
        (1, first, 2),
        (2, second, 1),
        (3, second, 2),
    ]


@pytest.mark.parametrize(
    ("line", "fields", "expected"),
    [
        ({"days": 8}, {}, [("NARCOTIC_TOO_LONG", "/document/lines/0/days")]),
        (
            {"days": 7},
            {"repeats": {"count": 2, "every_days": 7}},
            [("NARCOTIC_REPEATED", "/document/repeats")],
        ),
    ],
)
def test_a_narcotic_too_long_or_repeated_is_refused(
    doctor, patient, morphine, line, fields, expected
) -> None:
    refusal = refused(
        lambda: prescribed(doctor, patient, [world.prescribed_line(morphine, **line)], **fields)
    )

    assert codes(refusal) == expected
    assert "tableau B" in refusal.errors[0].text("fr")


def test_announced_delays_are_shown_and_not_applied() -> None:
    today = world.TODAY

    assert writing.longest_narcotic_days(today, injectable=True) == 7
    assert writing.longest_narcotic_days(today, injectable=False) == 7


def test_what_our_list_does_not_hold_is_not_checked() -> None:
    day = world.TODAY

    assert writing.control("FENTANYL", day).table == PoisonTable.NARCOTIC
    assert writing.control("FENTANYL", day).source
    assert writing.control("PARACETAMOL", day) == NOT_CHECKED
    # Some combinations are exempted below a strength that the list does not give.
    assert writing.control("PARACETAMOL / MORPHINE", day) == NOT_CHECKED
    assert writing.control("MORPHINE", date(1922, 12, 1)) == NOT_CHECKED
    with pytest.raises(ValueError, match="twice"):
        listings([{"table": "B", "first_day": day, "source": "x", "substances": ["A", "A"]}])


def test_the_register_is_never_rewritten(doctor, patient, morphine) -> None:
    prescribed(doctor, patient, [world.prescribed_line(morphine, days=7)])

    for statement in ("UPDATE {} SET number = 9", "DELETE FROM {}"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format("prescriptions_narcoticentry"))


@pytest.fixture
def prepared(doctor, patient):
    return services.prepare_prescription(
        provider=doctor.provider,
        patient=patient,
        lines=[world.prescribed_line(world.medicine())],
        by=doctor.user,
        at=world.NOW,
    )


def signed_from(doctor, patient, preparation):
    document = world.second_document(doctor, patient, [world.prescribed_line(world.medicine())])
    return world.prescribe(doctor, document, preparation=preparation.pk)


def test_what_was_prepared_is_signed_once(doctor, patient, prepared) -> None:
    prescription = signed_from(doctor, patient, prepared)

    assert Preparation.objects.get().prescription == prescription
    assert refused(lambda: signed_from(doctor, patient, prepared)).code == "PREPARATION_GONE"
    refusal = refused(
        lambda: services.drop_preparation(preparation_id=prepared.pk, by=doctor.user, at=world.NOW)
    )
    assert refusal.code == "PREPARATION_GONE"


def test_a_preparation_of_another_patient_or_dropped_is_not_signed(
    doctor, patient, prepared
) -> None:
    other = world.person()
    assert refused(lambda: signed_from(doctor, other, prepared)).code == "PREPARATION_GONE"

    for _again in range(2):
        services.drop_preparation(preparation_id=prepared.pk, by=doctor.user, at=world.NOW)

    assert refused(lambda: signed_from(doctor, patient, prepared)).code == "PREPARATION_GONE"


def test_strangers_prepare_and_keep_nothing(doctor, patient, prepared) -> None:
    stranger = world.practice()
    kept = {"by": stranger.user, "at": world.NOW}

    for call in (
        lambda: services.prepare_prescription(
            provider=doctor.provider, patient=patient, lines=[], **kept
        ),
        lambda: services.drop_preparation(preparation_id=prepared.pk, **kept),
        lambda: services.write_protocol(
            provider=doctor.provider, key=1, name="x", lines=[], **kept
        ),
        lambda: services.remove_protocol(provider=doctor.provider, key=1, **kept),
    ):
        assert refused(call).code == "NOT_YOUR_PRACTICE"


def test_a_protocol_takes_the_place_of_what_was_on_its_key(doctor) -> None:
    kept = {"provider": doctor.provider, "by": doctor.user, "at": world.NOW}
    line = world.prescribed_line(world.medicine())

    services.write_protocol(key=3, name="Angine", lines=[line], **kept)
    services.write_protocol(key=3, name="Angine adulte", lines=[line], **kept)
    assert [(one.key, one.name) for one in Protocol.objects.all()] == [(3, "Angine adulte")]

    services.remove_protocol(key=3, **kept)
    assert refused(lambda: services.remove_protocol(key=3, **kept)).code == "PROTOCOL_NOT_FOUND"
