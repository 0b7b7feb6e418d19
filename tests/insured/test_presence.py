"""Proofs of presence: what each asks, what is refused, and that nothing secret is kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Role
from core.errors import DomainError
from insured import services
from insured.models import PresenceCode, PresenceProof, ProofLevel
from insured.selectors import presence_of
from tests import world

pytestmark = pytest.mark.django_db
INPE, OTHER = "100000900", "100000901"


@pytest.fixture
def household() -> Any:
    person = world.person(cin="BK418205")
    person.insured.phone = "0612345678"
    person.insured.save()
    return person.insured


@pytest.fixture
def clerk() -> Any:
    return world.user(Role.PHARMACIST)


def sent(household: Any, clerk: Any, at: Any = world.NOW) -> tuple[services.SentCode, str]:
    code = services.send_code(insured=household, inpe=INPE, by=clerk, at=at)
    return code, "".join(each for each in code.shown if each.isdigit())


def test_a_code_proves_presence_once(household: Any, clerk: Any) -> None:
    code, number = sent(household, clerk)

    assert code.phone == "•••••••678"
    assert code.until == world.NOW + timedelta(minutes=5)
    assert number not in PresenceCode.objects.get().code_hash
    first = services.check_code(insured=household, inpe=INPE, number=number, by=clerk, at=world.NOW)
    again = services.check_code(insured=household, inpe=INPE, number=number, by=clerk, at=world.NOW)

    assert first.proof is not None
    assert first.proof.level == ProofLevel.ONE_TIME_CODE
    assert first.proof.until == world.NOW + timedelta(hours=1)
    assert again == services.Checked(None, 0)


def test_a_wrong_code_is_counted_and_the_third_closes_it(household: Any, clerk: Any) -> None:
    _code, number = sent(household, clerk)
    wrong = f"{(int(number) + 1) % 10**6:06d}"

    left = [
        services.check_code(
            insured=household, inpe=INPE, number=wrong, by=clerk, at=world.NOW
        ).attempts_left
        for _try in range(3)
    ]

    assert left == [2, 1, 0]
    late = services.check_code(insured=household, inpe=INPE, number=number, by=clerk, at=world.NOW)
    assert late.proof is None


@pytest.mark.parametrize(("inpe", "minutes"), [(OTHER, 0), (INPE, 5)])
def test_a_code_serves_one_provider_for_five_minutes(
    household: Any, clerk: Any, inpe: str, minutes: int
) -> None:
    _code, number = sent(household, clerk)

    checked = services.check_code(
        insured=household,
        inpe=inpe,
        number=number,
        by=clerk,
        at=world.NOW + timedelta(minutes=minutes),
    )

    assert checked.proof is None
    assert not PresenceProof.objects.exists()


def test_a_phone_is_not_rung_without_end(household: Any, clerk: Any) -> None:
    for minute in range(5):
        sent(household, clerk, world.NOW + timedelta(minutes=minute))

    before = world.rows_everywhere()
    with pytest.raises(services.CodesAskedTooOften):
        sent(household, clerk, world.NOW + timedelta(minutes=6))
    assert world.rows_everywhere() == before
    sent(household, clerk, world.NOW + timedelta(minutes=61))


def test_without_a_phone_or_an_operator_nothing_is_written(
    household: Any, clerk: Any, settings: Any
) -> None:
    settings.TEXT_MESSAGES = "insured.gateways.demo_messages.NoMessages"
    before = world.rows_everywhere()
    with pytest.raises(services.NotReached):
        sent(household, clerk)
    household.phone = ""
    with pytest.raises(services.NoPhone):
        sent(household, clerk)
    assert world.rows_everywhere() == before


@pytest.mark.parametrize("card", ["BK418205", "bk 418205", "registration"])
def test_a_card_of_the_household_proves_presence(household: Any, clerk: Any, card: str) -> None:
    number = household.registration_number if card == "registration" else card

    services.show_card(insured=household, inpe=INPE, card=number, by=clerk, at=world.NOW)

    proof = presence_of(household.pk, inpe=INPE, at=world.NOW)
    assert proof is not None
    assert proof.level == ProofLevel.CARD
    assert presence_of(household.pk, inpe=OTHER, at=world.NOW) is None
    assert presence_of(household.pk, inpe=INPE, at=world.NOW + timedelta(hours=1)) is None


def test_refused_evidence_leaves_nothing(household: Any, clerk: Any) -> None:
    stranger = world.person().insured
    text, until = services.issue_portal_code(insured=household, at=world.NOW)
    damaged = text[:-1] + ("A" if text[-1] != "A" else "B")
    asked = {"inpe": INPE, "by": clerk}
    services.check_portal_code(insured=household, text=text, at=world.NOW, **asked)
    before = world.rows_everywhere()

    def refused(code: str, ask: Any, **more: Any) -> None:
        with pytest.raises(DomainError) as caught, transaction.atomic():
            ask(**{"insured": household, "at": world.NOW, **asked, **more})
        assert caught.value.code == code

    for more in (
        {"text": text},
        {"text": damaged},
        {"text": text[:20]},
        {"text": "WARAQAP:é"},
        {"text": ""},
        {"text": services.issue_portal_code(insured=stranger, at=world.NOW)[0]},
        {
            "text": services.issue_portal_code(insured=household, at=world.NOW)[0],
            "at": until,
        },
    ):
        refused("PORTAL_CODE_REFUSED", services.check_portal_code, **more)
    for card in ("", "ZZ1", stranger.registration_number):
        refused("CARD_OF_ANOTHER", services.show_card, card=card)
    refused("ATTESTATION_WITHOUT_REASON", services.attest_presence, reason="  ")
    assert world.rows_everywhere() == before


def test_the_strongest_proof_counts_and_none_is_changed(household: Any, clerk: Any) -> None:
    services.attest_presence(
        insured=household, inpe=INPE, reason="patient connu", by=clerk, at=world.NOW
    )
    text, _until = services.issue_portal_code(insured=household, at=world.NOW)
    services.check_portal_code(insured=household, inpe=INPE, text=text, by=clerk, at=world.NOW)
    services.attest_presence(insured=household, inpe=INPE, reason="encore", by=clerk, at=world.NOW)

    proof = presence_of(household.pk, inpe=INPE, at=world.NOW)

    assert proof is not None
    assert proof.level == ProofLevel.PORTAL_QR
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE insured_presenceproof SET reason = 'x'")
