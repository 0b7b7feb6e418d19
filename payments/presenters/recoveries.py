"""Reversals and debts in words, for those concerned and for the office."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Role
from core.languages import in_readers_letters
from core.money import display_dirhams, display_rate
from payments.models import RecoveryPlan, ReversalNotice, UndueAmount
from payments.selectors.recoveries import movements_of, plan_of
from payments.states import UndueState

BADGES = {
    UndueState.OPEN: "fix",
    UndueState.IN_RECOVERY: "held",
    UndueState.RECOVERED: "paid",
    UndueState.CANCELLED: "equal",
}


def plan_in_words(plan: RecoveryPlan) -> str:
    """How much a plan keeps of each payment."""
    if plan.share_bp is not None:
        return _("%(share)s de chaque paiement") % {"share": display_rate(plan.share_bp)}
    amount = f"\u2068{display_dirhams(plan.fixed_centimes or 0)}\u2069"
    return _("%(amount)s DH sur chaque paiement") % {"amount": amount}


def shown_debt(undue: UndueAmount) -> dict[str, Any]:
    """A debt with its plan in words, its movements and how far it is, in hundredths."""
    plan = plan_of(undue)
    return {
        "undue": undue,
        "badge": {"state": BADGES[UndueState(undue.state)], "label": undue.get_state_display()},
        "plan": plan,
        "plan_words": plan_in_words(plan) if plan else "",
        "movements": movements_of(undue),
        "payee": in_readers_letters(undue.provider, undue.provider.name)
        if undue.provider
        else str(undue.insured),
    }


def shown_notice(notice: ReversalNotice, reader: Any) -> dict[str, Any]:
    """A notice as its reader sees it: the debt only when it is theirs to give back."""
    reversal = notice.reversal
    undue = getattr(reversal, "undue", None)
    owed_by_insured = undue is not None and undue.insured_id is not None
    is_mine = undue is not None and owed_by_insured == (reader.role == Role.INSURED)
    debt = shown_debt(undue) if undue is not None and is_mine else None
    return {
        "notice": notice,
        "reversal": reversal,
        "provider": in_readers_letters(reversal.claim.provider, reversal.claim.provider.name),
        "patient": in_readers_letters(reversal.claim.patient),
        "debt": debt,
        "left": undue.left_centimes if undue is not None and is_mine else 0,
    }
