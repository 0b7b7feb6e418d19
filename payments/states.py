"""States of batches, orders, repairs of returned ones, reversals, debts and changes of account."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.transitions import Machine


class BatchState(models.TextChoices):
    FROZEN = "FROZEN", _("gelé")
    APPROVED = "APPROVED", _("approuvé")
    EXPORTED = "EXPORTED", _("transmis à la banque")
    SETTLED = "SETTLED", _("réglé")
    PARTLY_SETTLED = "PARTLY_SETTLED", _("réglé en partie")
    RECONCILED = "RECONCILED", _("rapproché")
    CANCELLED = "CANCELLED", _("annulé")


B = BatchState

BATCH_MACHINE = Machine(
    name="payment_batch",
    initial=B.FROZEN,
    transitions={
        B.FROZEN: frozenset({B.APPROVED, B.CANCELLED}),
        B.APPROVED: frozenset({B.EXPORTED, B.CANCELLED}),
        B.EXPORTED: frozenset({B.SETTLED, B.PARTLY_SETTLED}),
        # A transfer may come back days after it was executed.
        B.SETTLED: frozenset({B.PARTLY_SETTLED, B.RECONCILED}),
        B.PARTLY_SETTLED: frozenset({B.RECONCILED}),
        B.RECONCILED: frozenset(),
        B.CANCELLED: frozenset(),
    },
    owners={
        B.FROZEN: "insurer",
        B.APPROVED: "insurer",
        B.EXPORTED: "bank",
        B.SETTLED: "system",
        B.PARTLY_SETTLED: "system",
        B.RECONCILED: "insurer",
        B.CANCELLED: "insurer",
    },
)


class OrderState(models.TextChoices):
    READY = "READY", _("à transmettre")
    SENT = "SENT", _("transmis")
    PAID = "PAID", _("payé")
    RETURNED = "RETURNED", _("rejeté par la banque")
    CANCELLED = "CANCELLED", _("annulé")
    COMPENSATED = "COMPENSATED", _("retenu en entier")


O = OrderState  # noqa: E741

ORDER_MACHINE = Machine(
    name="payment_order",
    initial=O.READY,
    transitions={
        O.READY: frozenset({O.SENT, O.CANCELLED, O.COMPENSATED}),
        O.SENT: frozenset({O.PAID, O.RETURNED}),
        O.PAID: frozenset({O.RETURNED}),
        O.RETURNED: frozenset(),
        O.CANCELLED: frozenset(),
        O.COMPENSATED: frozenset(),
    },
    owners={
        O.READY: "insurer",
        O.SENT: "bank",
        O.PAID: "system",
        O.RETURNED: "insurer",
        O.CANCELLED: "insurer",
        O.COMPENSATED: "system",
    },
)


class ReversalState(models.TextChoices):
    REQUESTED = "REQUESTED", _("à confirmer")
    CONFIRMED = "CONFIRMED", _("confirmée")
    REFUSED = "REFUSED", _("refusée")


R = ReversalState

REVERSAL_MACHINE = Machine(
    name="reversal",
    initial=R.REQUESTED,
    transitions={
        R.REQUESTED: frozenset({R.CONFIRMED, R.REFUSED}),
        R.CONFIRMED: frozenset(),
        R.REFUSED: frozenset(),
    },
    owners={R.REQUESTED: "insurer", R.CONFIRMED: "system", R.REFUSED: "insurer"},
)


class UndueState(models.TextChoices):
    OPEN = "OPEN", _("sans plan")
    IN_RECOVERY = "IN_RECOVERY", _("en récupération")
    RECOVERED = "RECOVERED", _("récupéré")
    CANCELLED = "CANCELLED", _("abandonné")


U = UndueState

# A debt recovered by a batch that is then cancelled is owed again; one whose transfer the bank returns
# is recovered without a plan.
UNDUE_MACHINE = Machine(
    name="undue_amount",
    initial=U.OPEN,
    transitions={
        U.OPEN: frozenset({U.IN_RECOVERY, U.RECOVERED, U.CANCELLED}),
        U.IN_RECOVERY: frozenset({U.RECOVERED, U.CANCELLED}),
        U.RECOVERED: frozenset({U.IN_RECOVERY}),
        U.CANCELLED: frozenset(),
    },
    owners={
        U.OPEN: "insurer",
        U.IN_RECOVERY: "system",
        U.RECOVERED: "system",
        U.CANCELLED: "insurer",
    },
)


class ChangeState(models.TextChoices):
    REQUESTED = "REQUESTED", _("à confirmer")
    CONFIRMED = "CONFIRMED", _("confirmé")
    COOLING = "COOLING", _("délai de sécurité")
    APPLIED = "APPLIED", _("en vigueur")
    CONTESTED = "CONTESTED", _("contesté")
    REFUSED = "REFUSED", _("refusé")
    EXPIRED = "EXPIRED", _("expiré")


C = ChangeState

# A payee has one of these at most.
OPEN_CHANGES = (C.REQUESTED, C.CONFIRMED, C.COOLING, C.CONTESTED)

CHANGE_MACHINE = Machine(
    name="account_change",
    initial=C.REQUESTED,
    transitions={
        C.REQUESTED: frozenset({C.CONFIRMED, C.REFUSED, C.EXPIRED}),
        C.CONFIRMED: frozenset({C.COOLING}),
        C.COOLING: frozenset({C.APPLIED, C.CONTESTED, C.REFUSED}),
        C.CONTESTED: frozenset({C.COOLING, C.REFUSED}),
        C.APPLIED: frozenset(),
        C.REFUSED: frozenset(),
        C.EXPIRED: frozenset(),
    },
    owners={
        C.REQUESTED: "payee",
        C.CONFIRMED: "system",
        C.COOLING: "system",
        C.CONTESTED: "insurer",
        C.APPLIED: "system",
        C.REFUSED: "insurer",
        C.EXPIRED: "system",
    },
)


class RepairState(models.TextChoices):
    OPEN = "OPEN", _("à examiner")
    WAITING_PAYEE = "WAITING_PAYEE", _("attend un nouveau compte")
    RETRYING = "RETRYING", _("à refaire sur le même compte")
    REPAIRED = "REPAIRED", _("payé par un autre virement")
    REPLACED = "REPLACED", _("revenu une autre fois")


P = RepairState

REPAIR_MACHINE = Machine(
    name="payment_repair",
    initial=P.OPEN,
    transitions={
        P.OPEN: frozenset({P.WAITING_PAYEE, P.RETRYING, P.REPAIRED, P.REPLACED}),
        P.WAITING_PAYEE: frozenset({P.RETRYING, P.REPAIRED, P.REPLACED}),
        P.RETRYING: frozenset({P.WAITING_PAYEE, P.REPAIRED, P.REPLACED}),
        P.REPAIRED: frozenset(),
        P.REPLACED: frozenset(),
    },
    owners={
        P.OPEN: "insurer",
        P.WAITING_PAYEE: "payee",
        P.RETRYING: "insurer",
        P.REPAIRED: "system",
        P.REPLACED: "system",
    },
)
