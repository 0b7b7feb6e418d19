"""What a change of account does to payments, and two people at the same moment."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Role, User
from core.errors import DomainError
from payments import selectors, services
from payments.gateways.demo_bank import demo_bank_answer
from payments.models import AccountChange, PayeeAccount
from payments.selectors.accounts import account_on
from tests.payments import factories
from tests.payments.account_story import MUCH_LATER, NEW, NOW, OPENS, OTHER, Story, refused
from tests.payments.test_concurrency import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story()


def left_out(at: datetime = NOW) -> list[tuple[Any, str]]:
    return [(left.claim.id, left.reason) for left in selectors.claims_left_out(at)]


@pytest.fixture
def owed(story: Story) -> Any:
    """A claim to be paid to the person of the story."""
    return factories.claim(patient=story.insured.persons.get())


@pytest.mark.parametrize("state", ["REQUESTED", "COOLING", "REFUSED"])
def test_payments_go_on_to_the_old_account_meanwhile(story: Story, owed: Any, state: str) -> None:
    story.bring_to(state)
    batch = services.freeze_batch(by=factories.officer(), at=NOW)
    assert [order.rib for order in batch.orders.all()] == [story.old.rib]


def test_a_contested_change_freezes_payments_until_a_decision(story: Story, owed: Any) -> None:
    story.bring_to("CONTESTED")
    assert left_out() == [(owed.id, "ACCOUNT_CONTESTED")]
    officer = factories.officer()
    assert refused(lambda: services.freeze_batch(by=officer, at=NOW)) == "NOTHING_TO_PAY"
    story.refuse()
    assert left_out() == []
    batch = services.freeze_batch(by=factories.officer(), at=NOW)
    assert [order.rib for order in batch.orders.all()] == [story.old.rib]


@pytest.mark.parametrize("step", ["approve", "export"])
def test_a_contestation_stops_a_batch_already_frozen(story: Story, owed: Any, step: str) -> None:
    officer, other = factories.officer(), factories.officer()
    story.bring_to("COOLING")
    batch = services.freeze_batch(by=officer, at=NOW)
    if step == "export":
        services.approve_batch(batch=batch, by=other, at=NOW)
    story.contest()
    deed = services.approve_batch if step == "approve" else services.export_batch
    assert refused(lambda: deed(batch=batch, by=other, at=NOW)) == "ACCOUNT_CONTESTED"


def returned(owed: Any) -> None:
    """The bank sends the transfer back: closed account."""
    officer, other = factories.officer(), factories.officer()
    batch = services.freeze_batch(by=officer, at=NOW)
    services.approve_batch(batch=batch, by=other, at=NOW)
    file = services.export_batch(batch=batch, by=officer, at=NOW)
    answer = demo_bank_answer(file, at=NOW, returned=[batch.orders.get().reference])
    services.read_bank_answer(content=answer, by=officer, at=NOW)


def test_a_returned_transfer_waits_for_the_new_account(story: Story, owed: Any) -> None:
    returned(owed)
    assert left_out() == [(owed.id, "ACCOUNT_UNCHANGED")]
    story.bring_to("COOLING")
    assert left_out() == [(owed.id, "ACCOUNT_CHANGE_PENDING")]
    later = NOW + timedelta(days=5)
    services.settle_changes(at=later)
    assert left_out(later) == []
    batch = services.freeze_batch(by=factories.officer(), at=later)
    assert [order.rib for order in batch.orders.all()] == [NEW]


@pytest.mark.parametrize("who", ["agent", "second"])
def test_who_changed_an_account_never_prepares_nor_approves_its_payment(
    story: Story, owed: Any, who: str
) -> None:
    story.ask(by=story.agent, document_reference="P1")
    story.confirm(by=story.second, proof=None)
    services.settle_changes(at=MUCH_LATER)
    editor = getattr(story, who)
    # An agent who has since joined the payment office.
    User.objects.filter(pk=editor.pk).update(role=Role.PAYMENT_OFFICER)
    editor.refresh_from_db()

    assert refused(lambda: services.freeze_batch(by=editor, at=MUCH_LATER)) == "PAYEE_EDITOR"
    batch = services.freeze_batch(by=factories.officer(), at=MUCH_LATER)
    assert (
        refused(lambda: services.approve_batch(batch=batch, by=editor, at=MUCH_LATER))
        == "PAYEE_EDITOR"
    )
    services.approve_batch(batch=batch, by=factories.officer(), at=MUCH_LATER)


# ---- At the same moment


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_are_one_change() -> None:
    story = Story()
    results = at_once(
        lambda: services.request_change(
            payee=story.payee, rib=NEW, holder="A", by=story.owner, at=NOW
        ),
        lambda: services.request_change(
            payee=story.payee,
            rib=OTHER,
            holder="B",
            by=story.agent,
            at=NOW,
            document_reference="P",
        ),
    )
    codes = [each.code for each in results if isinstance(each, DomainError)]
    assert codes == ["ACCOUNT_CHANGE_OPEN"]
    assert AccountChange.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_contested_and_applied_at_once_is_one_or_the_other() -> None:
    story = Story()
    story.bring_to("COOLING")
    due = NOW + timedelta(days=5)
    at_once(lambda: story.contest(at=due), lambda: services.settle_changes(at=due))
    is_applied = story.state() == "APPLIED"
    assert story.state() in ("APPLIED", "CONTESTED")
    assert (account_on(story.payee, OPENS).rib == NEW) == is_applied


@pytest.mark.django_db(transaction=True)
def test_two_clocks_open_one_account() -> None:
    story = Story()
    story.bring_to("COOLING")
    results = at_once(*[lambda: services.settle_changes(at=MUCH_LATER)] * 2)
    assert sum(results) == 1
    assert PayeeAccount.objects.filter(**story.payee.scope).count() == 2
