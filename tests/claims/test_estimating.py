"""An estimate made of cached facts is the server's own estimate, word for word."""

import json
from datetime import timedelta

import pytest

from claims import services
from claims.adjudication.estimating import estimate, estimate_text
from claims.adjudication.reading import CaseError
from claims.models import CountedUse, PriorApproval
from claims.presenters import decision_output, known_output
from claims.reference.packs import act_row, price_row
from core.errors import DomainError
from core.models import AuditEvent
from insured.models import Person
from prescriptions.models import Medicine
from tests import world
from tests.claims.adjudication.builders import LAW


@pytest.fixture
def doctor(db):
    world.act("C")
    world.act("Cs")
    world.act("P1", letter="DP", coefficient=8000, needs_prior_approval=True)
    world.act("P2", letter="DP", coefficient=20_000, ceiling="dental_prosthesis")
    world.act(
        "L1", letter="", coefficient=None, flat_tariff_centimes=20_000, frequency="optical_frame"
    )
    return world.practice()


def rows_named(lines):
    acts = [world.act(line["act"]) for line in lines if line.get("act")]
    boxes = Medicine.objects.filter(ean__in=[line["ean"] for line in lines if line.get("ean")])
    named = ("name", "inn", "strength", "strength_unit", "form", "presentation")
    return {
        "acts": {
            each.code: [{**act_row(each), "label": each.label, "label_ar": each.label_ar}]
            for each in acts
        },
        "medicines": {
            box.ean: {
                **{name: getattr(box, name) for name in named},
                "prices": [price_row(price) for price in box.prices.all()],
            }
            for box in boxes
        },
    }


def known_of(patient, practice):
    facts = services.known_facts(
        patient=patient.pk, provider=practice.provider, by=practice.user, at=world.NOW
    )
    return known_output(facts, person=patient.pk)


def offline(known, provider, lines):
    question = {
        "received_date": world.TODAY.isoformat(),
        "treatment_end_date": None,
        "provider": provider,
        "known": known,
        "lines": lines,
        **rows_named(lines),
    }
    return json.loads(estimate_text(json.dumps(question), LAW))


def online(practice, draft):
    made = services.estimate(draft=draft, by=practice.user, at=world.NOW)
    return json.loads(json.dumps(decision_output(made.decision, made.lines)))


def only_the_decision(answer):
    return {name: each for name, each in answer.items() if name not in ("assumed", "seen_on")}


def act_line(position, act, charged="200.00", **fields):
    return {
        "position": position,
        "act": act,
        "quantity": 1,
        "charged": charged,
        "care_date": world.TODAY.isoformat(),
        "illness": None,
        **fields,
    }


def used(patient, kind, name, amount, practice):
    claim = world.submit(practice, world.care_document(practice, patient))
    CountedUse.objects.create(
        patient=patient,
        claim=claim,
        n=claim.decision_n,
        position=9,
        kind=kind,
        name=name,
        insured_id=patient.insured_id,
        care_date=world.TODAY - timedelta(days=40),
        amount=amount,
    )


def test_acts_with_everything_that_bears_on_them(doctor):
    patient = world.person()
    world.diabetes(patient)
    PriorApproval.objects.create(
        insured=patient.insured,
        patient=patient,
        act_code="P1",
        quantity=1,
        period=world.ALWAYS,
        granted_at=world.NOW,
        granted_by="x",
    )
    used(patient, "CEILING", "dental_prosthesis", 180_000, doctor)
    used(patient, "FREQUENCY", "optical_frame", 1, doctor)
    lines = [
        act_line(1, "C", illness="E11"),
        act_line(2, "P1", "1500.00"),
        act_line(3, "P1", "1500.00"),
        act_line(4, "P2", "4000.00"),
        act_line(5, "L1", "450.00"),
    ]
    document = world.care_document(doctor, patient, lines=lines)
    known = known_of(patient, doctor)

    answer = offline(known, known["provider"], lines)

    assert only_the_decision(answer) == online(doctor, world.care_draft(document))
    assert answer == offline(known, {"inpe": doctor.provider.inpe}, lines)
    assert (answer["assumed"], answer["seen_on"]) == (["RIGHTS_AS_SEEN"], "2026-11-20")
    reasons = {reason["code"] for line in answer["lines"] for reason in line["reasons"]}
    assert reasons >= {"PRIOR_APPROVAL_MISSING", "CEILING_REACHED", "FREQUENCY_EXCEEDED"}


def test_an_unknown_patient_is_assumed_insured_and_it_is_said(doctor):
    answer = offline(None, {"inpe": "100000001"}, [act_line(1, "C")])

    assert answer["total_reimbursed"] == "56.00"
    assert answer["assumed"] == ["RIGHTS_ASSUMED", "PROVIDER_ASSUMED"]
    assert answer["seen_on"] is None


def test_medicines_at_the_price_of_the_day(doctor):
    box = world.medicine()
    line = {**act_line(1, None, "150.00", quantity=2), "ean": box.ean}

    answer = offline(None, {"inpe": "1", "sector": "PRIVATE", "agreements": []}, [line])
    covered = offline(None, {"inpe": "1"}, [line])

    assert answer["lines"][0]["reasons"][0]["code"] == "PROVIDER_NOT_AGREED"
    assert covered["total_reimbursed"] == "84.00"
    assert covered["lines"][0]["label"] == {"fr": box.label, "ar": box.label}


@pytest.mark.parametrize("line", [act_line(1, "XX"), {**act_line(1, None), "ean": "6118000000000"}])
def test_what_the_pack_has_not_is_not_estimated(line):
    question = {
        "received_date": "2026-11-20",
        "provider": {"inpe": "1"},
        "known": None,
        "lines": [line],
        "acts": {},
        "medicines": {},
    }

    with pytest.raises(CaseError, match="line 1: no"):
        estimate(question, LAW)


def test_the_reading_is_audited_and_a_stranger_is_refused(doctor):
    patient = world.person()
    before = AuditEvent.objects.filter(insured_id=patient.insured_id).count()

    known_of(patient, doctor)

    assert AuditEvent.objects.filter(insured_id=patient.insured_id).count() == before + 1
    rows = world.rows_everywhere()
    with pytest.raises(DomainError, match="PATIENT_UNKNOWN"):
        known_of(Person(), doctor)
    assert world.rows_everywhere() == rows
