"""Ceilings, approvals and minutes when a claim is judged again, or several at once."""

from datetime import date

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from claims import services
from claims.models import Claim, LineDecision, PriorApproval, ProviderDay
from claims.services import adjudicate_claims
from tests import world

pytestmark = pytest.mark.django_db


def line(act: str = "C", charged: str = "200.00", position: int = 1, quantity: int = 1) -> dict:
    return {
        "position": position,
        "act": act,
        "quantity": quantity,
        "charged": charged,
        "care_date": world.TODAY.isoformat(),
        "illness": None,
    }


def approval(patient, quantity: int = 1, act: str = "P1") -> PriorApproval:
    return PriorApproval.objects.create(
        insured=patient.insured,
        patient=patient,
        act_code=act,
        quantity=quantity,
        period=DateRange(date(2026, 1, 1), date(2027, 1, 1)),
        granted_at=world.NOW,
        granted_by="user:x",
    )


def in_review(hospital, patient, *lines: dict) -> Claim:
    """A claim that a line without a tariff sends to a person."""
    world.act("C")
    world.act("V1", letter="V")
    claim = world.submit(
        hospital,
        world.care_document(hospital, patient, lines=[*lines, line("V1", "120.00", position=9)]),
    )
    assert claim.state == "IN_REVIEW"
    return claim


def confirm(claim: Claim) -> Claim:
    services.decide_review(
        claim, verdict="CONFIRM", reason="vu", by=world.user(world.Role.AGENT), at=world.NOW
    )
    claim.refresh_from_db()
    return claim


def reasons_of(claim: Claim, position: int) -> list[str]:
    return LineDecision.objects.get(
        decision__claim=claim, decision__n=claim.decision_n, line__position=position
    ).reasons


def test_a_claim_judged_again_finds_the_approval_it_holds_itself() -> None:
    world.act("P1", letter="DP", coefficient=10000, needs_prior_approval=True)
    hospital, patient = world.practice("ESTABLISHMENT", sector="PUBLIC"), world.person()
    approval(patient)
    claim = in_review(hospital, patient, line("P1", "1250.00"))
    before = claim.reimbursed_centimes

    confirm(claim)

    assert "PRIOR_APPROVAL_MISSING" not in reasons_of(claim, 1)
    assert (claim.state, claim.decision_n, claim.reimbursed_centimes) == ("ADJUDICATED", 2, before)


def test_an_approval_is_not_spent_by_another_while_a_claim_waits_and_is_judged_again() -> None:
    world.act("P1", letter="DP", coefficient=10000, needs_prior_approval=True)
    hospital, patient = world.practice("ESTABLISHMENT", sector="PUBLIC"), world.person()
    approval(patient)
    first = in_review(hospital, patient, line("P1", "1250.00"))
    second = world.submit(
        hospital, world.care_document(hospital, patient, lines=[line("P1", "1250.00")])
    )
    confirm(first)
    third = world.submit(
        hospital, world.care_document(hospital, patient, lines=[line("P1", "1250.00")])
    )

    assert [reasons_of(each, 1) for each in (second, third)] == [["PRIOR_APPROVAL_MISSING"]] * 2


def test_a_ceiling_is_not_overspent_by_a_claim_judged_again() -> None:
    world.act("P1", letter="DP", coefficient=40000, ceiling="dental_prosthesis")
    hospital, patient = world.practice("ESTABLISHMENT", sector="PUBLIC"), world.person()
    waiting = in_review(hospital, patient, line("P1", "2000.00"))
    other = world.submit(
        hospital, world.care_document(hospital, patient, lines=[line("P1", "3000.00")])
    )
    confirm(waiting)
    alone = world.submit(
        hospital, world.care_document(hospital, world.person(), lines=[line("P1", "9000.00")])
    )

    assert alone.reimbursed_centimes > 0
    ceiling = world.law().at(world.TODAY).ceiling("dental_prosthesis").amount_centimes
    both = [
        LineDecision.objects.get(
            decision__claim=each, decision__n=each.decision_n, line__position=1
        ).reimbursed_centimes
        for each in (waiting, other)
    ]
    assert sum(both) <= ceiling


def test_two_claims_of_one_person_in_one_list_do_not_spend_one_approval_twice() -> None:
    world.act("P1", letter="DP", coefficient=10000, needs_prior_approval=True)
    hospital, patient = world.practice("ESTABLISHMENT", sector="PUBLIC"), world.person()
    claims = [in_review(hospital, patient, line("P1", "1250.00")) for _ in range(2)]
    approval(patient)

    adjudicate_claims(claims, by="system:adjudication", at=world.NOW, reviewed=True)

    accepted = [each for each in claims if "PRIOR_APPROVAL_MISSING" not in reasons_of(each, 1)]
    assert len(accepted) == 1


def test_minutes_of_a_line_accepted_at_the_second_judgement_are_counted_once() -> None:
    world.act("K1", letter="K", coefficient=1000, needs_prior_approval=True)
    hospital, patient = world.practice("ESTABLISHMENT", sector="PUBLIC"), world.person()
    claim = in_review(hospital, patient, line("C"), line("K1", "50.00", position=2))
    before = ProviderDay.objects.get(provider=hospital.provider).minutes
    approval(patient, act="K1")

    confirm(claim)

    spent = world.law().at(world.TODAY).act_minutes("K")
    assert spent > 0
    assert ProviderDay.objects.get(provider=hospital.provider).minutes == before + spent


def test_what_a_person_refused_is_reimbursed_nothing() -> None:
    hospital, patient = world.practice("ESTABLISHMENT", sector="PUBLIC"), world.person()
    world.act("C")
    claim = in_review(hospital, patient, line("C"))
    assert claim.reimbursed_centimes > 0

    services.decide_review(
        claim, verdict="DENY", reason="non", by=world.user(world.Role.AGENT), at=world.NOW
    )
    claim.refresh_from_db()

    assert (claim.state, claim.outcome, claim.reimbursed_centimes) == ("DENIED", "denied", 0)
