"""A claim taken back: asked, confirmed by another, told; the ledger by opposite entries."""

from datetime import timedelta

import pytest

from accounts.models import Role
from claims.models import Claim
from claims.selectors import decision_of
from core.errors import DomainError
from core.models import AuditEvent
from core.transitions import TransitionRefused
from payments import selectors, services
from payments.gateways.demo_bank import demo_bank_answer
from payments.models import ReversalNotice, UndueAmount
from payments.selectors.recoveries import receivable_centimes
from tests import world
from tests.payments import factories

NOW = factories.NOW
LATER = NOW + timedelta(hours=3)
GROUNDS = services.Grounds("BILLED_TWICE", "Consultation déjà payée.", "PV-2026-118", "ab" * 32)
pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(db):
    return world.user(Role.AGENT, full_name="Agente")


@pytest.fixture
def other(db):
    return world.user(Role.MEDICAL_OFFICER, full_name="Second")


def pay(*, at=NOW, returned=()) -> None:
    """Freeze, approve, export and answer: all that waits is paid."""
    one, two = factories.officer(), factories.officer()
    batch = services.freeze_batch(by=one, at=at)
    services.approve_batch(batch=batch, by=two, at=at)
    file = services.export_batch(batch=batch, by=one, at=at)
    references = [f"{batch.number}-{index:05d}" for index in returned]
    answer = demo_bank_answer(file, at=at, returned=references)
    services.read_bank_answer(content=answer, by=one, at=at)


def reverse(claim: Claim, agent, other, *, at=LATER):
    asked = services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=agent, at=at)
    return services.confirm_reversal(reversal_id=asked.pk, by=other, at=at)


def refused(error: type[DomainError], call) -> DomainError:
    before = world.rows_everywhere()
    with pytest.raises(error) as caught:
        call()
    assert world.rows_everywhere() == before
    return caught.value


def test_a_paid_claim_becomes_a_debt_of_its_payee(agent, other) -> None:
    claim = factories.claim(reimbursed=14_000)
    pay()

    reversal = reverse(claim, agent, other)

    claim.refresh_from_db()
    assert (claim.state, claim.settled_at, claim.reimbursed_centimes) == ("REVERSED", None, 14_000)
    assert (reversal.state, reversal.decided_by, reversal.decided_at) == ("CONFIRMED", other, LATER)
    undue = UndueAmount.objects.get()
    assert (undue.insured_id, undue.provider_id) == (claim.insured_id, None)
    assert (undue.state, undue.amount_centimes, undue.recovered_centimes) == ("OPEN", 14_000, 0)
    assert selectors.ledger_balances() == {
        "BENEFITS": 0,
        "PAYABLE_INSURED": 0,
        "PAYABLE_PROVIDER": 0,
        "TRANSIT": 0,
        "BANK": -14_000,
        "RECEIVABLE": 14_000,
    }
    assert receivable_centimes() == 14_000
    assert decision_of(claim).reimbursed_centimes == 14_000
    readers = ReversalNotice.objects.values_list("insured_id", "provider_id", "given_at")
    assert set(readers) == {(claim.insured_id, None, LATER), (None, claim.provider_id, LATER)}
    audited = AuditEvent.objects.get(action="payments.reversal.confirmed")
    assert audited.after["evidence_sha256"] == "ab" * 32


def test_a_claim_of_a_provider_is_a_debt_of_the_provider(agent, other) -> None:
    claim = factories.claim(reimbursed=4_520, third_party_payment=True)
    pay()

    reverse(claim, agent, other)

    undue = UndueAmount.objects.get()
    assert (undue.insured_id, undue.provider_id) == (None, claim.provider_id)


@pytest.mark.parametrize("state", ["APPROVED", "PAYMENT_FAILED"])
def test_what_was_never_paid_is_no_longer_owed_and_nothing_is_recovered(
    state, agent, other
) -> None:
    claim = factories.claim(reimbursed=14_000)
    if state == "PAYMENT_FAILED":
        pay(returned=[1])
    claim.refresh_from_db()
    assert claim.state == state

    reverse(claim, agent, other)

    assert UndueAmount.objects.count() == 0
    assert set(selectors.ledger_balances().values()) == {0}
    assert selectors.claims_payable(LATER) == []


def test_a_claim_in_payment_waits_for_the_bank_or_for_a_cancellation(agent, preparer) -> None:
    claim = factories.claim()
    batch = services.freeze_batch(by=preparer, at=NOW)

    error = refused(
        services.ClaimInPayment,
        lambda: services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=agent, at=LATER),
    )

    assert batch.number in error.text("fr")
    services.cancel_batch(batch=batch, by=preparer, at=LATER, reason="extourne")
    services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=agent, at=LATER)


def test_a_claim_scheduled_between_the_two_persons_is_not_reversed(agent, other, preparer) -> None:
    claim = factories.claim()
    asked = services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=agent, at=NOW)
    services.freeze_batch(by=preparer, at=NOW)

    refused(
        services.ClaimInPayment,
        lambda: services.confirm_reversal(reversal_id=asked.pk, by=other, at=LATER),
    )


def test_a_reversal_of_a_reversal_is_refused(agent, other) -> None:
    claim = factories.claim()
    reverse(claim, agent, other)

    error = refused(
        services.ClaimAlreadyReversed,
        lambda: services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=other, at=LATER),
    )

    assert error.code == "CLAIM_ALREADY_REVERSED"


def test_the_same_commands_again_give_the_first_success(agent, other) -> None:
    claim = factories.claim()
    asked = services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=agent, at=NOW)
    again = services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=agent, at=LATER)
    first = services.confirm_reversal(reversal_id=asked.pk, by=other, at=NOW)
    before = world.rows_everywhere()

    second = services.confirm_reversal(reversal_id=asked.pk, by=other, at=LATER)
    third = services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=agent, at=LATER)

    assert again == asked == first == second == third
    assert second.decided_at == NOW
    assert world.rows_everywhere() == before


def test_another_request_waits_behind_the_first(agent, other) -> None:
    claim = factories.claim()
    services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=agent, at=NOW)

    refused(
        services.ReversalUnderWay,
        lambda: services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=other, at=NOW),
    )


def test_four_eyes(agent) -> None:
    asked = services.ask_reversal(claim_id=factories.claim().pk, grounds=GROUNDS, by=agent, at=NOW)

    for call in (
        lambda: services.confirm_reversal(reversal_id=asked.pk, by=agent, at=LATER),
        lambda: services.refuse_reversal(reversal_id=asked.pk, reason="non", by=agent, at=LATER),
    ):
        refused(services.ReversalFourEyes, call)


@pytest.mark.parametrize(
    "role", [r for r in Role if r not in {"AGENT", "MEDICAL_OFFICER", "FRAUD_OFFICER"}]
)
def test_only_agents_take_claims_back(role, agent) -> None:
    claim, asked_for = factories.claim(), factories.claim()
    asked = services.ask_reversal(claim_id=asked_for.pk, grounds=GROUNDS, by=agent, at=NOW)
    stranger = world.user(role)

    for call in (
        lambda: services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=stranger, at=NOW),
        lambda: services.confirm_reversal(reversal_id=asked.pk, by=stranger, at=NOW),
        lambda: services.refuse_reversal(reversal_id=asked.pk, reason="x", by=stranger, at=NOW),
    ):
        refused(services.NotAReversingAgent, call)


def test_a_refused_request_leaves_the_claim_and_another_may_follow(agent, other) -> None:
    claim = factories.claim()
    asked = services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=agent, at=NOW)

    services.refuse_reversal(reversal_id=asked.pk, reason="pièce illisible", by=other, at=LATER)

    claim.refresh_from_db()
    asked.refresh_from_db()
    assert (claim.state, asked.state, asked.refusal_reason) == (
        "APPROVED",
        "REFUSED",
        "pièce illisible",
    )
    refused(
        TransitionRefused,
        lambda: services.confirm_reversal(reversal_id=asked.pk, by=other, at=LATER),
    )
    services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=agent, at=LATER)


def test_the_delay_of_the_law_ends_it(agent) -> None:
    claim = factories.claim()
    pay()
    delay = timedelta(days=world.law().at(world.TODAY).delay("reversal_max_days"))

    error = refused(
        services.ReversalTooLate,
        lambda: services.ask_reversal(
            claim_id=claim.pk, grounds=GROUNDS, by=agent, at=NOW + delay + timedelta(days=1)
        ),
    )

    assert error.code == "REVERSAL_TOO_LATE"
    services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=agent, at=NOW + delay)


@pytest.mark.parametrize("state", ["ADJUDICATED", "DENIED", "CANCELLED", "IN_REVIEW"])
def test_other_states_have_nothing_to_take_back(state, agent) -> None:
    claim = factories.claim(state=state)

    refused(
        services.ClaimNotReversible,
        lambda: services.ask_reversal(claim_id=claim.pk, grounds=GROUNDS, by=agent, at=NOW),
    )


@pytest.mark.parametrize(
    "missing",
    [
        {"reason": "HUMEUR"},
        {"explanation": "  "},
        {"evidence_reference": ""},
        {"evidence_sha256": "AB" * 32},
        {"evidence_sha256": "ab" * 31},
    ],
)
def test_grounds_are_complete(missing) -> None:
    given = {
        "reason": "OWN_ERROR",
        "explanation": "x",
        "evidence_reference": "y",
        "evidence_sha256": "0" * 64,
    }

    with pytest.raises(services.EvidenceMissing):
        services.Grounds(**{**given, **missing})


def test_what_a_reversed_claim_had_used_of_a_ceiling_is_free_again(agent, other) -> None:
    """A ceiling used up by two claims: nothing is left for a third before one is reversed."""
    world.act("SPR", letter="D", coefficient=10_000, ceiling="dental_prosthesis")
    doctor, patient = world.practice(), world.person()

    def file() -> Claim:
        line = {
            "position": 1,
            "act": "SPR",
            "quantity": 2,
            "charged": "9000.00",
            "care_date": world.TODAY.isoformat(),
            "illness": None,
        }
        return world.submit(doctor, world.care_document(doctor, patient, lines=[line]))

    first, second, third = file(), file(), file()
    assert (first.reimbursed_centimes, second.reimbursed_centimes) == (245_000, 55_000)
    assert third.reimbursed_centimes == 0
    screening = factories.screening_of(first)
    Claim.objects.filter(pk=first.pk).update(state="APPROVED", screening=screening)

    reverse(first, agent, other)

    assert file().reimbursed_centimes == 245_000
