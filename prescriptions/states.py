"""States of a prescription, of its lines and of what a counter does: one table of commands a machine.

The tables are those of the design's section 6; docs/states.md is drawn from them, services ask them what
may be done, and a test walks every pair (state, command).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.transitions import Command, Machine


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
    SCHEDULED = "SCHEDULED", _("à délivrer plus tard")
    ACTIVE = "ACTIVE", _("à délivrer")
    IN_CUSTODY = "IN_CUSTODY", _("ouverte au comptoir")
    PARTLY_DISPENSED = "PARTLY_DISPENSED", _("délivrée en partie")
    COMPLETED = "COMPLETED", _("délivrée")
    NOT_DISPENSED = "NOT_DISPENSED", _("non délivrée")
    CANCEL_PENDING = "CANCEL_PENDING", _("annulation demandée")
    CANCELLED = "CANCELLED", _("annulée")
    ON_HOLD = "ON_HOLD", _("suspendue")
    EXPIRED = "EXPIRED", _("périmée")
    ENTERED_IN_ERROR = "ENTERED_IN_ERROR", _("écrite par erreur")


class DispensingState(models.TextChoices):
    """States of what was handed over and signed."""

    HANDED_OVER = "HANDED_OVER", _("remise")
    DISPUTED = "DISPUTED", _("contestée par l’assuré")
    AMENDED = "AMENDED", _("rectifiée")
    REVERSED = "REVERSED", _("reprise")


# Dispensings that were neither replaced nor taken back.
STANDING = (DispensingState.HANDED_OVER, DispensingState.DISPUTED)


class PendingState(models.TextChoices):
    """States of what a counter prepares, before anything is handed over."""

    PREPARING = "PREPARING", _("en préparation")
    READY_FOR_PICKUP = "READY_FOR_PICKUP", _("prête")
    ON_HOLD = "ON_HOLD", _("en attente")
    HANDED_OVER = "HANDED_OVER", _("remise")
    DECLINED = "DECLINED", _("refusée")
    NOT_COLLECTED = "NOT_COLLECTED", _("non retirée")
    ENTERED_IN_ERROR = "ENTERED_IN_ERROR", _("ouverte par erreur")


P = PrescriptionState
L = LineState
D = DispensingState
N = PendingState

NOTHING_GIVEN = "nothing was handed over"
SOME_GIVEN = "something was handed over"
FREED = "owing lines and refusals that are not definitive are cleared"

PRESCRIPTION_COMMANDS = (
    Command("R03", "sign", (), "prescriber", "starts today or before", P.ACTIVE),
    Command("R04", "sign", (), "prescriber", "starts later, or a later instance", P.SCHEDULED),
    Command("R07", "sign", (), "sync", "signed with no network", P.ACTIVE),
    Command(
        "R08",
        "materialise",
        (),
        "sync",
        "from the code a pharmacy copied; its document is matched later, or holds it",
        P.ACTIVE,
    ),
    Command("R06", "start_reached", (P.SCHEDULED,), "clock", "", P.ACTIVE),
    Command(
        "R09",
        "take_custody",
        (P.ACTIVE, P.PARTLY_DISPENSED),
        "pharmacy",
        "secret, line ticket or presence; a lease with an end",
        P.IN_CUSTODY,
    ),
    Command(
        "R09b", "take_custody", (P.IN_CUSTODY,), "custodian", "the lease is prolonged", P.IN_CUSTODY
    ),
    Command(
        "R10a",
        "release",
        (P.IN_CUSTODY,),
        "custodian",
        f"coded reason; {NOTHING_GIVEN}; {FREED}",
        P.ACTIVE,
    ),
    Command("R10b", "lease_end", (P.IN_CUSTODY,), "clock", f"{NOTHING_GIVEN}; {FREED}", P.ACTIVE),
    Command(
        "R10c", "break_lease", (P.IN_CUSTODY,), "insured", f"{NOTHING_GIVEN}; {FREED}", P.ACTIVE
    ),
    Command("R11a", "release", (P.IN_CUSTODY,), "custodian", SOME_GIVEN, P.PARTLY_DISPENSED),
    Command("R11b", "lease_end", (P.IN_CUSTODY,), "clock", SOME_GIVEN, P.PARTLY_DISPENSED),
    Command("R11c", "break_lease", (P.IN_CUSTODY,), "insured", SOME_GIVEN, P.PARTLY_DISPENSED),
    Command(
        "R12",
        "dispense",
        (P.IN_CUSTODY, P.ACTIVE, P.PARTLY_DISPENSED),
        "pharmacy",
        "a line stays open; without custody it is taken and ended in the same gesture",
        P.PARTLY_DISPENSED,
    ),
    Command(
        "R13",
        "dispense",
        (P.IN_CUSTODY, P.ACTIVE, P.PARTLY_DISPENSED),
        "pharmacy",
        "every line is final",
        P.COMPLETED,
    ),
    Command(
        "R14a", "record_outcomes", (P.IN_CUSTODY,), "custodian", "a line stays open", P.IN_CUSTODY
    ),
    Command(
        "R14b",
        "record_outcomes",
        (P.IN_CUSTODY,),
        "custodian",
        f"every line refused for good; {NOTHING_GIVEN}",
        P.NOT_DISPENSED,
    ),
    Command(
        "R14c",
        "record_outcomes",
        (P.IN_CUSTODY,),
        "custodian",
        f"every line is final; {SOME_GIVEN}",
        P.COMPLETED,
    ),
    Command(
        "R15a",
        "waive",
        (P.PARTLY_DISPENSED, P.IN_CUSTODY, P.ON_HOLD),
        "insured or prescriber",
        f"{SOME_GIVEN}; partial lines close as dispensed, owing ones as not dispensed",
        P.COMPLETED,
    ),
    Command(
        "R15b",
        "validity_end",
        (P.PARTLY_DISPENSED, P.IN_CUSTODY, P.ON_HOLD, P.CANCEL_PENDING),
        "clock",
        f"{SOME_GIVEN}; as above",
        P.COMPLETED,
    ),
    Command(
        "R16",
        "dispense_offline",
        (P.ACTIVE, P.PARTLY_DISPENSED, P.IN_CUSTODY, P.NOT_DISPENSED),
        "sync",
        "handed over inside validity; a line stays open; another pharmacy's lease ends",
        P.PARTLY_DISPENSED,
    ),
    Command(
        "R17",
        "dispense_offline",
        (P.ACTIVE, P.PARTLY_DISPENSED, P.IN_CUSTODY, P.NOT_DISPENSED),
        "sync",
        "the same; every line is final",
        P.COMPLETED,
    ),
    Command(
        "R17b",
        "dispense_offline",
        (P.COMPLETED,),
        "sync",
        "given twice: the earliest hand-over gets the boxes, the other is beyond and paid",
        P.COMPLETED,
    ),
    Command(
        "R18",
        "dispense_offline",
        (P.EXPIRED, P.CANCELLED),
        "sync",
        "handed over before the end, or a cancellation the device could not know; the rest stays closed",
        P.COMPLETED,
    ),
    Command(
        "R18b",
        "dispense_offline",
        (P.CANCEL_PENDING,),
        "sync",
        "by the custodian: too late to cancel what was handed over; the rest is cancelled",
        P.COMPLETED,
    ),
    Command(
        "R20",
        "reverse",
        (P.COMPLETED, P.PARTLY_DISPENSED),
        "pharmacy or agent",
        "all was taken back with its claim, inside validity",
        P.ACTIVE,
    ),
    Command(
        "R20b",
        "reverse",
        (P.COMPLETED,),
        "pharmacy or agent",
        "all was taken back; the prescriber had cancelled the rest",
        P.CANCELLED,
    ),
    Command(
        "R21",
        "reverse",
        (P.COMPLETED, P.PARTLY_DISPENSED),
        "pharmacy or agent",
        "a part was taken back with its claim",
        P.PARTLY_DISPENSED,
    ),
    Command(
        "R21b",
        "reverse",
        (P.COMPLETED,),
        "pharmacy or agent",
        "a part was taken back and no line opens again",
        P.COMPLETED,
    ),
    Command(
        "R22",
        "reverse",
        (P.COMPLETED, P.PARTLY_DISPENSED),
        "pharmacy or agent",
        "all was taken back after the validity",
        P.EXPIRED,
    ),
    Command(
        "R22b",
        "amend",
        (P.COMPLETED, P.PARTLY_DISPENSED),
        "pharmacy",
        "a line is open after the new version",
        P.PARTLY_DISPENSED,
    ),
    Command(
        "R22c",
        "amend",
        (P.COMPLETED, P.PARTLY_DISPENSED),
        "pharmacy",
        "every line is final after the new version",
        P.COMPLETED,
    ),
    Command(
        "R23",
        "cancel",
        (P.ACTIVE, P.SCHEDULED),
        "prescriber",
        f"reason; {NOTHING_GIVEN}",
        P.CANCELLED,
    ),
    Command("R23b", "cancel", (P.ACTIVE,), "prescriber", "some lines only", P.ACTIVE),
    Command("R23c", "cancel", (P.SCHEDULED,), "prescriber", "some lines only", P.SCHEDULED),
    Command(
        "R24",
        "cancel",
        (P.IN_CUSTODY,),
        "prescriber",
        "the custodian is told; settled when custody ends",
        P.CANCEL_PENDING,
    ),
    Command(
        "R24b",
        "cancel",
        (P.PARTLY_DISPENSED,),
        "prescriber",
        "nobody holds it: the rest is cancelled, the prescriber told what was given",
        P.COMPLETED,
    ),
    Command(
        "R24c",
        "cancel",
        (P.PARTLY_DISPENSED,),
        "prescriber",
        "some lines only",
        P.PARTLY_DISPENSED,
    ),
    Command("R25a", "release", (P.CANCEL_PENDING,), "custodian", NOTHING_GIVEN, P.CANCELLED),
    Command("R25b", "lease_end", (P.CANCEL_PENDING,), "clock", NOTHING_GIVEN, P.CANCELLED),
    Command("R25c", "break_lease", (P.CANCEL_PENDING,), "insured", NOTHING_GIVEN, P.CANCELLED),
    Command("R26a", "release", (P.CANCEL_PENDING,), "custodian", SOME_GIVEN, P.COMPLETED),
    Command("R26b", "lease_end", (P.CANCEL_PENDING,), "clock", SOME_GIVEN, P.COMPLETED),
    Command("R26c", "break_lease", (P.CANCEL_PENDING,), "insured", SOME_GIVEN, P.COMPLETED),
    Command(
        "R26d",
        "dispense",
        (P.CANCEL_PENDING,),
        "custodian",
        "too late to cancel what is handed over; the rest is cancelled",
        P.COMPLETED,
    ),
    Command(
        "R27",
        "hold",
        (P.ACTIVE, P.SCHEDULED, P.IN_CUSTODY, P.PARTLY_DISPENSED),
        "medical or fraud officer",
        "reason; for a time at most; custody ends",
        P.ON_HOLD,
    ),
    Command(
        "R28",
        "lift",
        (P.ON_HOLD,),
        "same office, or clock at the end of the hold",
        NOTHING_GIVEN,
        P.ACTIVE,
    ),
    Command(
        "R28b",
        "lift",
        (P.ON_HOLD,),
        "same office, or clock at the end of the hold",
        "before its first day",
        P.SCHEDULED,
    ),
    Command(
        "R29",
        "lift",
        (P.ON_HOLD,),
        "same office, or clock at the end of the hold",
        SOME_GIVEN,
        P.PARTLY_DISPENSED,
    ),
    Command("R30", "confirm_hold", (P.ON_HOLD,), "same office", "reason", P.CANCELLED),
    Command(
        "R31",
        "validity_end",
        (P.ACTIVE, P.IN_CUSTODY, P.ON_HOLD, P.SCHEDULED),
        "clock",
        NOTHING_GIVEN,
        P.EXPIRED,
    ),
    Command("R31b", "validity_end", (P.CANCEL_PENDING,), "clock", NOTHING_GIVEN, P.CANCELLED),
    Command(
        "R32",
        "retract",
        (P.ACTIVE, P.SCHEDULED, P.ON_HOLD),
        "prescriber",
        "nothing was ever handed over",
        P.ENTERED_IN_ERROR,
    ),
    Command(
        "R33",
        "reopen",
        (P.NOT_DISPENSED,),
        "pharmacy that refused",
        "inside validity",
        P.ACTIVE,
    ),
)

OPEN_LINE = (L.TO_DISPENSE, L.RESERVED, L.PARTIAL, L.OWING)

LINE_COMMANDS = (
    Command("L01", "signed", (), "derived", "", L.TO_DISPENSE),
    Command("L02", "custody", (L.TO_DISPENSE, L.PARTIAL, L.OWING), "derived", "", L.RESERVED),
    Command(
        "L03",
        "release",
        (L.RESERVED, L.OWING),
        "derived",
        "nothing given on this line; owing made by the leaving pharmacy is cleared",
        L.TO_DISPENSE,
    ),
    Command("L04", "release", (L.RESERVED, L.OWING), "derived", "some given", L.PARTIAL),
    Command(
        "L05",
        "hand_over",
        OPEN_LINE,
        "derived",
        "quantity complete, or another product of the group in another size",
        L.DISPENSED,
    ),
    Command("L06", "hand_over", (L.RESERVED, L.TO_DISPENSE), "derived", "some", L.PARTIAL),
    Command(
        "L07",
        "owe",
        (L.RESERVED, L.TO_DISPENSE, L.PARTIAL),
        "derived",
        "owing slip given",
        L.OWING,
    ),
    Command("L08", "refuse", OPEN_LINE, "derived", "reason code", L.NOT_DISPENSED),
    Command(
        "L09",
        "cancel",
        (L.TO_DISPENSE, L.RESERVED, L.OWING),
        "derived",
        "nothing given on this line",
        L.CANCELLED,
    ),
    Command(
        "L09b", "cancel", (L.RESERVED, L.PARTIAL, L.OWING), "derived", "some given", L.DISPENSED
    ),
    Command(
        "L10",
        "validity_end",
        (L.TO_DISPENSE, L.RESERVED),
        "derived",
        "nothing given on this line",
        L.EXPIRED,
    ),
    Command(
        "L11",
        "validity_end",
        (L.PARTIAL, L.RESERVED, L.OWING),
        "derived",
        "or waived; the quantity given is final",
        L.DISPENSED,
    ),
    Command(
        "L12",
        "validity_end",
        (L.OWING, L.TO_DISPENSE, L.RESERVED),
        "derived",
        "or waived; nothing given on this line",
        L.NOT_DISPENSED,
    ),
    Command(
        "L13", "reverse", (L.DISPENSED, L.PARTIAL, L.OWING), "derived", "all of it", L.TO_DISPENSE
    ),
    Command("L14", "reverse", (L.DISPENSED, L.OWING), "derived", "some of it", L.PARTIAL),
    Command(
        "L14b",
        "reverse",
        (L.DISPENSED, L.PARTIAL),
        "derived",
        "the prescriber had cancelled the rest",
        L.CANCELLED,
    ),
    Command(
        "L14c", "reverse", (L.DISPENSED, L.PARTIAL), "derived", "after the validity", L.EXPIRED
    ),
    Command(
        "L15",
        "release",
        (L.NOT_DISPENSED,),
        "derived",
        "a refusal falls with its lease unless it is definitive, or is taken back",
        L.TO_DISPENSE,
    ),
    Command(
        "L16",
        "late_proof",
        (L.CANCELLED, L.EXPIRED, L.NOT_DISPENSED),
        "derived",
        "boxes were handed over with no network before the line closed",
        L.DISPENSED,
    ),
    Command("L15b", "release", (L.NOT_DISPENSED,), "derived", "as above, some given", L.PARTIAL),
)

DISPENSING_COMMANDS = (
    Command("D13", "apply_envelope", (), "sync", "handed over with no network", D.HANDED_OVER),
    Command(
        "D03",
        "hand_over",
        (),
        "pharmacy",
        "presence, packs, price and shares recorded",
        D.HANDED_OVER,
    ),
    Command(
        "D08",
        "amend",
        (D.HANDED_OVER,),
        "pharmacy",
        "a new version is handed over; its claim is replaced in the same transaction",
        D.AMENDED,
    ),
    Command(
        "D09",
        "reverse",
        (D.HANDED_OVER, D.DISPUTED),
        "pharmacy or agent",
        "its claim is taken back in the same transaction",
        D.REVERSED,
    ),
    Command(
        "D10",
        "dispute",
        (D.HANDED_OVER,),
        "insured",
        "« I did not receive this », within a delay",
        D.DISPUTED,
    ),
    Command("D11", "confirm", (D.DISPUTED,), "agent", "evidence kept", D.HANDED_OVER),
)

PENDING_COMMANDS = (
    Command("D01", "start", (), "pharmacy", "custody held", N.PREPARING),
    Command("D02", "ready", (N.PREPARING,), "pharmacy", "the insured is told", N.READY_FOR_PICKUP),
    Command(
        "D03",
        "hand_over",
        (N.PREPARING, N.READY_FOR_PICKUP),
        "pharmacy",
        "becomes a signed dispensing",
        N.HANDED_OVER,
    ),
    Command("D04", "decline", (N.PREPARING, N.ON_HOLD), "pharmacy", "reason code", N.DECLINED),
    Command("D05", "hold", (N.PREPARING,), "pharmacy", "stock, or a question", N.ON_HOLD),
    Command("D06", "resume", (N.ON_HOLD,), "pharmacy", "", N.PREPARING),
    Command(
        "D07",
        "not_collected",
        (N.READY_FOR_PICKUP,),
        "clock or pharmacy",
        "after a delay; restocked, custody released",
        N.NOT_COLLECTED,
    ),
    Command(
        "D12",
        "retract",
        (N.PREPARING, N.READY_FOR_PICKUP),
        "pharmacy",
        "typing error",
        N.ENTERED_IN_ERROR,
    ),
)

PRESCRIPTION_MACHINE = Machine.of(
    "prescription",
    initial=P.ACTIVE,
    owners={
        P.SCHEDULED: "system",
        P.ACTIVE: "pharmacy",
        P.IN_CUSTODY: "pharmacy",
        P.PARTLY_DISPENSED: "pharmacy",
        P.COMPLETED: "system",
        P.NOT_DISPENSED: "pharmacy",
        P.CANCEL_PENDING: "pharmacy",
        P.CANCELLED: "prescriber",
        P.ON_HOLD: "insurer",
        P.EXPIRED: "system",
        P.ENTERED_IN_ERROR: "prescriber",
    },
    commands=PRESCRIPTION_COMMANDS,
)
LINE_MACHINE = Machine.of(
    "prescription_line",
    initial=L.TO_DISPENSE,
    owners=dict.fromkeys(LineState, "pharmacy"),
    commands=LINE_COMMANDS,
)
DISPENSING_MACHINE = Machine.of(
    "dispensing",
    initial=D.HANDED_OVER,
    owners={
        D.HANDED_OVER: "pharmacy",
        D.DISPUTED: "insurer",
        D.AMENDED: "system",
        D.REVERSED: "system",
    },
    commands=DISPENSING_COMMANDS,
)
PENDING_MACHINE = Machine.of(
    "pending_dispensing",
    initial=N.PREPARING,
    owners=dict.fromkeys(PendingState, "pharmacy"),
    commands=PENDING_COMMANDS,
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
