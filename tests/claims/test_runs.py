"""The queue and its runs: many claims at once are judged exactly as one by one."""

import shutil
import threading
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from claims import selectors, services
from claims.adjudication.legislation.loader import LEGISLATION
from claims.models import (
    Act,
    CareSheet,
    Claim,
    ClaimLine,
    CountedUse,
    Decision,
    LineDecision,
    PriorApproval,
    Run,
    WaitingClaim,
)
from claims.permissions import RunNotYours
from claims.services import QueueEmpty, RunUnderWay
from claims.tasks import judge_queue
from core import locks, outbox
from core.models import OutboxMessage
from core.tasks import relay
from core.transitions import TransitionRefused, moves_of
from prescriptions.models import MedicinePrice
from tests import world

pytestmark = pytest.mark.django_db

NOW = world.NOW
BY = "system:test"
# Act, quantity, charged in centimes, days before the claim: every rule that uses something up is met.
SHEETS = [
    [("C", 1, 20000, 1), ("K1", 1, 50000, 1), ("K2", 1, 40000, 1)],
    [("DP", 1, 250000, 2)],
    [("DP", 2, 450000, 3), ("FRAME", 1, 60000, 3)],
    [("FRAME", 1, 60000, 2), ("PA", 1, 30000, 4)],
    [("PA", 2, 60000, 2)],
    [("C", 1, 5000, 90)],
]


@pytest.fixture
def doctor() -> world.Practice:
    world.act("C")
    world.act("K1", letter="K", coefficient=1500)
    world.act("K2", letter="Kc", coefficient=1000)
    world.act("DP", letter="DP", coefficient=20000, ceiling="dental_prosthesis")
    world.act(
        "FRAME", letter="", coefficient=None, flat_tariff_centimes=40000, frequency="optical_frame"
    )
    world.act("PA", letter="Z", coefficient=1000, needs_prior_approval=True)
    world.act(
        "PF", letter="Z", coefficient=1000, needs_prior_approval=True, frequency="optical_frame"
    )
    return world.practice()


def family() -> Any:
    patient = world.person()
    world.diabetes(patient)
    PriorApproval.objects.create(
        insured=patient.insured,
        patient=patient,
        act_code="PA",
        quantity=2,
        period=world.ALWAYS,
        granted_at=NOW,
        granted_by="x",
    )
    return patient


def filed(doctor: world.Practice, patient: Any, sheet: list, order: int, *, queued: bool) -> Claim:
    """A claim received and not judged; in the queue, if so said."""
    at = NOW + timedelta(seconds=order)
    claim = Claim.objects.create(
        sheet=CareSheet.objects.create(
            fse_number=doctor.mint(), insured=patient.insured, patient=patient, opened_at=at
        ),
        insured=patient.insured,
        patient=patient,
        provider=doctor.provider,
        kind="CARE",
        state="SUBMITTED",
        author=doctor.user,
        device=doctor.device,
        third_party_payment=False,
        received_at=at,
        received_date=world.TODAY,
        charged_centimes=sum(charged for _code, _n, charged, _days in sheet),
    )
    ClaimLine.objects.bulk_create(
        ClaimLine(
            claim=claim,
            insured=patient.insured,
            patient=patient,
            provider=doctor.provider,
            position=position,
            kind="ACT",
            act=Act.objects.get(code=code),
            quantity=quantity,
            charged_centimes=charged,
            care_date=world.TODAY - timedelta(days=days),
            illness_code="E11" if position == 1 else "",
        )
        for position, (code, quantity, charged, days) in enumerate(sheet, start=1)
    )
    if queued:
        WaitingClaim.objects.create(
            claim=claim, state="SUBMITTED", bucket=locks.bucket_of(patient.insured_id), since=at
        )
    return claim


def told(claim: Claim) -> list[Any]:
    """Everything that was decided of a claim, keys aside."""
    decision = Decision.objects.get(claim=claim)
    lines = LineDecision.objects.filter(decision=decision).order_by("position")
    uses = CountedUse.objects.filter(claim=claim).order_by("position", "kind")
    return [
        decision.outcome,
        decision.reimbursed_centimes,
        [
            (row.tariff_centimes, row.base_centimes, row.rate_bp, row.reimbursed_centimes)
            for row in lines
        ],
        [(row.reasons, row.is_denied, row.steps) for row in lines],
        [(use.position, use.kind, use.name, use.care_date, use.amount) for use in uses],
        [move.to_state for move in moves_of(claim)],
    ]


def run_all() -> None:
    services.start_run(by=BY, at=NOW)
    relay()
    services.close_runs(at=NOW)


def queue(doctor: world.Practice, claims: int) -> list[Claim]:
    return [
        filed(doctor, family(), SHEETS[index % len(SHEETS)], index, queued=True)
        for index in range(claims)
    ]


def test_a_run_decides_what_the_single_path_decides(doctor) -> None:
    alone, together = [], []
    for number in range(8):
        one, other = family(), family()
        for order, sheet in enumerate(SHEETS):
            alone.append(filed(doctor, one, sheet, 10 * number + order, queued=False))
            together.append(filed(doctor, other, sheet, 10 * number + order, queued=True))
    for claim in alone:
        services.adjudicate_claims([claim], by=BY, at=NOW)

    run_all()

    assert [told(claim) for claim in together] == [told(claim) for claim in alone]
    reasons = {reason for row in LineDecision.objects.all() for reason in row.reasons}
    assert {
        "CEILING_REACHED",
        "FREQUENCY_EXCEEDED",
        "PRIOR_APPROVAL_MISSING",
        "SECOND_ACT_HALVED",
        "FILED_LATE",
    } <= reasons
    assert not WaitingClaim.objects.filter(state="SUBMITTED").exists()
    (run,) = Run.objects.all()
    assert (run.state, run.total, run.ended_at) == ("DONE", len(together), NOW)


def test_a_denied_claim_of_a_batch_uses_nothing_up(doctor) -> None:
    """The second sheet takes the approval and is denied by the frequency: the third one may take it."""
    sheets = [[("FRAME", 1, 60000, 2)], [("PF", 1, 9000, 1)], [("PF", 1, 9000, 5)]]
    one, other = family(), family()
    for patient in (one, other):
        PriorApproval.objects.create(
            insured=patient.insured,
            patient=patient,
            act_code="PF",
            quantity=1,
            period=world.ALWAYS,
            granted_at=NOW,
            granted_by="x",
        )
    alone = [filed(doctor, one, sheet, n, queued=False) for n, sheet in enumerate(sheets)]
    together = [filed(doctor, other, sheet, n, queued=True) for n, sheet in enumerate(sheets)]
    for claim in alone:
        services.adjudicate_claims([claim], by=BY, at=NOW)

    run_all()

    assert [told(claim)[0] for claim in alone] == ["approved", "denied", "approved"]
    assert [told(claim) for claim in together] == [told(claim) for claim in alone]


@pytest.mark.parametrize("claims", [1, 120])
def test_a_batch_costs_fourteen_statements_at_most_whatever_its_size(doctor, claims) -> None:
    queue(doctor, 3)
    run_all()
    queue(doctor, claims)
    services.start_run(by=BY, at=NOW)
    (messages,) = [outbox.take(at=NOW, limit=2000)]
    OutboxMessage.objects.exclude(id__in=[each.id for each in messages]).delete()
    messages = [each for each in messages if each.kind == "claims.claim.queued"]

    with CaptureQueriesContext(connection) as captured:
        outbox.deliver(messages, at=NOW)

    spoken = [sql for each in captured if "SAVEPOINT" not in (sql := str(each["sql"]))]
    # The law's version is written once a process, and looked for until that is committed.
    assert len([sql for sql in spoken if "claims_lawversion" not in sql]) <= 14
    assert not WaitingClaim.objects.filter(state="SUBMITTED").exists()


def test_an_empty_queue_is_not_run() -> None:
    with pytest.raises(QueueEmpty):
        services.start_run(by=BY, at=NOW)
    assert not Run.objects.exists()


def test_only_who_conducts_runs_starts_one(doctor) -> None:
    queue(doctor, 1)
    before = world.rows_everywhere()
    stranger = world.user(Role.AUDITOR)
    before["accounts.User"] += 1

    with pytest.raises(RunNotYours):
        services.start_run(by=stranger, at=NOW)

    assert world.rows_everywhere() == before
    assert services.start_run(by=world.user(Role.AGENT), at=NOW).total == 1


def test_one_run_at_a_time(doctor) -> None:
    queue(doctor, 1)
    services.start_run(by=BY, at=NOW)

    with pytest.raises(RunUnderWay), transaction.atomic():
        services.start_run(by=BY, at=NOW)


def test_a_paused_run_judges_nothing_until_it_is_resumed(doctor) -> None:
    claims = queue(doctor, 4)
    run = services.start_run(by=BY, at=NOW)
    services.pause_run(run=run, by=BY, at=NOW)

    relay()
    assert not Decision.objects.exists()
    assert selectors.run_progress(run).left == 4

    services.resume_run(run=run, by=BY, at=NOW)
    relay()
    assert Decision.objects.count() == len(claims)
    assert selectors.run_progress(run).done == 4


def test_a_cancelled_run_leaves_the_rest_in_the_queue_for_another(doctor) -> None:
    queue(doctor, 3)
    run = services.start_run(by=BY, at=NOW)
    services.cancel_run(run=run, by=BY, at=NOW)
    relay()

    assert not Decision.objects.exists()
    assert WaitingClaim.objects.filter(state="SUBMITTED", run=None).count() == 3
    with pytest.raises(TransitionRefused):
        services.resume_run(run=run, by=BY, at=NOW)
    run_all()
    assert Decision.objects.count() == 3


def test_a_message_delivered_twice_judges_once(doctor) -> None:
    queue(doctor, 2)
    services.start_run(by=BY, at=NOW)
    (message,) = OutboxMessage.objects.filter(kind="claims.claim.queued")

    services.adjudicate_queued(subject_ids=message.subject_ids, at=NOW)
    services.adjudicate_queued(subject_ids=message.subject_ids, at=NOW)

    assert Decision.objects.count() == 2


@pytest.mark.parametrize("neighbours", [1, 30])
def test_one_unreadable_claim_is_set_aside_and_its_neighbours_are_judged(
    doctor, neighbours
) -> None:
    """Of thirty, the lines are with the database while the next claims are judged."""
    bad, *good = queue(doctor, neighbours + 1)
    pill = world.medicine()
    ClaimLine.objects.filter(claim=bad, position=1).update(kind="MEDICINE", act=None, medicine=pill)
    prices = list(MedicinePrice.objects.filter(medicine=pill))
    MedicinePrice.objects.filter(medicine=pill).update(
        period=DateRange(world.TODAY + timedelta(days=1), None)
    )

    run_all()

    judged = Decision.objects.values_list("claim_id", flat=True)
    assert set(judged) == {claim.pk for claim in good}
    assert LineDecision.objects.count() == ClaimLine.objects.filter(claim__in=good).count()
    aside = WaitingClaim.objects.get(claim=bad)
    assert aside.error.startswith("LookupError: line 1: no price on ")
    (run,) = Run.objects.all()
    progress = selectors.run_progress(run)
    assert (run.state, progress.done, progress.set_aside, progress.left) == (
        "DONE",
        neighbours,
        1,
        0,
    )

    MedicinePrice.objects.filter(medicine=pill).update(period=prices[0].period)
    run_all()
    assert Decision.objects.filter(claim=bad).exists()


def test_a_medicine_without_any_price_sets_its_claim_aside_among_many(doctor) -> None:
    bad, *good = queue(doctor, 31)
    pill = world.medicine()
    MedicinePrice.objects.filter(medicine=pill).delete()
    ClaimLine.objects.filter(claim=bad, position=1).update(kind="MEDICINE", act=None, medicine=pill)

    run_all()

    assert Decision.objects.count() == len(good)
    assert WaitingClaim.objects.get(claim=bad).error.startswith("KeyError: ")


def test_a_day_without_law_sets_the_claim_aside_and_the_mended_law_judges_it(
    doctor, settings, tmp_path
) -> None:
    """The folder has a value of C from 2027 on only: no value on the day of the care is NO_TARIFF; a rate
    that begins later is a gap."""
    folder = tmp_path / "law"
    shutil.copytree(LEGISLATION, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    rate = folder / "rates" / "standard_act.yaml"
    text = rate.read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if line.strip()[:4].isdigit())
    rate.write_text(text.replace(first.strip(), "2027-01-01:"), encoding="utf-8")
    (claim,) = queue(doctor, 1)
    settings.LAW_DIR = str(folder)

    run_all()
    assert "rates.standard_act" in WaitingClaim.objects.get(claim=claim).error
    assert not Decision.objects.exists()

    settings.LAW_DIR = ""
    run_all()
    assert Decision.objects.get().claim_id == claim.pk


def test_a_price_list_replaced_in_mid_run_serves_the_next_batch(doctor) -> None:
    first, second = queue(doctor, 2)
    run = services.start_run(by=BY, at=NOW)
    services.adjudicate_queued(subject_ids=[first.pk], at=NOW)
    Act.objects.filter(code="C").update(flat_tariff_centimes=9000)
    ClaimLine.objects.filter(claim=second).update(act=Act.objects.get(code="C"))
    services.adjudicate_queued(subject_ids=[second.pk], at=NOW)

    tariffs = {
        row.decision.claim_id: row.tariff_centimes
        for row in LineDecision.objects.filter(position=1).select_related("decision")
    }
    assert tariffs == {first.pk: 8000, second.pk: 9000}
    assert selectors.run_progress(run).done == 2


def test_the_clock_starts_a_run_when_claims_wait_and_ends_it(doctor) -> None:
    queue(doctor, 2)

    judge_queue()
    relay()
    judge_queue()

    assert [run.state for run in Run.objects.all()] == ["DONE"]
    assert Decision.objects.count() == 2


def test_the_command_judges_here_and_says_what_was_set_aside(doctor) -> None:
    queue(doctor, 3)
    call_command("adjudicate_queue", here=True, stdout=StringIO())
    assert Decision.objects.count() == 3

    with pytest.raises(CommandError, match="QUEUE_EMPTY"):
        call_command("adjudicate_queue", stdout=StringIO())
    with pytest.raises(CommandError, match="Aucune liquidation"):
        call_command("adjudicate_queue", "--pause", stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_a_request_waits_for_the_batch_that_holds_its_person() -> None:
    patient = world.person()
    order: list[str] = []
    held, go = threading.Event(), threading.Event()

    def batch() -> None:
        with transaction.atomic():
            locks.hold_buckets([locks.bucket_of(patient.insured_id)])
            held.set()
            go.wait(5)
            order.append("batch")
        connection.close()

    def request() -> None:
        held.wait(5)
        with transaction.atomic():
            locks.hold(patient.insured_id)
            order.append("request")
        connection.close()

    threads = [threading.Thread(target=each) for each in (batch, request)]
    for thread in threads:
        thread.start()
    held.wait(5)
    threading.Timer(0.2, go.set).start()
    for thread in threads:
        thread.join()

    assert order == ["batch", "request"]
