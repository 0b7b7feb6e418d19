"""States of a prescription, derived from what was handed over."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.transitions import Machine


class LineState(models.TextChoices):
    """States of a prescription line; the header's state is derived from them."""

    TO_DISPENSE = "TO_DISPENSE", _("à délivrer")
    RESERVED = "RESERVED", _("réservée au comptoir")
    PARTIAL = "PARTIAL", _("délivrée en partie")
    OWING = "OWING", _("due par la pharmacie")
    DISPENSED = "DISPENSED", _("délivrée")
    NOT_DISPENSED = "NOT_DISPENSED", _("non délivrée")
    CANCELLED = "CANCELLED", _("annulée")
    EXPIRED = "EXPIRED", _("périmée")


class PrescriptionState(models.TextChoices):
    ACTIVE = "ACTIVE", _("à délivrer")
    PARTLY_DISPENSED = "PARTLY_DISPENSED", _("délivrée en partie")
    COMPLETED = "COMPLETED", _("délivrée")
    CANCELLED = "CANCELLED", _("annulée")


PRESCRIPTION_MACHINE = Machine(
    name="prescription",
    initial=PrescriptionState.ACTIVE,
    transitions={
        PrescriptionState.ACTIVE: frozenset(
            {
                PrescriptionState.PARTLY_DISPENSED,
                PrescriptionState.COMPLETED,
                PrescriptionState.CANCELLED,
            }
        ),
        PrescriptionState.PARTLY_DISPENSED: frozenset({PrescriptionState.COMPLETED}),
        PrescriptionState.COMPLETED: frozenset(),
        PrescriptionState.CANCELLED: frozenset(),
    },
    owners={
        PrescriptionState.ACTIVE: "pharmacy",
        PrescriptionState.PARTLY_DISPENSED: "pharmacy",
        PrescriptionState.COMPLETED: "system",
        PrescriptionState.CANCELLED: "prescriber",
    },
)


class RequestState(models.TextChoices):
    OPEN = "OPEN", _("en attente de réponse")
    ANSWERED = "ANSWERED", _("répondue")
    WITHDRAWN = "WITHDRAWN", _("retirée")


REQUEST_MACHINE = Machine(
    name="prescription_request",
    initial=RequestState.OPEN,
    transitions={
        RequestState.OPEN: frozenset({RequestState.ANSWERED, RequestState.WITHDRAWN}),
        RequestState.ANSWERED: frozenset(),
        RequestState.WITHDRAWN: frozenset(),
    },
    owners={
        RequestState.OPEN: "prescriber",
        RequestState.ANSWERED: "system",
        RequestState.WITHDRAWN: "system",
    },
)
