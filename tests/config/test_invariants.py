"""Each invariant holds after a whole road, and sees the one violation that is planted for it."""

import json
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from claims.models import Claim
from config.invariants import checking
from config.invariants.catalogue import INVARIANTS
from config.invariants.parameters import append_only_tables, present_states
from config.tasks import check_invariants
from core import idempotency
from core.tasks import relay
from payments import services as payments
from payments.gateways.demo_bank import demo_bank_answer
from prescriptions.services import take_custody
from tests import world
from tests.office.conftest import with_second_factor

pytestmark = pytest.mark.django_db

NOW = world.NOW


@pytest.fixture(autouse=True)
def on_that_day(settings) -> None:
    """Nightly runs read the clock: it says the day of the tests' world."""
    settings.CLOCK_OFFSET_SECONDS = (NOW - timezone.now()).total_seconds()


@pytest.fixture
def road() -> dict[str, Any]:
    """Claims paid, returned and waiting, a ceiling in use, a prescription handed over in part."""
    world.act("C")
    world.act("SPR", letter="D", coefficient=1000, ceiling="dental_prosthesis")
    doctor, shop = world.practice(), world.pharmacy()
    patient, other = world.person(), world.person()
    claims = [world.submit(doctor, _care(doctor, patient, days)) for days in (1, 2)]
    claims += [world.submit(doctor, _care(doctor, other, 3))]
    claims += [world.submit(doctor, _care(doctor, other, days, "SPR")) for days in (4, 5)]
    box = world.medicine()
    prescription = world.prescribe(doctor, world.prescription_document(doctor, patient, [box]))
    take_custody(fse_number=prescription.fse_number, pharmacy=shop.provider, by=shop.user, at=NOW)
    world.dispense(shop, world.dispensing_document(shop, prescription, [(1, box, 1, "75.00")]))
    relay()
    _pay()
    waiting = world.submit(doctor, _care(doctor, patient, 6))
    idempotency.once(
        caller="software:1",
        key="receipt-1",
        content={},
        at=NOW,
        call=lambda: (
            201,
            {"id": str(waiting.pk), "document_hash": waiting.signed.document_hash, "decision": {}},
        ),
    )
    return {"claims": claims, "waiting": waiting, "prescription": prescription, "doctor": doctor}


def _care(doctor: world.Practice, patient: Any, days: int, act: str = "C") -> dict[str, Any]:
    day = (world.TODAY - timedelta(days=days)).isoformat()
    line = {"position": 1, "act": act, "quantity": 1, "charged": "200.00", "care_date": day}
    return world.care_document(doctor, patient, lines=[{**line, "illness": None}])


def _pay() -> None:
    preparer, approver = world.user(Role.PAYMENT_OFFICER), world.user(Role.PAYMENT_OFFICER)
    batch = payments.freeze_batch(by=preparer, at=NOW)
    payments.approve_batch(batch=batch, by=approver, at=NOW)
    file = payments.export_batch(batch=batch, by=approver, at=NOW)
    answer = demo_bank_answer(file, at=NOW, returned=[f"{batch.number}-00001"])
    payments.read_bank_answer(content=answer, by=preparer, at=NOW)


def broken() -> list[str]:
    return [each.invariant.id for each in checking.check(at=NOW) if not each.holds]


def plant(statement: str, *values: Any) -> None:
    """Write what every wall refuses: triggers and foreign keys stand aside for this statement."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        changed = cursor.rowcount
        cursor.execute("SET session_replication_role = origin")
    assert changed != 0, "the planted violation changed nothing"


def test_all_hold_after_a_whole_road(road) -> None:
    states = set(Claim.objects.values_list("state", flat=True))

    assert states == {"PAID", "PAYMENT_FAILED", "ADJUDICATED"}
    assert broken() == []


def test_one_claim_paid_twice(road) -> None:
    plant("DROP INDEX a_claim_is_paid_once")
    first, second = road["claims"][:2]
    assert first.reimbursed_centimes == second.reimbursed_centimes
    plant(
        "UPDATE payments_orderclaim SET is_live = true, claim_id = %s WHERE claim_id IN (%s, %s)",
        first.pk,
        first.pk,
        second.pk,
    )

    assert broken() == ["I1"]


PLANTED = {
    "I2": "UPDATE payments_ledgerentry SET amount_centimes = amount_centimes + 1"
    " WHERE id = (SELECT max(id::text)::uuid FROM payments_ledgerentry WHERE account = 'BENEFITS')",
    "I3": "UPDATE claims_claim SET reimbursed_centimes = reimbursed_centimes - 1 WHERE state = 'PAID'",
    "I4": "ALTER TABLE fraud_signal DISABLE TRIGGER no_change",
    "I5": "UPDATE claims_claim SET state = 'IN_REVIEW' WHERE state = 'ADJUDICATED'",
    "I6": "UPDATE payments_paymentbatch SET control_sum_centimes = control_sum_centimes + 1",
    "I7": "UPDATE claims_linedecision SET base_centimes = 200000, reimbursed_centimes = 200000"
    " WHERE line_id IN (SELECT line.id FROM claims_claimline line JOIN claims_act act"
    " ON act.id = line.act_id WHERE act.ceiling = 'dental_prosthesis')",
    "I8": "DELETE FROM core_outboxmessage WHERE done_at IS NULL",
    "I9": """UPDATE core_idempotentcall SET answer = answer || '{"document_hash": "another"}'""",
    "I10": "UPDATE prescriptions_dispenseditem SET boxes = boxes + 1",
    "I12": "UPDATE core_transition SET at = at - interval '1 year' WHERE subject_id IN"
    " (SELECT id FROM claims_claim WHERE state = 'ADJUDICATED')",
}


@pytest.mark.parametrize("invariant", PLANTED)
def test_a_planted_violation_is_seen_by_its_invariant_alone(road, invariant) -> None:
    plant(PLANTED[invariant])

    assert broken() == [invariant]


def test_two_pharmacies_hold_one_prescription(road) -> None:
    stranger = world.pharmacy()
    for minutes, shop in ((0, world.pharmacy()), (5, stranger)):
        plant(
            "INSERT INTO core_auditevent (id, at, actor, action, subject_type, subject_id, after)"
            " VALUES (gen_random_uuid(), %s, 'x', 'prescriptions.custody.taken', 'x', %s, %s)",
            NOW + timedelta(hours=1, minutes=minutes),
            str(road["prescription"].pk),
            json.dumps({"provider": shop.provider.inpe}),
        )

    assert broken() == ["I11"]


def test_every_invariant_has_its_violation() -> None:
    assert {each.id for each in INVARIANTS} == {*PLANTED, "I1", "I11"}


def test_a_lock_missing_on_one_partition_is_seen(road) -> None:
    plant("DROP TRIGGER no_truncate ON core_transition_default")

    (found,) = (each for each in checking.check(at=NOW) if not each.holds)
    assert found.keys == ("core_transition_default no_truncate",)


def test_every_machine_and_every_locked_table_is_looked_at() -> None:
    assert {"'claim', id", "'payment_order', id", "'device', id"} <= set(
        re.findall(r"'\w+', id", present_states())
    )
    assert {"core_auditevent", "claims_decision", "payments_posting"} <= append_only_tables()


def test_the_command_says_what_is_broken_and_never_whose(road) -> None:
    call_command("check_invariants", stdout=(sound := StringIO()))
    plant(PLANTED["I5"])
    with pytest.raises(SystemExit) as end:
        call_command("check_invariants", "--json", stdout=(told := StringIO()))

    assert sound.getvalue().count("ok") == len(INVARIANTS)
    assert end.value.code == 1
    report = json.loads(told.getvalue())
    assert report["I5"] == {"rows": 1, "keys": [f"claim {road['waiting'].pk}"]}
    assert "Amellal" not in told.getvalue()


def test_the_nightly_run_is_kept(road) -> None:
    assert check_invariants() == 0
    last = checking.last_run()

    assert last is not None
    assert last.after == {each.id: 0 for each in INVARIANTS}


@pytest.mark.parametrize(
    ("violation", "said"), [(None, "Tout est juste."), ("I5", "1 règle est rompue.")]
)
def test_the_back_office_shows_the_last_run(road, client, violation, said) -> None:
    client.force_login(
        with_second_factor(world.user(Role.AUDITOR)), backend="accounts.backends.AccountBackend"
    )
    before = client.get(reverse("admin:invariants")).content.decode()
    if violation:
        plant(PLANTED[violation])
    check_invariants()

    page = client.get(reverse("admin:invariants")).content.decode()
    desk = client.get(reverse("admin:index")).content.decode()

    assert "Aucune vérification n’a encore eu lieu." in before
    assert said in page
    assert "Vérifications de la nuit" in desk
