"""The story of one account: a person who signs in, two agents, and the commands on their change."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Role, User
from core.errors import DomainError
from payments import services
from payments.models import AccountChange, PayeeAccount
from payments.rules import Payee, PayeeKind
from payments.selectors.accounts import account_on
from payments.services import Proof
from tests import world

NOW = world.NOW
NEW, OTHER = world.rib(800_001), world.rib(800_002)
# The law of the day: 5 days of cooling-off, 7 to confirm.
OPENS = date(2026, 11, 25)
MUCH_LATER = NOW + timedelta(days=30)


class Story:
    """One insured person who signs in, two agents, and the commands on their change."""

    def __init__(self) -> None:
        holder = world.person(first_name="Zineb")
        self.insured = holder.insured
        self.owner = world.user(Role.INSURED)
        self.insured.user = self.owner
        self.insured.save()
        self.payee = Payee(PayeeKind.INSURED, self.insured.pk)
        self.old = account_on(self.payee, world.TODAY)
        self.agent, self.second = world.user(Role.AGENT), world.user(Role.AGENT)
        self.change: Any = None

    def ask(self, by: User | None = None, at: datetime = NOW, **given: Any) -> AccountChange:
        asked = {"payee": self.payee, "rib": NEW, "holder": "Zineb Amellal", **given}
        self.change = services.request_change(by=by or self.owner, at=at, **asked)
        return self.change

    def confirm(self, by: User | None = None, at: datetime = NOW, **given: Any) -> AccountChange:
        given.setdefault("proof", Proof("totp", at))
        return services.confirm_change(change=self.change, by=by or self.owner, at=at, **given)

    def contest(self, by: User | None = None, at: datetime = NOW, **given: Any) -> AccountChange:
        return services.contest_change(change=self.change, by=by or self.owner, at=at, **given)

    def withdraw(self, by: User | None = None, at: datetime = NOW) -> AccountChange:
        return services.refuse_change(change=self.change, by=by or self.owner, at=at)

    def refuse(self, at: datetime = NOW, reason: str = "pièce fausse") -> AccountChange:
        return services.refuse_change(change=self.change, by=self.agent, at=at, reason=reason)

    def resume(self, at: datetime = NOW, reason: str = "rappelée, c’est elle") -> AccountChange:
        return services.resume_change(change=self.change, by=self.agent, at=at, reason=reason)

    def state(self) -> str:
        return AccountChange.objects.get(pk=self.change.pk).state

    def bring_to(self, state: str) -> None:
        """Walk the product's own road to a state."""
        roads: dict[str, list[Callable[[], Any]]] = {
            "REQUESTED": [],
            "COOLING": [self.confirm],
            "CONTESTED": [self.confirm, self.contest],
            "REFUSED": [self.withdraw],
            "APPLIED": [self.confirm, lambda: services.settle_changes(at=MUCH_LATER)],
            "EXPIRED": [lambda: services.settle_changes(at=MUCH_LATER)],
        }
        self.ask()
        for step in roads[state]:
            step()
        assert self.state() == state


def rows() -> Any:
    """Counts of every table, and the changes and accounts themselves."""
    return (
        world.rows_everywhere(),
        list(AccountChange.objects.order_by("id").values()),
        list(PayeeAccount.objects.order_by("id").values()),
    )


def refused(call: Callable[[], Any]) -> str:
    """The code of a refusal that wrote nothing."""
    before = rows()
    with pytest.raises(DomainError) as refusal:
        call()
    assert rows() == before
    return refusal.value.code
