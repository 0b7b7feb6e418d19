"""Returned transfers as files to repair: who has the ball, what an officer decides, how they end."""

from datetime import timedelta

import pytest

from core.models import AuditEvent, Transition
from core.transitions import TransitionRefused
from payments import selectors, services
from payments.gateways.demo_bank import demo_bank_answer
from payments.gateways.return_reasons import RETURN_REASONS, Ball, code_in, reason_of
from payments.models import PaymentBatch, PaymentRepair
from payments.presenters.repairs import shown_repair, told_to_payee
from payments.selectors.repairs import repair_of_claim, repairs_chosen, repairs_visible_to
from payments.states import REPAIR_MACHINE, RepairState
from tests import world
from tests.payments.test_answers import ANSWERED, Sent, new_account
from tests.payments.test_batches import refused, states

LATER = ANSWERED + timedelta(days=3)
pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(preparer, approver) -> Sent:
    made = Sent(preparer, approver)
    made.approver = approver
    return made


def returned(sent: Sent, reason: str = "AC04", words: str = "Compte clos") -> PaymentRepair:
    """Said's transfer comes back."""
    sent.read(sent.answer(sent.said, reason=reason, words=words))
    return PaymentRepair.objects.get()


def next_batch(sent: Sent, *, back: bool = False) -> PaymentBatch:
    """Pay what waits once more; the transfer comes back again, or not."""
    batch = services.freeze_batch(by=sent.by, at=LATER)
    services.approve_batch(batch=batch, by=sent.approver, at=LATER)
    file = services.export_batch(batch=batch, by=sent.approver, at=LATER)
    references = [f"{batch.number}-00001"] if back else []
    sent.read(demo_bank_answer(file, at=LATER, returned=references), at=LATER)
    return batch


def holder_of(repair: PaymentRepair) -> str:
    repair.refresh_from_db()
    return str(shown_repair(repair, today=LATER.date())["holding"].who)


def test_a_closed_account_waits_for_the_payee(sent: Sent) -> None:
    repair = returned(sent)

    assert (repair.state, repair.code, repair.opened_at, repair.since) == (
        "WAITING_PAYEE",
        "AC04",
        ANSWERED,
        ANSWERED,
    )
    assert repair.order == sent.order_of(sent.said)
    moves = Transition.objects.filter(subject_id=repair.id).order_by("id")
    assert [move.to_state for move in moves] == ["OPEN", "WAITING_PAYEE"]
    assert holder_of(repair) == "payee"
    assert repair_of_claim(sent.said.id) == repair
    assert repair_of_claim(sent.amina.id) is None


@pytest.mark.parametrize(
    ("reason", "code"), [("MS03", "MS03"), ("AM05", "AM05"), ("ZZ99", ""), ("MD07", "MD07")]
)
def test_what_is_not_the_payee_s_fault_waits_for_an_officer(
    reason: str, code: str, sent: Sent
) -> None:
    repair = returned(sent, reason=reason)

    assert (repair.state, repair.code) == ("OPEN", code)
    assert holder_of(repair) == "office"


def test_a_repair_closes_by_itself_with_the_transfer_that_pays(sent: Sent) -> None:
    repair = returned(sent)
    new_account(sent.said)
    assert holder_of(repair) == "office"

    batch = next_batch(sent)

    repair.refresh_from_db()
    assert (repair.state, repair.since, repair.next_order.batch) == ("REPAIRED", LATER, batch)
    assert holder_of(repair) == ""
    assert repair_of_claim(sent.said.id) is None


def test_the_ball_follows_the_new_transfer(sent: Sent) -> None:
    repair = returned(sent)
    new_account(sent.said)

    batch = services.freeze_batch(by=sent.by, at=LATER)
    assert holder_of(repair) == "office"
    services.approve_batch(batch=batch, by=sent.approver, at=LATER)
    services.export_batch(batch=batch, by=sent.approver, at=LATER)

    shown = shown_repair(repair, today=LATER.date())
    assert (shown["holding"].who, shown["holding"].since) == ("bank", LATER)
    assert batch.number in shown["holding"].awaited
    assert [order.batch for order in shown["later"]] == [batch]
    assert [row.claim for row in shown["claims"]] == [sent.said]


def test_an_officer_confirms_the_same_account_and_it_is_paid_again(sent: Sent) -> None:
    repair = returned(sent, reason="MS03", words="")
    with pytest.raises(services.NothingToPay):
        services.freeze_batch(by=sent.by, at=LATER)

    services.retry_same_account(
        repairs=[repair], by=sent.by, at=LATER, reason=" la banque était en panne "
    )

    repair.refresh_from_db()
    assert (repair.state, repair.since) == ("RETRYING", LATER)
    audited = AuditEvent.objects.get(action="payments.repair.retried")
    assert (audited.before, audited.after) == (
        {"state": "OPEN"},
        {"state": "RETRYING", "reason": "la banque était en panne"},
    )
    assert selectors.claims_left_out(LATER) == []
    next_batch(sent)
    repair.refresh_from_db()
    assert (repair.state, states(sent.said)) == ("REPAIRED", ["PAID"])


def test_a_second_return_replaces_the_first_and_forgets_the_confirmation(sent: Sent) -> None:
    first = returned(sent, reason="MS03")
    services.retry_same_account(repairs=[first], by=sent.by, at=LATER, reason="panne")

    next_batch(sent, back=True)

    first.refresh_from_db()
    second = PaymentRepair.objects.exclude(id=first.id).get()
    assert (first.state, first.next_order) == ("REPLACED", second.order)
    assert second.state == "WAITING_PAYEE"
    left = selectors.claims_left_out(LATER)
    assert [(each.claim, each.reason) for each in left] == [(sent.said, "ACCOUNT_UNCHANGED")]
    services.retry_same_account(repairs=[second], by=sent.by, at=LATER, reason="confirmé")
    assert selectors.claims_left_out(LATER) == []


def test_a_cancelled_second_try_keeps_the_file_open(sent: Sent) -> None:
    repair = returned(sent)
    new_account(sent.said)
    batch = services.freeze_batch(by=sent.by, at=LATER)

    services.cancel_batch(batch=batch, by=sent.by, at=LATER, reason="erreur")

    assert holder_of(repair) == "office"
    assert repair.state == "WAITING_PAYEE"


def test_several_files_are_decided_at_once_or_none(sent: Sent, everything) -> None:
    sent.read(sent.answer(sent.said, sent.amina, reason="MS03"))
    repairs = list(PaymentRepair.objects.order_by("id"))
    services.wait_for_payee(repairs=repairs, by=sent.by, at=LATER, reason="deux pannes de suite")
    assert {each.state for each in PaymentRepair.objects.all()} == {"WAITING_PAYEE"}

    services.retry_same_account(repairs=repairs[:1], by=sent.by, at=LATER, reason="confirmé")
    error = refused(
        TransitionRefused,
        lambda: services.retry_same_account(
            repairs=repairs, by=sent.by, at=LATER, reason="confirmé"
        ),
        everything,
    )

    assert error.code == "TRANSITION_REFUSED"


ALLOWED = {
    ("OPEN", "RETRYING"),
    ("OPEN", "WAITING_PAYEE"),
    ("WAITING_PAYEE", "RETRYING"),
    ("RETRYING", "WAITING_PAYEE"),
}


@pytest.mark.parametrize("target", ["RETRYING", "WAITING_PAYEE"])
@pytest.mark.parametrize("state", RepairState.values)
def test_every_decision_in_every_state(state: str, target: str, sent: Sent, everything) -> None:
    repair = returned(sent)
    next_order = repair.order if not REPAIR_MACHINE.transitions[RepairState(state)] else None
    PaymentRepair.objects.update(state=state, next_order=next_order)
    decide = {"RETRYING": services.retry_same_account, "WAITING_PAYEE": services.wait_for_payee}

    def call() -> None:
        decide[target](repairs=[repair], by=sent.by, at=LATER, reason="essai")

    if (state, target) in ALLOWED:
        call()
        repair.refresh_from_db()
        assert (repair.state, repair.since) == (target, LATER)
    else:
        refused(TransitionRefused, call, everything)


def test_a_decision_needs_an_officer_a_reason_and_a_file(sent: Sent, everything) -> None:
    repair = returned(sent)
    agent = world.user(world.Role.AGENT)

    for error, repairs, by, reason in (
        (services.NotAPaymentOfficer, [repair], agent, "essai"),
        (services.RepairReasonMissing, [repair], sent.by, "  "),
        (services.NoRepairChosen, [], sent.by, "essai"),
    ):
        refused(
            error,
            lambda repairs=repairs, by=by, reason=reason: services.retry_same_account(
                repairs=repairs, by=by, at=LATER, reason=reason
            ),
            everything,
        )


def test_only_the_payments_office_sees_the_files(sent: Sent) -> None:
    repair = returned(sent)

    for role in world.Role:
        seen = list(repairs_visible_to(world.user(role)))
        expected = [repair] if role in {"PAYMENT_OFFICER", "AUDITOR"} else []
        assert seen == expected, role
    assert repairs_chosen(sent.by, [repair.id]) == [repair]


def test_what_the_payee_is_told_follows_the_officer_s_decision(sent: Sent) -> None:
    repair = returned(sent, reason="MS03", words="")
    reason = repair.order.return_reason

    assert told_to_payee(reason, None) == reason_of("MS03")
    assert told_to_payee(reason, repair).ball is Ball.OFFICE
    services.wait_for_payee(repairs=[repair], by=sent.by, at=LATER, reason="adresse à vérifier")
    asked = told_to_payee(reason, repair)
    assert (asked.ball, str(asked.why)) == (Ball.PAYEE, "la banque n’a pas dit pourquoi")
    assert "autre compte" in str(asked.to_do)
    services.retry_same_account(repairs=[repair], by=sent.by, at=LATER, reason="confirmé")
    assert "rien à faire" in str(told_to_payee(reason, repair).to_do)


@pytest.mark.parametrize(
    ("reason", "code"),
    [("AC04 Compte clos", "AC04"), ("AC04", "AC04"), ("Compte clos", ""), ("", ""), ("ZZ99 x", "")],
)
def test_the_code_of_a_reason(reason: str, code: str) -> None:
    assert code_in(reason) == code


def test_every_code_has_four_signs_and_says_what_to_do() -> None:
    for code, reason in RETURN_REASONS.items():
        assert len(code) == 4
        assert str(reason.why)
        assert str(reason.to_do).endswith(".")
