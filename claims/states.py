"""States of a claim: one table, from which the diagram in docs/states.md is drawn."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.transitions import Command, Machine


class ClaimState(models.TextChoices):
    SUBMITTED = "SUBMITTED", _("transmise")
    IN_REVIEW = "IN_REVIEW", _("en contrôle")
    ADJUDICATED = "ADJUDICATED", _("liquidée")
    HELD = "HELD", _("suspendue (contrôle)")
    APPROVED = "APPROVED", _("bonne à payer")
    SCHEDULED = "SCHEDULED", _("en paiement")
    PAYMENT_FAILED = "PAYMENT_FAILED", _("virement rejeté")
    PAID = "PAID", _("payée")
    DENIED = "DENIED", _("rejetée")
    CANCELLED = "CANCELLED", _("annulée")
    REVERSED = "REVERSED", _("extournée")


S = ClaimState

# States that money may leave from: the database refuses them without a screening row.
PAYABLE_STATES = (S.APPROVED, S.SCHEDULED, S.PAYMENT_FAILED, S.PAID)

CLAIM_MACHINE = Machine(
    name="claim",
    initial=S.SUBMITTED,
    work_list="claims.models.WaitingClaim",
    transitions={
        S.SUBMITTED: frozenset({S.ADJUDICATED, S.IN_REVIEW, S.DENIED, S.CANCELLED}),
        S.IN_REVIEW: frozenset({S.ADJUDICATED, S.DENIED, S.CANCELLED}),
        S.ADJUDICATED: frozenset({S.APPROVED, S.HELD, S.DENIED, S.CANCELLED}),
        S.HELD: frozenset({S.APPROVED, S.DENIED, S.IN_REVIEW}),
        S.APPROVED: frozenset({S.SCHEDULED, S.REVERSED}),
        S.SCHEDULED: frozenset({S.APPROVED, S.PAID, S.PAYMENT_FAILED}),
        S.PAYMENT_FAILED: frozenset({S.SCHEDULED, S.REVERSED}),
        # The bank may return a transfer days after it executed it.
        S.PAID: frozenset({S.PAYMENT_FAILED, S.REVERSED}),
        S.DENIED: frozenset(),
        S.CANCELLED: frozenset(),
        S.REVERSED: frozenset(),
    },
    owners={
        S.SUBMITTED: "system",
        S.IN_REVIEW: "insurer",
        S.ADJUDICATED: "system",
        S.HELD: "insurer",
        S.APPROVED: "insurer",
        S.SCHEDULED: "insurer",
        S.PAYMENT_FAILED: "insurer",
        S.PAID: "system",
        S.DENIED: "insurer",
        S.CANCELLED: "provider",
        S.REVERSED: "insurer",
    },
    events={
        S.ADJUDICATED: "claims.claim.adjudicated",
        S.APPROVED: "claims.claim.approved",
    },
)


class ShadowLawState(models.TextChoices):
    DRAFT = "DRAFT", _("brouillon")
    RUNNING = "RUNNING", _("en mesure")
    PAUSED = "PAUSED", _("mesure en pause")
    MEASURED = "MEASURED", _("mesurée")
    PROPOSED = "PROPOSED", _("proposée")
    ADOPTED = "ADOPTED", _("adoptée")
    DROPPED = "DROPPED", _("abandonnée")


L = ShadowLawState

# States that a law reaches only with its effects known.
MEASURED_STATES = (L.MEASURED, L.PROPOSED, L.ADOPTED)

SHADOW_LAW_MACHINE = Machine(
    name="shadow_law",
    initial=L.DRAFT,
    transitions={
        L.DRAFT: frozenset({L.RUNNING, L.DROPPED}),
        L.RUNNING: frozenset({L.PAUSED, L.MEASURED, L.DRAFT}),
        L.PAUSED: frozenset({L.RUNNING, L.DRAFT}),
        L.MEASURED: frozenset({L.DRAFT, L.RUNNING, L.PROPOSED, L.DROPPED}),
        L.PROPOSED: frozenset({L.ADOPTED, L.DROPPED}),
        L.ADOPTED: frozenset(),
        L.DROPPED: frozenset(),
    },
    owners={
        L.DRAFT: "insurer",
        L.RUNNING: "system",
        L.PAUSED: "insurer",
        L.MEASURED: "insurer",
        L.PROPOSED: "insurer",
        L.ADOPTED: "insurer",
        L.DROPPED: "insurer",
    },
)


class RunState(models.TextChoices):
    RUNNING = "RUNNING", _("en cours")
    PAUSED = "PAUSED", _("en pause")
    DONE = "DONE", _("terminée")
    CANCELLED = "CANCELLED", _("arrêtée")


R = RunState

RUN_MACHINE = Machine(
    name="adjudication_run",
    initial=R.RUNNING,
    transitions={
        R.RUNNING: frozenset({R.PAUSED, R.DONE, R.CANCELLED}),
        R.PAUSED: frozenset({R.RUNNING, R.CANCELLED}),
        R.DONE: frozenset(),
        R.CANCELLED: frozenset(),
    },
    owners={R.RUNNING: "system", R.PAUSED: "insurer", R.DONE: "system", R.CANCELLED: "insurer"},
)


class PadState(models.TextChoices):
    ISSUED = "ISSUED", _("remis")
    LOST = "LOST", _("déclaré perdu")


D = PadState

PAD_MACHINE = Machine.of(
    "paper_pad",
    initial=D.ISSUED,
    owners={D.ISSUED: "provider or office", D.LOST: "nobody"},
    commands=(
        Command("B01", "order", (), "provider or office", "numbers signed by the seal", D.ISSUED),
        Command(
            "B02",
            "declare_lost",
            (D.ISSUED,),
            "provider or office",
            "its blank sheets, from a place on, are void",
            D.LOST,
        ),
    ),
)


class SheetState(models.TextChoices):
    BLANK = "BLANK", _("vierge")
    USED = "USED", _("utilisée à l’écran")
    RECEIVED = "RECEIVED", _("reçue sur papier")
    MERGED = "MERGED", _("papier et écran réunis")
    VOID = "VOID", _("annulée")


F = SheetState

SHEET_MACHINE = Machine.of(
    "paper_sheet",
    initial=F.BLANK,
    owners={
        F.BLANK: "provider",
        F.USED: "office",
        F.RECEIVED: "office",
        F.MERGED: "nobody",
        F.VOID: "nobody",
    },
    commands=(
        Command("F01", "print", (), "server", "", F.BLANK),
        Command("F02", "use", (F.BLANK,), "provider", "a care claim bears its number", F.USED),
        Command("F03", "receive", (F.BLANK,), "agent", "no claim bears its number", F.RECEIVED),
        Command("F03b", "receive", (), "agent", "an old form, given a number", F.RECEIVED),
        Command("F04", "receive", (F.USED,), "agent", "it meets its twin", F.MERGED),
        Command("F05", "use", (F.RECEIVED,), "provider", "its twin arrives", F.MERGED),
        Command("F07", "withdraw", (F.RECEIVED,), "agent", "it was keyed in wrongly", F.BLANK),
        Command("F06", "void", (F.BLANK,), "provider or office", "its pad is lost", F.VOID),
    ),
)


class PaperState(models.TextChoices):
    RECEIVED = "RECEIVED", _("saisie, sans double à l’écran")
    MERGED = "MERGED", _("réunie à son double")
    QUESTIONED = "QUESTIONED", _("différence à expliquer")
    SETTLED = "SETTLED", _("différence expliquée")
    WITHDRAWN = "WITHDRAWN", _("saisie retirée")


P = PaperState

PAPER_MACHINE = Machine.of(
    "paper_file",
    initial=P.RECEIVED,
    owners={
        P.RECEIVED: "provider",
        P.MERGED: "provider",
        P.QUESTIONED: "agent",
        P.SETTLED: "nobody",
        P.WITHDRAWN: "nobody",
    },
    commands=(
        Command("G01", "key", (), "agent", "no twin: one claim is made", P.RECEIVED),
        Command("G02", "meet", (), "agent", "its twin is there, and says the same", P.MERGED),
        Command("G03", "meet", (), "agent", "its twin is there, and differs", P.QUESTIONED),
        Command("G04", "twin", (P.RECEIVED,), "provider", "it says the same", P.MERGED),
        Command("G05", "twin", (P.RECEIVED, P.MERGED), "provider", "it differs", P.QUESTIONED),
        Command("G06", "settle", (P.QUESTIONED,), "agent", "reason", P.SETTLED),
        Command("G07", "withdraw", (P.RECEIVED,), "agent", "its claim is cancelled", P.WITHDRAWN),
    ),
)
