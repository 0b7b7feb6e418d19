"""An account and its change as people read them: where it stands, since when, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from core.languages import in_readers_letters
from core.models import Transition
from core.transitions import moves_of
from insured.models import Insured
from payments.models import AccountChange, AccountNotice
from payments.presenters.following import Stage
from payments.rules import Payee
from payments.selectors.accounts import account_on, changes_of, notices_of
from payments.states import OPEN_CHANGES
from payments.states import ChangeState as C
from providers.models import Provider

# A payee's people press these; the office has its own.
CAN_CONFIRM = (C.REQUESTED,)
CAN_CONTEST = (C.COOLING,)
CAN_WITHDRAW = (C.REQUESTED, C.COOLING)
LAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change with its stages, its notices, and what its reader may press."""

    change: AccountChange
    ending: str
    is_open: bool
    stages: list[Stage]
    notices: list[AccountNotice]
    can_confirm: bool
    can_contest: bool
    can_withdraw: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One payee's account page: the account, masked, and the last change asked for."""

    key: str
    name: str
    ending: str
    holder: str
    since: date | None
    change: ShownChange | None

    @property
    def can_ask(self) -> bool:
        """One change at a time."""
        return self.change is None or not self.change.is_open


def card_of(payee: Payee, subject: Insured | Provider, *, reader: Any, day: date) -> Card:
    """Return the card of a payee for one of its people."""
    account = account_on(payee, day)
    change = changes_of(payee).first()
    latin = subject.name if isinstance(subject, Provider) else str(subject)
    return Card(
        key=str(payee.id),
        name=in_readers_letters(subject, latin),
        ending=account.rib[-LAST_DIGITS:] if account else "",
        holder=account.holder if account else "",
        since=account.period.lower if account else None,
        change=shown_change(change, reader=reader) if change else None,
    )


def shown_change(change: AccountChange, *, reader: Any) -> ShownChange:
    """Return a change as its payee's people read it."""
    own = change.asked_by_id == reader.pk and not change.document_reference
    notices = [each for each in notices_of(change) if each.user_id == reader.pk]
    return ShownChange(
        change=change,
        ending=change.rib[-LAST_DIGITS:],
        is_open=change.state in OPEN_CHANGES,
        stages=stages_of_change(change, moves_of(change)),
        notices=notices,
        can_confirm=own and change.state in CAN_CONFIRM,
        can_contest=change.state in CAN_CONTEST,
        can_withdraw=change.state in CAN_WITHDRAW,
    )


def stages_of_change(change: AccountChange, moves: Sequence[Transition]) -> list[Stage]:
    """Return the way of a change: asked, confirmed, cooling off, in force; or how it ended."""
    stages = [Stage(_("Demandé"), "done", change.asked_at)]
    if change.confirmed_at:
        stages.append(Stage(_("Confirmé"), "done", change.confirmed_at))
    last = moves[-1] if moves else None
    ended = _ended(change, last)
    if ended:
        return [*stages, ended]
    if change.state == C.REQUESTED:
        words = _("À confirmer avant le %(day)s, sinon la demande expire.")
        stages.append(Stage(_("À confirmer"), "now", None, words % _written(change.expires_on)))
        stages.append(Stage(_("Délai de sécurité"), "next"))
    else:
        stages.append(_waiting(change, last))
    return [*stages, _in_force(change, last)]


def _ended(change: AccountChange, last: Transition | None) -> Stage | None:
    when: datetime | None = last.at if last else None
    if change.state == C.REFUSED:
        reason = last.reason if last else ""
        return Stage(_("Abandonné"), "fix", when, reason or _("Le compte n’a pas changé."))
    if change.state == C.EXPIRED:
        reason = _("Personne n’a confirmé à temps : le compte n’a pas changé.")
        return Stage(_("Expiré"), "fix", when, reason)
    return None


def _waiting(change: AccountChange, last: Transition | None) -> Stage:
    if change.state == C.CONTESTED:
        words = _(
            "Aucun paiement ne part, sur aucun des deux comptes, avant la décision d’un agent."
        )
        return Stage(_("Contesté"), "held", change.contested_at, words)
    if change.state == C.APPLIED:
        return Stage(_("Délai de sécurité"), "done", change.confirmed_at)
    words = _("D’ici là, les paiements vont encore sur l’ancien compte.")
    return Stage(_("Délai de sécurité"), "now", last.at if last else None, words)


def _in_force(change: AccountChange, last: Transition | None) -> Stage:
    title = _("Nouveau compte en vigueur")
    if change.state == C.APPLIED:
        return Stage(title, "done", last.at if last else None)
    if change.state == C.COOLING and change.opens_on:
        return Stage(title, "next", None, _("À partir du %(day)s.") % _written(change.opens_on))
    return Stage(title, "next")


def _written(day: date) -> dict[str, str]:
    return {"day": f"{day:%d/%m/%Y}"}
