"""From a signed document to a decision: exact amounts, one way in, nothing written on a refusal."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from claims import selectors, services
from claims.adjudication import adjudicate
from claims.adjudication.exchange import decision_to_json
from claims.adjudication.legislation.loader import LEGISLATION
from claims.models import (
    Claim,
    ClaimDocument,
    Decision,
    LineDecision,
    PriorApproval,
    ProviderDay,
    Screening,
    WaitingClaim,
)
from core.errors import DomainError, EntriesRefused
from core.models import AuditEvent, OutboxMessage
from core.tasks import relay
from core.transitions import TransitionRefused
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor():
    world.act("C")
    return world.practice()


@pytest.fixture
def patient():
    return world.person()


def line(act: str = "C", charged: str = "200.00", **fields) -> dict:
    return {
        "position": 1,
        "act": act,
        "quantity": 1,
        "charged": charged,
        "care_date": world.TODAY.isoformat(),
        "illness": None,
        **fields,
    }


def refused(error: type[DomainError], call) -> DomainError:
    before = world.rows_everywhere()
    with pytest.raises(error) as caught, transaction.atomic():
        call()
    assert world.rows_everywhere() == before
    return caught.value


def test_a_consultation_is_judged_at_once(doctor, patient) -> None:
    claim = world.submit(doctor, world.care_document(doctor, patient))

    assert (claim.state, claim.outcome) == ("ADJUDICATED", "approved")
    assert (claim.charged_centimes, claim.reimbursed_centimes) == (20000, 5600)
    decided = LineDecision.objects.get(decision__claim=claim)
    assert (decided.tariff_centimes, decided.base_centimes, decided.rate_bp) == (8000, 8000, 7000)
    assert decided.reasons == ["PRICE_CAPPED"]
    assert "rate" in {step.rule for step in selectors.steps_of_line(decided)}
    told = OutboxMessage.objects.get(kind="claims.claim.adjudicated")
    assert told.subject_ids == [claim.pk]
    assert (
        AuditEvent.objects.filter(action="claims.claim.submitted", subject_id=str(claim.pk)).count()
        == 1
    )


def test_the_stored_case_judged_again_gives_the_stored_decision(doctor, patient) -> None:
    world.diabetes(patient)
    claim = world.submit(
        doctor, world.care_document(doctor, patient, lines=[line(illness="E11", charged="70.05")])
    )
    (decision,) = selectors.decision_by_claim({"claim_id": claim.pk})
    law = selectors.law()

    again = adjudicate(selectors.facts_judged(decision), selectors.law_judged(decision))

    assert decision_to_json(again, str(claim.pk)) == decision.expected
    assert (
        decision.expected["total_reimbursed"] == "63.05"
    )  # 70.05 x 90 % = 63.045, rounded half up
    assert law.digest.startswith(decision.law_digest)
    assert decision.law.digest == law.digest


def test_the_same_document_again_is_the_same_claim(doctor, patient) -> None:
    document = world.care_document(doctor, patient)
    first = world.submit(doctor, document)
    before = world.rows_everywhere()

    assert world.submit(doctor, document).pk == first.pk
    assert world.rows_everywhere() == before


@pytest.mark.django_db(transaction=True)
def test_one_document_sent_twice_at_once_is_one_claim() -> None:
    world.act("C")
    doctor, patient = world.practice(), world.person()
    document = world.care_document(doctor, patient)
    together = Barrier(2)

    def send(_n: int):
        together.wait()
        try:
            return world.submit(doctor, document).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        keys = set(both.map(send, range(2)))

    assert len(keys) == 1
    assert Claim.objects.count() == Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_claims_on_one_ceiling_at_once_never_overspend_it() -> None:
    """Where openIMIS failed: 3,000.00 a 24 months, two claims of 2,100.00 at the same moment."""
    world.act("P1", letter="DP", coefficient=40000, ceiling="dental_prosthesis")
    doctor, patient = world.practice("DENTIST"), world.person()
    documents = [
        world.care_document(doctor, patient, lines=[line("P1", "3000.00")]) for _ in range(2)
    ]
    together = Barrier(2)

    def send(document: dict) -> int:
        together.wait()
        try:
            return world.submit(doctor, document).reimbursed_centimes
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        paid = sorted(both.map(send, documents))

    assert paid == [90000, 210000]


def test_a_ceiling_counts_what_a_refused_claim_did_not_take(doctor, patient) -> None:
    world.act("P1", letter="DP", coefficient=40000, ceiling="dental_prosthesis")
    first = world.submit(
        doctor, world.care_document(doctor, patient, lines=[line("P1", "3000.00")])
    )
    services.cancel_claim(first, reason="saisie en double", by=doctor.user, at=world.NOW)

    second = world.submit(
        doctor, world.care_document(doctor, patient, lines=[line("P1", "3000.00")])
    )

    assert second.reimbursed_centimes == 210000


def test_a_ceiling_is_one_person_s_not_the_family_s(doctor, patient) -> None:
    world.act("P1", letter="DP", coefficient=40000, ceiling="dental_prosthesis")
    spouse = world.person(household=patient.insured, relation="SPOUSE")
    world.submit(doctor, world.care_document(doctor, patient, lines=[line("P1", "3000.00")]))

    claim = world.submit(doctor, world.care_document(doctor, spouse, lines=[line("P1", "3000.00")]))

    assert claim.reimbursed_centimes == 210000


def test_an_approval_is_used_once(doctor, patient) -> None:
    world.act("P1", letter="DP", coefficient=10000, needs_prior_approval=True)
    PriorApproval.objects.create(
        insured=patient.insured,
        patient=patient,
        act_code="P1",
        quantity=1,
        period=DateRange(date(2026, 1, 1), date(2027, 1, 1)),
        granted_at=world.NOW,
        granted_by="user:x",
    )

    first = world.submit(
        doctor, world.care_document(doctor, patient, lines=[line("P1", "1250.00")])
    )
    second = world.submit(
        doctor, world.care_document(doctor, patient, lines=[line("P1", "1250.00")])
    )

    assert (first.outcome, first.reimbursed_centimes) == ("approved", 87500)
    assert (second.state, second.outcome) == ("DENIED", "denied")
    assert LineDecision.objects.get(decision__claim=second).reasons == ["PRIOR_APPROVAL_MISSING"]


def test_closed_rights_are_a_decision_not_an_error(doctor) -> None:
    stranger = world.person(rights=DateRange(date(2020, 1, 1), date(2026, 11, 20)))

    claim = world.submit(doctor, world.care_document(doctor, stranger))

    assert (claim.state, claim.reimbursed_centimes) == ("DENIED", 0)
    assert LineDecision.objects.get(decision__claim=claim).reasons == ["RIGHTS_CLOSED"]


def test_a_line_without_tariff_goes_to_a_person(doctor, patient) -> None:
    world.act("V1", letter="V")
    hospital = world.practice("ESTABLISHMENT", sector="PUBLIC")

    claim = world.submit(
        hospital,
        world.care_document(hospital, patient, lines=[line(), line("V1", "120.00", position=2)]),
    )

    assert (claim.state, claim.outcome, claim.reimbursed_centimes) == (
        "IN_REVIEW",
        "partly_approved",
        3500,
    )
    agent = world.user(world.Role.AGENT)
    services.decide_review(claim, verdict="CONFIRM", reason="vu", by=agent, at=world.NOW)
    claim.refresh_from_db()
    assert (claim.state, claim.decision_n) == ("ADJUDICATED", 2)


def test_every_unknown_is_told_at_once(doctor, patient) -> None:
    world.act("U1", letter="")
    document = world.care_document(
        doctor,
        patient,
        lines=[
            line("ZZ"),
            line("U1", position=2),
            line("C", position=3, care_date="2026-11-21"),
        ],
    )

    refusal = refused(EntriesRefused, lambda: world.submit(doctor, document))

    assert [(error.code, error.pointer) for error in refusal.errors] == [
        ("ACT_UNKNOWN", "/document/lines/0/act"),
        ("ACT_UNMAPPED", "/document/lines/1/act"),
        ("DAY_IN_THE_FUTURE", "/document/lines/2/care_date"),
    ]


def test_a_sheet_belongs_to_one_patient(doctor, patient) -> None:
    document = world.care_document(doctor, patient)
    world.submit(doctor, document)
    other = world.care_document(doctor, world.person(), fse_number=document["fse_number"])

    refusal = refused(services.SheetOfAnother, lambda: world.submit(doctor, other))

    assert refusal.code == "SHEET_OF_ANOTHER"


def test_a_laboratory_bills_under_the_prescription_s_number(doctor, patient) -> None:
    prescription = world.prescribe(
        doctor, world.prescription_document(doctor, patient, [world.medicine()])
    )
    laboratory = world.practice("LABORATORY", role=world.Role.LABORATORY)

    claim = world.submit(
        laboratory,
        world.care_document(laboratory, patient, fse_number=prescription.fse_number),
    )

    assert claim.sheet.fse_number == prescription.fse_number


def test_a_dispensing_is_judged_on_the_generic_base_and_the_illness(doctor, patient) -> None:
    world.diabetes(patient)
    shop, medicine = world.pharmacy(), world.medicine(public=7500, base=6000)
    document = world.prescription_document(doctor, patient, [medicine])
    document["lines"][0]["illness"] = "E11"
    prescription = world.prescribe(doctor, document)

    claim = world.dispense(
        shop, world.dispensing_document(shop, prescription, [(1, medicine, 2, "150.00")])
    )

    decided = LineDecision.objects.get(decision__claim=claim)
    assert (decided.base_centimes, decided.rate_bp, decided.reimbursed_centimes) == (
        12000,
        9000,
        10800,
    )
    assert decided.reasons == ["GENERIC_BASE"]
    assert claim.third_party_payment is True


def test_an_estimate_is_the_engine_s_decision_and_saves_nothing(doctor, patient) -> None:
    document = world.care_document(doctor, patient)
    draft = world.care_draft(document)
    before = world.rows_everywhere()

    estimate = services.estimate(draft=draft, by=doctor.user, at=world.NOW)

    assert estimate.decision.total_reimbursed == 5600
    assert world.rows_everywhere() == before
    assert world.submit(doctor, document).reimbursed_centimes == 5600


def test_minutes_are_counted_in_the_same_transaction(doctor, patient) -> None:
    minutes = selectors.law().at(world.TODAY).act_minutes("C")
    for _ in range(2):
        world.submit(doctor, world.care_document(doctor, patient))

    assert (
        ProviderDay.objects.get(provider=doctor.provider, day=world.TODAY).minutes
        == 2 * minutes
        > 0
    )


@pytest.mark.parametrize(
    ("age_day", "reason"), [("2005-11-21", None), ("2005-11-20", "DEPENDANT_TOO_OLD")]
)
def test_rights_of_a_child_the_eve_of_21_and_the_day(doctor, patient, age_day, reason) -> None:
    world.person(
        household=patient.insured, relation="CHILD", birth_date=date.fromisoformat(age_day)
    )

    answers = services.check_rights(
        cin=patient.cin,
        registration_number=None,
        day=world.TODAY,
        provider=doctor.provider,
        by=doctor.user,
        at=world.NOW,
    )

    assert [answer.reason for answer in answers] == [None, reason]
    assert (
        AuditEvent.objects.filter(
            action="insured.rights.read", actor=f"user:{doctor.user.pk}"
        ).count()
        == 1
    )


def test_facts_of_a_hundred_claims_cost_no_more_queries_than_of_one(
    doctor, patient, django_assert_num_queries
) -> None:
    claims = [world.submit(doctor, world.care_document(doctor, patient)) for _ in range(12)]

    for some in (claims[:1], claims):
        with django_assert_num_queries(4):
            cases = selectors.cases_of([each.pk for each in some])
            around = selectors.gather(cases)
            assert [around.facts(case).received_date for case in cases] == [world.TODAY] * len(some)


def screened(claim: Claim) -> Screening:
    return Screening.objects.create(
        claim=claim,
        insured_id=claim.insured_id,
        decision_n=claim.decision_n,
        verdict="CLEAN",
        screened_at=world.NOW,
    )


def test_a_hold_ends_by_a_person_with_a_reason(doctor, patient) -> None:
    claim = world.submit(doctor, world.care_document(doctor, patient))
    agent = world.user(world.Role.FRAUD_OFFICER)
    until = world.NOW + timedelta(days=15)
    services.hold_claims(
        [claim],
        screenings={claim.pk: screened(claim)},
        reasons={claim.pk: "essai"},
        until=until,
        by="system:screening",
        at=world.NOW,
    )

    refused(
        services.ReasonMissing,
        lambda: services.release_claim(claim, reason="  ", by=agent, at=world.NOW),
    )
    services.release_claim(claim, reason="patient joint", by=agent, at=world.NOW)

    claim.refresh_from_db()
    assert (claim.state, claim.held_until) == ("APPROVED", None)


@pytest.mark.django_db(transaction=True)
def test_two_agents_deciding_one_file_one_wins_the_other_is_told() -> None:
    world.act("C")
    doctor, patient = world.practice(), world.person()
    claim = world.submit(doctor, world.care_document(doctor, patient))
    services.hold_claims(
        [claim],
        screenings={claim.pk: screened(claim)},
        reasons={claim.pk: "essai"},
        until=world.NOW + timedelta(days=15),
        by="system:screening",
        at=world.NOW,
    )
    agents = [world.user(world.Role.FRAUD_OFFICER), world.user(world.Role.FRAUD_OFFICER)]
    deeds = [services.release_claim, services.refuse_claim]
    together = Barrier(2)

    def decide(index: int) -> str:
        own = Claim.objects.get(pk=claim.pk)
        together.wait()
        try:
            deeds[index](own, reason="vu", by=agents[index], at=world.NOW)
        except TransitionRefused as refusal:
            return refusal.text("fr")
        finally:
            connection.close()
        return "décidé"

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(decide, range(2)))

    winner = answers.index("décidé")
    told = ("bonne à payer", "rejetée")[winner]
    assert f"« {told} »" in answers[1 - winner]
    claim.refresh_from_db()
    assert claim.state == ("APPROVED", "DENIED")[winner]


class TestTheDatabaseRefuses:
    """Each constraint of a claim, violated once behind the services' back."""

    @pytest.fixture
    def claim(self, doctor, patient) -> Claim:
        return world.submit(doctor, world.care_document(doctor, patient))

    @pytest.mark.parametrize(
        ("fields", "constraint"),
        [
            ({"state": "APPROVED"}, "no_money_leaves_unscreened"),
            ({"reimbursed_centimes": 20001}, "never_reimbursed_more_than_charged"),
            ({"reimbursed_centimes": -1}, "never_reimbursed_more_than_charged"),
            ({"charged_centimes": 0}, "never_reimbursed_more_than_charged"),
            ({"state": "HELD"}, "a_hold_always_ends"),
            ({"held_until": world.NOW}, "a_hold_always_ends"),
            ({"settled_at": world.NOW}, "paid_iff_settled_at"),
            ({"kind": "DISPENSING"}, "dispensing_claim_has_its_dispensing"),
        ],
    )
    def test_a_claim_that_says_two_things(self, claim, fields, constraint) -> None:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Claim.objects.filter(pk=claim.pk).update(**fields)

    def test_another_claim_s_screening(self, claim, doctor) -> None:
        other = world.submit(doctor, world.care_document(doctor, world.person()))
        screening = screened(other)

        with (
            pytest.raises(IntegrityError, match="screening_is_of_this_claim"),
            transaction.atomic(),
        ):
            Claim.objects.filter(pk=claim.pk).update(state="APPROVED", screening=screening)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    @pytest.mark.parametrize("model", [Decision, LineDecision, ClaimDocument, Screening])
    def test_a_change_of_what_was_decided(self, claim, model) -> None:
        screened(claim)
        table = model._meta.db_table

        column = model._meta.concrete_fields[-1].column

        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with (
                pytest.raises((IntegrityError, InternalError), match="append only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


def test_a_day_the_law_does_not_cover_keeps_the_claim_for_a_person(
    doctor, patient, tmp_path, settings
) -> None:
    folder = tmp_path / "law"
    shutil.copytree(LEGISLATION, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    rate = folder / "rates" / "standard_act.yaml"
    text = rate.read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if line.strip()[:4].isdigit())
    rate.write_text(text.replace(first.strip(), "2027-01-01:"), encoding="utf-8")
    settings.LAW_DIR = str(folder)

    claim = world.submit(doctor, world.care_document(doctor, patient))

    assert (claim.state, claim.decision_n) == ("SUBMITTED", 0)
    waiting = WaitingClaim.objects.get(claim=claim)
    assert waiting.error == "NoLawInForce: no value of rates.standard_act is in force on 2026-11-20"
    assert ClaimDocument.objects.filter(claim=claim).exists()

    settings.LAW_DIR = ""
    services.start_run(by="system:test", at=world.NOW)
    relay()
    claim.refresh_from_db()
    assert (claim.decision_n, claim.reimbursed_centimes) == (1, 5600)
