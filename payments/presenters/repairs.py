"""A returned transfer in words: why, what to do, who has the ball and since when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.selectors import names_of
from core.transitions import moves_of
from payments import selectors
from payments.gateways.return_reasons import TRY_AGAIN, Ball, ReturnReason, code_in, reason_of
from payments.models import OrderClaim, PaymentOrder, PaymentRepair
from payments.selectors.repairs import orders_after
from payments.states import OrderState, RepairState

R = RepairState
HOLDERS = {
    "payee": gettext_lazy("le bénéficiaire"),
    "office": gettext_lazy("la caisse"),
    "bank": gettext_lazy("la banque"),
}


@dataclass(frozen=True, slots=True)
class Holding:
    """Who has the ball (a key of HOLDERS, or nobody), since when, and what is awaited."""

    who: str
    since: datetime
    awaited: str

    @property
    def label(self) -> str:
        """The holder in the active language; nothing when it is over."""
        return str(HOLDERS.get(self.who, ""))


def holding_of(repair: PaymentRepair, *, later: list[PaymentOrder], today: date) -> Holding:
    """Tell who must do something about a returned transfer. `later`: newest first."""
    if repair.state in (R.REPAIRED, R.REPLACED):
        return Holding("", repair.since, _("Rien : l’argent est reparti autrement."))
    on_its_way = next((o for o in later if o.state in (OrderState.READY, OrderState.SENT)), None)
    if on_its_way is not None:
        return _on_its_way(on_its_way)
    if repair.state == R.WAITING_PAYEE and _has_another_account(repair, today):
        return Holding(
            "office", repair.since, _("Nouveau compte connu : le prochain bordereau paie.")
        )
    if repair.state == R.WAITING_PAYEE:
        return Holding("payee", repair.since, _("Un autre compte à son nom."))
    if repair.state == R.RETRYING:
        return Holding("office", repair.since, _("Le prochain bordereau, sur le même compte."))
    return Holding("office", repair.since, _("Un agent : refaire, ou demander un autre compte."))


def _on_its_way(order: PaymentOrder) -> Holding:
    """A new order carries the money: it waits for the bank, or for the office to send it."""
    number = {"number": order.batch.number}
    if order.state == OrderState.SENT and order.batch.exported_at:
        return Holding("bank", order.batch.exported_at, _("Sa réponse sur %(number)s.") % number)
    return Holding("office", order.batch.prepared_at, _("L’envoi de %(number)s.") % number)


def _has_another_account(repair: PaymentRepair, today: date) -> bool:
    payee = selectors.payee_of_order(repair.order)
    account = selectors.accounts_on([payee], day=today).get(payee)
    return account is not None and account.rib != repair.order.rib


def told_to_payee(reason: str, repair: PaymentRepair | None) -> ReturnReason:
    """What a payee is told of a returned transfer: the bank's reason, then what an officer decided."""
    known = reason_of(code_in(reason))
    if repair is None:
        return known
    if repair.state == R.RETRYING:
        return ReturnReason(known.why, TRY_AGAIN, Ball.OFFICE)
    if repair.state == R.WAITING_PAYEE and known.ball is Ball.OFFICE:
        return ReturnReason(known.why, reason_of("AC04").to_do, Ball.PAYEE)
    return known


def shown_repair(repair: PaymentRepair, *, today: date) -> dict[str, Any]:
    """Return the file of a returned transfer, as its page shows it."""
    later = orders_after(repair)
    moves = moves_of(repair)
    names = names_of(move.actor for move in moves)
    states: dict[str, Any] = dict(R.choices)
    rows = OrderClaim.objects.filter(order_id=repair.order_id).select_related("claim__sheet")
    return {
        "reason": told_to_payee(repair.order.return_reason, repair),
        "holding": holding_of(repair, later=later, today=today),
        "later": later,
        "claims": rows.order_by("claim_id"),
        "history": [
            {
                "at": move.at,
                "label": states.get(move.to_state, move.to_state),
                "who": names.get(move.actor, move.actor),
                "reason": move.reason,
            }
            for move in moves
        ],
    }
