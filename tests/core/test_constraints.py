"""Every constraint of every table, violated once behind the services' back; none is forgotten."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import IntegrityError, connection, models, transaction

from accounts.models import Role
from accounts.services import issue_activation
from claims.models import Claim, CountedUse, PriorApproval, ShownAmount, WaitingClaim
from claims.services import start_run
from core import idempotency, outbox
from core.record_keys import new_key
from fraud.models import (
    Alarm,
    Case,
    CaseDecision,
    CaseItem,
    CaseNote,
    CaseParty,
    CaseRecovery,
    NightRun,
    NightStep,
    RankingAid,
    RuleSuspension,
    RuleVersion,
    Signal,
)
from fraud.services import screen_claims
from insured import services as insured
from insured.models import CareProfile, Illness, Person
from payments import services as payments
from payments.gateways.demo_bank import demo_bank_answer
from payments.models import PaymentDay, PaymentRepair
from payments.rules import Payee, PayeeKind
from prescriptions import services as prescriptions
from prescriptions.models import (
    Prescription,
    PrescriptionCode,
    RequestKind,
    SafetyAlert,
    SafetyDemotion,
    ThesaurusEdition,
    ThesaurusEntry,
    ThesaurusSubstance,
)
from providers.models import Outage, Territory
from providers.services import issue_software_token
from sync.models import DeviceChain, Envelope, Incident, Pack, PackPart
from tests import world
from tests.claims import papers
from tests.claims.candidates import adopted_law

# pytest-django makes the test database for marked tests only.
pytestmark = pytest.mark.django_db

# What no row that the tables accept can violate: implied by the primary key.
IMPLIED = {"screening_of_this_claim"}

# Check constraints: the assignment that breaks each.
BREAKS = {
    "outbox_lease_is_a_pair": "leased_until = now(), lease_token = NULL",
    "outbox_message_has_a_subject": "subject_ids = '{}'",
    "device_is_valid_iff_active": "invalid_since = now()",
    "a_stolen_device_is_revoked": "stolen = true",
    "no_device_mints_for_paper": "prefix = 'PAPER'",
    "pad_is_not_empty": "sheet_count = 0",
    "paper_has_its_own_prefix": "fse_number = 'ABCDE0000000'",
    "sheet_of_a_pad_is_placed_and_signed": "position = 0",
    "paper_charges_something": "charged_centimes = 0",
    "a_question_says_what_differs": "state = 'QUESTIONED', difference = ''",
    "scan_digest_is_sha256": "sha256 = 'x'",
    "outage_ends_after_it_began": "until = since",
    "only_a_copy_waits_for_its_document": "document_hash = ''",
    "beyond_is_a_part_of_the_boxes": "boxes_beyond = boxes + 1",
    "chain_begins_at_zero": "sequence = -1",
    "envelope_number_from_one": "sequence = 0",
    "envelope_settled_iff_settled_at": "settled_at = now()",
    "pack_is_valid_for_a_while": "valid_until = made_at",
    "part_digest_is_sha256": "sha256 = 'x'",
    "user_role_is_known": "role = 'KING', is_staff = false",
    "only_office_roles_are_staff": "is_staff = true, role = 'INSURED'",
    "territory_has_a_parent_unless_region": "parent_id = id",
    "territory_lies_on_earth": "latitude = 34, longitude = NULL",
    "device_revoked_iff_revoked_at": "revoked_at = now()",
    "registration_number_has_9_digits": "registration_number = '12345678A'",
    "cin_format": "cin = '1A'",
    "death_after_birth": "death_date = birth_date - 1",
    "illness_rate_within_0_and_1": "rate_bp = 10001",
    "granted_rate_within_0_and_1": "rate_bp = -1",
    "request_answered_iff_answer": "answered_at = now()",
    "the_insured_asks_for_renewal_only": "pharmacy_id = NULL, kind = 'STOCK'",
    "presence_attempts_are_counted_down": "attempts_left = -1",
    "presence_code_ends": "until = asked_at",
    "presence_proof_ends": "until = made_at",
    "an_attestation_has_a_reason": "level = 'ATTESTATION', reason = ''",
    "ean_has_13_digits": "ean = '611'",
    "price_is_plausible": "list_rate_bp = 10001",
    "custody_is_a_pair": "custody_until = NULL",
    "custody_has_its_state": "state = 'ACTIVE'",
    "prescription_hold_always_ends": "hold_until = now()",
    "instance_is_one_of_them": "instance = instances + 1",
    "item_says_what_is_prescribed": "medicine_id = NULL",
    "pack_says_something": "batch = '', serial = '', expires_on = NULL",
    "who_does_not_dispense_says_why": "outcome = 'OWING', reason = ''",
    "handed_over_iff_dispensing": "state = 'HANDED_OVER', dispensing_id = NULL",
    "prescription_is_valid_for_some_time": "valid_until = written_on",
    "item_is_plausible": "boxes = 0, boxes_dispensed = 0",
    "never_more_boxes_than_prescribed": "boxes_dispensed = boxes + 1",
    "dispensed_line_is_plausible": "boxes = 0",
    "pregnancy_answer_holds_until_a_day": "holds_until = NULL",
    "alert_answered_iff_answered_at": "answered_at = NULL",
    "no_override_without_a_reason": "reason = ''",
    "demotion_decided_iff_decided_at": "decided_at = now()",
    "a_signed_preparation_is_not_dropped": "dropped_at = now()",
    "protocol_key_is_1_to_9": "key = 10",
    "register_number_is_counted_up": "number = 0",
    "an_aid_is_judged_iff_enough_is_decided": "sort_bp = NULL, standing = 'BEATEN', ranking = '[]'",
    "an_aid_is_kept_only_if_it_beats_the_sort": "aid_bp = sort_bp",
    "an_aid_not_kept_ranks_nobody": "standing = 'BEATEN'",
    "a_shown_difference_has_a_cause": "causes = '{}'",
    "shown_amounts_are_amounts": "shown_centimes = -1",
    "what_is_not_honoured_stands": "is_honoured = false, paid_centimes = standing_centimes + 1",
    "act_price_is_positive": "coefficient_hundredths = 0",
    "approval_quantity_is_positive": "quantity = 0",
    "no_money_leaves_unscreened": "screening_id = NULL",
    "never_reimbursed_more_than_charged": "reimbursed_centimes = charged_centimes + 1",
    "a_hold_always_ends": "held_until = now()",
    "paid_iff_settled_at": "settled_at = NULL",
    "dispensing_claim_has_its_dispensing": "kind = CASE kind WHEN 'CARE' THEN 'DISPENSING' ELSE 'CARE' END",
    "line_is_an_act_or_a_medicine": "kind = CASE kind WHEN 'ACT' THEN 'MEDICINE' ELSE 'ACT' END",
    "line_is_plausible": "quantity = 0",
    "minutes_are_counted_up": "minutes = -1",
    "shares_sum_to_the_charge": "insured_share_centimes = insured_share_centimes + 1",
    "line_never_above_its_base": "reimbursed_centimes = base_centimes + 1",
    "who_proposes_a_law_never_adopts_it": "adopted_by_id = proposed_by_id",
    "shadow_law_adopted_by_somebody": "adopted_by_id = NULL",
    "no_law_is_proposed_unmeasured": "report = NULL",
    "use_is_positive": "amount = 0",
    "use_names_what_it_takes": "approval_id = NULL",
    "run_ended_iff_ended_at": "ended_at = now()",
    "run_is_not_empty": "total = 0",
    "bucket_is_a_byte": "bucket = 256",
    "entry_is_positive": "amount_centimes = 0",
    "entry_has_a_side": "side = 'MIDDLE'",
    "who_prepares_never_approves": "approved_by_id = prepared_by_id",
    "approval_is_a_pair": "approved_at = NULL",
    "no_batch_leaves_unapproved": "approved_by_id = NULL, approved_at = NULL",
    "batch_is_not_empty": "order_count = 0",
    "order_has_one_payee": "insured_id = NULL, provider_id = NULL",
    "nothing_is_sent_for_nothing": "amount_centimes = 0",
    "never_taken_back_more_than_due": "recovered_centimes = amount_centimes + 1",
    "cut_off_comes_first": "cut_off = day + 2",
    "who_asks_never_confirms": "decided_by_id = requested_by_id",
    "reversal_decided_iff_decider": "decided_at = NULL",
    "evidence_is_a_digest": "evidence_sha256 = repeat('G', 64)",
    "reversal_is_positive": "amount_centimes = 0",
    "notice_has_one_reader": "insured_id = NULL, provider_id = NULL",
    "undue_has_one_payee": "insured_id = NULL, provider_id = NULL",
    "never_recovered_more_than_undue": "recovered_centimes = amount_centimes + 1",
    "recovered_is_all_of_it": "state = 'RECOVERED', recovered_centimes = 0, cancelled_by_id = NULL",
    "giving_up_is_asked_by_somebody": "cancel_asked_at = NULL",
    "given_up_by_a_second_person": "cancelled_by_id = NULL",
    "who_asks_never_gives_up": "cancelled_by_id = cancel_asked_by_id",
    "plan_takes_a_share_or_a_sum": "share_bp = 10001, fixed_centimes = NULL",
    "a_contest_has_a_reason": "is_contested = true, paused_because = ''",
    "recovery_is_positive": "amount_centimes = 0",
    "order_answered_iff_answered_at": "answered_at = NULL",
    "paid_amount_is_positive": "amount_centimes = 0, recovered_centimes = 0",
    "account_has_one_payee": "insured_id = NULL, provider_id = NULL",
    "account_rib_has_24_digits": "rib = repeat('x', 24)",
    "change_has_one_payee": "insured_id = NULL, provider_id = NULL",
    "change_rib_has_24_digits": "rib = '12'",
    "change_confirmed_with_proof": "proof = ''",
    "who_asks_for_another_never_confirms": "document_reference = 'x', confirmed_by_id = asked_by_id",
    "no_change_cools_unproved": "opens_on = NULL",
    "change_contested_at_some_time": "state = 'CONTESTED', contested_at = NULL, account_id = NULL",
    "change_applied_iff_account": "account_id = NULL",
    "portal_notice_has_a_reader": "user_id = NULL, channel = 'PORTAL'",
    "repair_ends_with_an_order": "state = 'REPAIRED'",
    "signal_strength_within_0_and_1": "strength_bp = 10001",
    "who_prepares_a_rule_never_switches_it_on": "approved_by_id = prepared_by_id",
    "no_rule_is_on_unmeasured": "impact = NULL",
    "rule_version_is_plausible": "weight_bp = 10001",
    "a_suspension_has_its_figures": "overturned = holds + 1",
    "night_ended_iff_ended_at": "ended_at = now()",
    "night_looks_at_some_days": "since = until",
    "a_step_begins_before_it_ends": "started_at = NULL, ended_at = now()",
    "alarm_strength_within_0_and_1": "strength_bp = -1",
    "alarm_knows_whose_care_it_is": "insured_id = NULL",
    "a_ring_has_a_name": "level = 'RING', \"group\" = ''",
    "a_case_has_its_officer": "officer_id = NULL",
    "case_score_is_plausible": "score_bp = 10001",
    "party_is_a_provider_or_a_member": "provider_id = NULL, member_id = NULL",
    "item_is_an_alarm_or_a_signal": "alarm_id = NULL, signal_id = NULL",
    "a_note_says_something": "text = ''",
    "a_case_decision_has_a_reason": "reason = ''",
    "case_recovery_is_positive": "amount_centimes = 0",
}


# What must differ in a copied row, so that it breaks the one constraint meant.
OTHERWISE: dict[str, dict[str, Any]] = {
    "cin_belongs_to_one_person": {"relation": "SPOUSE"},
    "user_id": {"registration_number": "999999999"},
    "one_version_of_a_rule_is_on": {"n": 9},
    "one_version_of_a_rule_in_shadow": {"n": 9},
    "one_sheet_a_place": {"fse_number": "PAPER0000000"},
    "one_paper_a_claim": {"sheet_id": None},
}

# Which rows to copy from, where another row would break another constraint.
AMONG = {
    "insured_payee_accounts_do_not_overlap": "insured_id IS NOT NULL",
    "provider_payee_accounts_do_not_overlap": "provider_id IS NOT NULL",
    "one_presence_a_portal_code": "evidence <> ''",
    "one_preparation_at_a_time": "state = 'PREPARING'",
    "one_version_of_a_rule_is_on": "state = 'ON'",
    "one_version_of_a_rule_in_shadow": "state = 'SHADOW'",
    "one_live_case_a_subject": "state = 'ASSIGNED'",
    "one_open_change_per_insured": "insured_id IS NOT NULL AND state = 'REQUESTED'",
    "one_open_change_per_provider": "provider_id IS NOT NULL AND state = 'REQUESTED'",
}


def our_models() -> Iterator[type[models.Model]]:
    for room in world.OUR_ROOMS:
        for model in apps.get_app_config(room).get_models():
            if not model.__name__.startswith("Historical"):
                yield model


CHECKS = [
    (model, constraint.name)
    for model in our_models()
    for constraint in model._meta.constraints
    if isinstance(constraint, models.CheckConstraint)
]
NO_TWINS = [
    (model, constraint.name)
    for model in our_models()
    for constraint in model._meta.constraints
    if isinstance(constraint, models.UniqueConstraint | ExclusionConstraint)
    and constraint.name not in IMPLIED
]
UNIQUE_COLUMNS = [
    (model, field.column)
    for model in our_models()
    for field in model._meta.fields
    if field.unique and not field.primary_key
]


@pytest.fixture(scope="module")
def country(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One row at least in every table, made once for the module in a transaction rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        _settle()
        yield
        transaction.set_rollback(True)


def _settle() -> None:
    """A prescription dispensed, claims paid, one held."""
    region = Territory.objects.create(code="R", kind="REGION", name_fr="Région", source="essai")
    Territory.objects.create(code="P", kind="PROVINCE", name_fr="P", parent=region, source="essai")
    Illness.objects.create(code="E11", label="Diabète", period=world.ALWAYS, source="essai")
    doctor, shop, patient = world.practice(), world.pharmacy(), world.person()
    patient.insured.user = world.user(Role.INSURED)
    patient.insured.save()
    world.diabetes(patient)
    world.act("C")
    world.act("Cs")
    world.act("P1", letter="DP", needs_prior_approval=True)
    issue_activation(user=doctor.user, by="system:test", at=world.NOW)
    issue_software_token(
        provider=doctor.provider, user=doctor.user, software="x", by="system:test", at=world.NOW
    )
    patient.insured.phone = "0612345678"
    present = {"insured": patient.insured, "inpe": shop.provider.inpe, "by": shop.user}
    insured.send_code(**present, at=world.NOW)
    portal_code, _until = insured.issue_portal_code(insured=patient.insured, at=world.NOW)
    insured.check_portal_code(**present, text=portal_code, at=world.NOW)
    medicine = world.medicine()
    prescription = world.prescribe(doctor, world.prescription_document(doctor, patient, [medicine]))
    _warn(doctor, patient)
    prescriptions.ask_prescriber(
        fse_number=prescription.fse_number,
        kind=RequestKind.STOCK,
        body="rupture",
        position=1,
        pharmacy=shop.provider,
        by=shop.user,
        at=world.NOW,
    )
    _write(doctor, patient)
    _print()
    claims = [
        _dispensed_twice_said(shop, prescription, medicine),
        world.submit(doctor, world.care_document(doctor, patient)),
        world.submit(doctor, world.care_document(doctor, patient)),
    ]
    approval = PriorApproval.objects.create(
        insured=patient.insured,
        patient=patient,
        act_code="P1",
        quantity=1,
        period=world.ALWAYS,
        granted_at=world.NOW,
        granted_by="x",
    )
    CountedUse.objects.create(
        patient=patient,
        claim=claims[0],
        n=1,
        position=1,
        kind="APPROVAL",
        insured_id=patient.insured_id,
        approval=approval,
        care_date=world.TODAY,
        amount=1,
    )
    ShownAmount.objects.create(
        claim=claims[0],
        insured=patient.insured,
        position=1,
        shown_centimes=2,
        standing_centimes=1,
        paid_centimes=1,
        causes=["PACK_EXPIRED"],
        is_honoured=False,
        at=world.NOW,
    )
    idempotency.once(
        caller="c", key="k", content={}, at=world.NOW, call=lambda: (201, {"answer": 1})
    )
    outbox.publish("claims.claim.adjudicated", subject_ids=[claims[0].pk], at=world.NOW)
    WaitingClaim.objects.create(claim=claims[2], state="SUBMITTED", bucket=0, since=world.NOW)
    start_run(by="system:test", at=world.NOW)
    screen_claims(subject_ids=[claim.pk for claim in claims], at=world.NOW)
    assert Signal.objects.exists()
    _pay()
    adopted_law()
    _change_accounts(doctor, patient)
    _pack()
    _send(doctor)
    _on_paper(doctor, patient)
    assert Claim.objects.filter(state="PAID").exists()
    _take_back(doctor, patient)
    _suspect(doctor, patient)


def _suspect(doctor: world.Practice, patient: Person) -> None:
    """A rule on and another in shadow, a night, an alarm, and a case of it assigned and decided."""
    one, other = world.user(Role.FRAUD_OFFICER), world.user(Role.FRAUD_OFFICER)
    version = {"rule": "R", "thresholds": {}, "weight_bp": 1, "action": "FLAG", "reason": "essai"}
    written = {**version, "prepared_by": one, "prepared_at": world.NOW}
    RuleVersion.objects.create(
        **written, n=1, state="ON", approved_by=other, valid_from=world.NOW, impact={}
    )
    RuleVersion.objects.create(**written, n=2, state="SHADOW")
    RuleSuspension.objects.create(rule="R", version=1, holds=2, overturned=1, at=world.NOW)
    run = NightRun.objects.create(
        scope="FULL", state="RUNNING", until=world.TODAY, rules={}, started_at=world.NOW
    )
    NightStep.objects.create(run=run, position=1, name="copy")
    RankingAid.objects.create(
        run=run,
        standing="KEPT",
        confirmed=1,
        unfounded=1,
        needed=1,
        sort_bp=1,
        aid_bp=2,
        ranking=[str(doctor.provider.pk)],
        judged_at=world.NOW,
    )
    alarm = Alarm.objects.create(
        run=run,
        rule="R",
        version=1,
        is_shadow=False,
        level="PROVIDER",
        provider=doctor.provider,
        member=patient,
        insured=patient.insured,
        day=world.TODAY,
        strength_bp=1,
        evidence={},
        key="k",
        seen_at=world.NOW,
    )
    case = Case.objects.create(
        number="F1",
        kind="PROVIDER",
        subject=str(doctor.provider.pk),
        state="ASSIGNED",
        score_bp=1,
        amount_centimes=1,
        opened_at=world.NOW,
        seen_at=world.NOW,
        officer=one,
    )
    CaseParty.objects.create(case=case, provider=doctor.provider)
    CaseItem.objects.create(case=case, alarm=alarm, joined_at=world.NOW)
    CaseItem.objects.create(case=case, signal=Signal.objects.first(), joined_at=world.NOW)
    CaseNote.objects.create(case=case, text="n", by=one, at=world.NOW)
    decision = CaseDecision.objects.create(
        case=case, verdict="CONFIRMED", reason="r", by=one, at=world.NOW
    )
    CaseRecovery.objects.create(
        decision=decision,
        claim=Claim.objects.first(),
        insured=patient.insured,
        amount_centimes=1,
        evidence_sha256="0" * 64,
    )


def _warn(doctor: world.Practice, patient: Person) -> None:
    """An edition of interactions, an alert overridden, and one that is overridden too often."""
    CareProfile.objects.create(
        person=patient, insured=patient.insured, pregnant=True, holds_until=world.TODAY
    )
    edition = ThesaurusEdition.objects.create(
        name="T", edition=world.TODAY, source="essai", imported_at=world.NOW
    )
    ThesaurusEntry.objects.create(edition=edition, first="a", second="b", levels=[])
    ThesaurusSubstance.objects.create(edition=edition, name="a", classes=[])
    SafetyAlert.objects.create(
        insured=patient.insured,
        patient=patient,
        provider=doctor.provider,
        author=doctor.user,
        moment="PRESCRIBING",
        key="INTERACTION:a+b",
        shown_on=world.TODAY,
        shown_at=world.NOW,
        answer="OVERRIDDEN",
        reason="BENEFIT",
        answered_at=world.NOW,
    )
    SafetyDemotion.objects.create(
        key="INTERACTION:a+b", since=world.NOW, answered=50, overridden=50, people=10
    )


def _pack() -> None:
    """What a device keeps to work with no network."""
    until = world.NOW + timedelta(days=1)
    Pack.objects.create(made_at=world.NOW, valid_until=until, manifest={})
    PackPart.objects.create(name="law", sha256="0" * 64, content=b"{}", compressed=b"x")


def _send(doctor: world.Practice) -> None:
    """An envelope received, what was strange about it, and the outage it was signed in."""
    device = doctor.device
    DeviceChain.objects.create(device=device, hash=device.kid)
    envelope = Envelope.objects.create(
        id=new_key(),
        device=device,
        sequence=1,
        previous=device.kid,
        hash=device.kid,
        kind="care_claim",
        state="RECEIVED",
        raw=b"{}",
        received_at=world.NOW,
        carried_by=doctor.user,
    )
    Incident.objects.create(
        at=world.NOW, kind="FORK", device=device, envelope=envelope, digest="0" * 64
    )
    Outage.objects.create(
        code="P261120-000001", since=world.NOW, reason="essai", declared_at=world.NOW
    )


def _on_paper(doctor: world.Practice, patient: Person) -> None:
    """A pad, a sheet of it received on paper, its electronic twin."""
    sheet = papers.first_sheet(papers.pad_of(doctor))
    papers.receive(doctor, patient, sheet)
    world.submit(doctor, world.care_document(doctor, patient, fse_number=sheet.fse_number))


def _print() -> None:
    """The code on the paper of a prescription."""
    first = Prescription.objects.order_by("pk").first()
    PrescriptionCode.objects.create(
        prescription=first, insured_id=first.insured_id, text="WRQ1:", received_at=world.NOW
    )


def _write(doctor: world.Practice, patient: Person) -> None:
    """A prepared prescription of a narcotic, signed; a protocol."""
    kept = {"provider": doctor.provider, "by": doctor.user, "at": world.NOW}
    morphine = world.prescribed_line(world.medicine(inn="MORPHINE"), days=7)
    prepared = prescriptions.prepare_prescription(patient=patient, lines=[morphine], **kept)
    document = world.second_document(doctor, patient, [morphine])
    world.prescribe(doctor, document, preparation=prepared.pk)
    prescriptions.write_protocol(key=1, name="Douleur", lines=[morphine], **kept)


def _dispensed_twice_said(shop: world.Practice, prescription: Any, medicine: Any) -> Claim:
    """A dispensing that was prepared, then amended; and another preparation under way."""
    packs = [{"batch": "L1", "expires_on": None, "serial": "S1"}]
    line = world.dispensed_line(1, medicine, 1, outcome="PARTIAL", packs=packs)
    counter = {"fse_number": prescription.fse_number, "pharmacy": shop.provider}
    prescriptions.take_custody(**counter, by=shop.user, at=world.NOW)
    prescriptions.start_preparation(**counter, by=shop.user, at=world.NOW)
    first = world.dispense(shop, world.second_dispensing(shop, prescription, [line]))
    document = world.second_dispensing(
        shop, prescription, [line], replaces=first.dispensing.document_hash
    )
    amended = payments.amend_dispensing(
        claim_id=first.pk,
        pharmacy=shop.provider,
        draft=world.dispensing_draft_of(document),
        signed=shop.sign(document),
        by=shop.user,
        at=world.NOW,
    )
    prescriptions.take_custody(**counter, by=shop.user, at=world.NOW)
    prescriptions.start_preparation(**counter, by=shop.user, at=world.NOW)
    return amended.claim


def _pay() -> None:
    payer, other = world.user(Role.PAYMENT_OFFICER), world.user(Role.PAYMENT_OFFICER)
    batch = payments.freeze_batch(by=payer, at=world.NOW)
    payments.approve_batch(batch=batch, by=other, at=world.NOW)
    transfers = payments.export_batch(batch=batch, by=payer, at=world.NOW)
    answer = demo_bank_answer(transfers, at=world.NOW)
    payments.read_bank_answer(content=answer, by=payer, at=world.NOW)


# Another act than before: the same care again would be held.
_LINES = [
    {
        "position": 1,
        "act": "Cs",
        "quantity": 1,
        "charged": "150.00",
        "care_date": world.TODAY.isoformat(),
        "illness": None,
    }
]


def _take_back(doctor: world.Practice, patient: Any) -> None:
    """A paid claim reversed, its debt netted in a batch of a payment day, what is left given up."""
    asker, other = world.user(Role.AGENT), world.user(Role.AGENT)
    payer, second = world.user(Role.PAYMENT_OFFICER), world.user(Role.PAYMENT_OFFICER)
    paid = Claim.objects.filter(state="PAID", third_party_payment=False).earliest("id")
    reversal = payments.ask_reversal(
        claim_id=paid.pk,
        grounds=payments.Grounds("BILLED_TWICE", "déjà payé", "PV 1", "a" * 64),
        by=asker,
        at=world.NOW,
    )
    payments.confirm_reversal(reversal_id=reversal.pk, by=other, at=world.NOW)
    payments.agree_plan(
        undue_id=reversal.undue.pk,
        share_bp=1_000,
        first_date=world.TODAY,
        agreement="lettre",
        by=payer,
        at=world.NOW,
    )
    due = world.submit(doctor, world.care_document(doctor, patient, lines=_LINES))
    screen_claims(subject_ids=[due.pk], at=world.NOW)
    due.refresh_from_db()
    assert due.state == "APPROVED"
    day = PaymentDay.objects.create(day=world.TODAY, payees="BOTH", cut_off=world.NOW)
    batch = payments.freeze_batch(by=payer, at=world.NOW, payment_day=day)
    payments.approve_batch(batch=batch, by=second, at=world.NOW)
    payments.export_batch(batch=batch, by=payer, at=world.NOW)
    PaymentRepair.objects.create(
        order=batch.orders.first(), state="OPEN", opened_at=world.NOW, since=world.NOW
    )
    payments.ask_giving_up(undue_id=reversal.undue.pk, reason="décès", by=payer, at=world.NOW)
    payments.confirm_giving_up(undue_id=reversal.undue.pk, by=second, at=world.NOW)


def _change_accounts(doctor: world.Practice, patient: Person) -> None:
    """A change applied for each kind of payee, then one asked for each."""
    agents = world.user(Role.AGENT), world.user(Role.AGENT)
    later = world.NOW + timedelta(days=30)
    for payee, n in (
        (Payee(PayeeKind.INSURED, patient.insured_id), 901),
        (Payee(PayeeKind.PROVIDER, doctor.provider.pk), 903),
    ):
        asked = {"payee": payee, "holder": "T", "document_reference": "P", "by": agents[0]}
        change = payments.request_change(rib=world.rib(n), at=world.NOW, **asked)
        payments.confirm_change(change=change, by=agents[1], at=world.NOW)
        assert payments.settle_changes(at=later) == 1
        payments.request_change(rib=world.rib(n + 1), at=later, **asked)


def test_every_check_constraint_has_its_violation() -> None:
    assert {name for _model, name in CHECKS} == set(BREAKS)


@pytest.mark.parametrize(("model", "name"), CHECKS, ids=lambda each: str(each))
def test_a_check_constraint(country, model, name) -> None:
    refused(f'UPDATE "{model._meta.db_table}" SET {BREAKS[name]}', name)


@pytest.mark.parametrize(("model", "name"), NO_TWINS, ids=lambda each: str(each))
def test_no_twin_row(country, model, name) -> None:
    refused(copy_of(model, keep=name), name)


@pytest.mark.parametrize(("model", "column"), UNIQUE_COLUMNS, ids=lambda each: str(each))
def test_a_unique_column(country, model, column) -> None:
    refused(copy_of(model, keep=column), f"Key ({column})=")


def copy_of(model: type[models.Model], keep: str = "") -> str:
    """Insert the newest row again under another key; unique columns but `keep` get other values."""
    changes: dict[str, Any] = {**_another_key(model), **OTHERWISE.get(keep, {})}
    for field in model._meta.fields:
        if field.unique and not field.primary_key and field.column not in (keep, *changes):
            length = 0 if field.is_relation else field.max_length or 9
            changes[field.column] = None if field.null else str(new_key())[-length:]
    table, new = model._meta.db_table, json.dumps(changes)
    where = (
        f'WHERE "{keep}" IS NOT NULL'
        if keep in {each.column for each in model._meta.fields}
        else f"WHERE {AMONG[keep]}"
        if keep in AMONG
        else ""
    )
    return (
        f"INSERT INTO \"{table}\" SELECT (jsonb_populate_record(r, '{new}'::jsonb)).*"
        f' FROM "{table}" r {where} ORDER BY r.{_key_of(model)} DESC LIMIT 1'
    )


def _key_of(model: type[models.Model]) -> str:
    """The column of the key; of a composite one, its first."""
    return getattr(model._meta.pk, "column", None) or "id"


def _another_key(model: type[models.Model]) -> dict[str, Any]:
    key = model._meta.pk
    return {_key_of(model): 7 if isinstance(key, models.BigIntegerField) else str(new_key())}


def refused(statement: str, words: str) -> None:
    """Run a statement that must break `words`; `replica` makes the append-only triggers step aside."""
    with (
        pytest.raises(IntegrityError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
    assert words in str(caught.value)
