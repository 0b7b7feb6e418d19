"""States of a payment batch and of a payment order."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.transitions import Machine


class BatchState(models.TextChoices):
    FROZEN = "FROZEN", _("gelé")
    APPROVED = "APPROVED", _("approuvé")
    EXPORTED = "EXPORTED", _("transmis à la banque")
    SETTLED = "SETTLED", _("réglé")
    PARTLY_SETTLED = "PARTLY_SETTLED", _("réglé en partie")
    CANCELLED = "CANCELLED", _("annulé")


B = BatchState

BATCH_MACHINE = Machine(
    name="payment_batch",
    initial=B.FROZEN,
    transitions={
        B.FROZEN: frozenset({B.APPROVED, B.CANCELLED}),
        B.APPROVED: frozenset({B.EXPORTED, B.CANCELLED}),
        B.EXPORTED: frozenset({B.SETTLED, B.PARTLY_SETTLED}),
        B.SETTLED: frozenset(),
        B.PARTLY_SETTLED: frozenset(),
        B.CANCELLED: frozenset(),
    },
    owners={
        B.FROZEN: "insurer",
        B.APPROVED: "insurer",
        B.EXPORTED: "bank",
        B.SETTLED: "system",
        B.PARTLY_SETTLED: "system",
        B.CANCELLED: "insurer",
    },
)


class OrderState(models.TextChoices):
    READY = "READY", _("à transmettre")
    SENT = "SENT", _("transmis")
    PAID = "PAID", _("payé")
    RETURNED = "RETURNED", _("rejeté par la banque")
    CANCELLED = "CANCELLED", _("annulé")


O = OrderState  # noqa: E741

ORDER_MACHINE = Machine(
    name="payment_order",
    initial=O.READY,
    transitions={
        O.READY: frozenset({O.SENT, O.CANCELLED}),
        O.SENT: frozenset({O.PAID, O.RETURNED}),
        O.PAID: frozenset(),
        O.RETURNED: frozenset(),
        O.CANCELLED: frozenset(),
    },
    owners={
        O.READY: "insurer",
        O.SENT: "bank",
        O.PAID: "system",
        O.RETURNED: "insurer",
        O.CANCELLED: "insurer",
    },
)
