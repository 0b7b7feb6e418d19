"""Every pair (state, command) of a prescription, from the table that draws the diagram.

A pair the table knows ends where the table says; any other is refused by the sentence of its state, and no
row of any table changes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Role
from core.errors import DomainError
from payments import services as payments
from prescriptions import services
from prescriptions.models import PrescribedItem, Prescription
from prescriptions.rules.lines import Standing
from prescriptions.states import (
    PRESCRIPTION_COMMANDS,
    PRESCRIPTION_MACHINE,
    LineState,
    PrescriptionState,
)
from providers.intake import Offline
from tests import world

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=16)
MUCH_LATER = timedelta(days=200)
# A counter that heard from the server before anything happened.
UNAWARE = Offline(
    signed_at=world.NOW, received_at=world.NOW, learnt_at=world.NOW - timedelta(days=1)
)


@dataclass
class Scene:
    """One prescription of two lines, with everybody around it."""

    doctor: Any = field(default_factory=world.practice)
    shop: Any = field(default_factory=world.pharmacy)
    patient: Any = field(default_factory=world.person)
    officer: Any = field(default_factory=lambda: world.user(Role.MEDICAL_OFFICER))
    medicines: list[Any] = field(default_factory=lambda: [world.medicine(), world.medicine()])
    claims: list[Any] = field(default_factory=list)
    prescription: Any = None
    at: Any = world.NOW

    def write(self, *, later: bool = False) -> "Scene":
        self.patient.insured.user = world.user(Role.INSURED)
        self.patient.insured.save()
        document = world.prescription_document(self.doctor, self.patient, self.medicines)
        if later:
            lines = [world.prescribed_line(each) for each in self.medicines]
            starts = (world.TODAY + timedelta(days=3)).isoformat()
            document = world.second_document(self.doctor, self.patient, lines, starts_on=starts)
        self.prescription = world.prescribe(self.doctor, document)
        return self

    @property
    def number(self) -> dict[str, Any]:
        return {"fse_number": self.prescription.fse_number, "at": self.at}

    @property
    def state(self) -> str:
        return Prescription.objects.get(pk=self.prescription.pk).state

    def take(self) -> "Scene":
        by = {"pharmacy": self.shop.provider, "by": self.shop.user}
        services.take_custody(**self.number, **by)
        return self

    def dispense(self, *positions: int, offline: Offline | None = None) -> "Scene":
        lines = [(n, self.medicines[n - 1], 2, "150.00") for n in positions]
        document = world.dispensing_document(self.shop, self.prescription, lines)
        self.claims.append(world.dispense(self.shop, document, at=self.at, offline=offline))
        return self

    def answer(self, *positions: int, reason: str = "UNLAWFUL") -> "Scene":
        by = {"pharmacy": self.shop.provider, "by": self.shop.user}
        answers = [services.Answer(n, "NOT_DISPENSED", reason) for n in positions]
        services.record_outcomes(**self.number, **by, answers=answers)
        return self

    def by_doctor(self, service: Callable[..., Any]) -> "Scene":
        service(**self.number, reason="motif", by=self.doctor.user)
        return self

    def by_officer(self, service: Callable[..., Any]) -> "Scene":
        service(**self.number, reason="motif", by=self.officer)
        return self

    def clock(self, after: timedelta) -> "Scene":
        services.advance_prescriptions(at=self.at + after)
        return self

    def amend(self) -> None:
        claim = self.claims[-1] if self.claims else None
        line = world.dispensed_line(1, self.medicines[0], 1, outcome="PARTIAL")
        digest = claim.dispensing.document_hash if claim else "0" * 64
        document = world.second_dispensing(self.shop, self.prescription, [line], replaces=digest)
        payments.amend_dispensing(
            claim_id=claim.pk if claim else self.prescription.pk,
            pharmacy=self.shop.provider,
            draft=world.dispensing_draft_of(document),
            signed=self.shop.sign(document),
            by=self.shop.user,
            at=self.at,
        )

    def reverse(self) -> None:
        payments.reverse_dispensing(
            claim_id=self.claims[-1].pk if self.claims else self.prescription.pk,
            pharmacy=self.shop.provider,
            reason=payments.CorrectionReason.GOODS_BACK,
            by=self.shop.user,
            at=self.at,
        )


cancel, retract = services.cancel_prescription, services.retract_prescription
hold, lift, confirm = services.hold_prescription, services.lift_hold, services.confirm_hold

# How each state is reached; where a hand-over before matters, the second way of a state has one.
WAYS: dict[str, Callable[[], Scene]] = {
    "SCHEDULED": lambda: Scene().write(later=True),
    "ACTIVE": lambda: Scene().write(),
    "IN_CUSTODY": lambda: Scene().write().take(),
    "IN_CUSTODY, some given": lambda: Scene().write().dispense(1).take(),
    "PARTLY_DISPENSED": lambda: Scene().write().dispense(1),
    "COMPLETED": lambda: Scene().write().dispense(1, 2),
    "NOT_DISPENSED": lambda: Scene().write().take().answer(1, 2),
    "CANCEL_PENDING": lambda: Scene().write().take().by_doctor(cancel),
    "CANCEL_PENDING, some given": lambda: Scene().write().dispense(1).take().by_doctor(cancel),
    "CANCELLED": lambda: Scene().write().by_doctor(cancel),
    "ON_HOLD": lambda: Scene().write().by_officer(hold),
    "ON_HOLD, some given": lambda: Scene().write().dispense(1).by_officer(hold),
    "EXPIRED": lambda: Scene().write().clock(MUCH_LATER),
    "ENTERED_IN_ERROR": lambda: Scene().write().by_doctor(retract),
}


def rest(scene: Scene) -> list[int]:
    open_lines = ("TO_DISPENSE", "RESERVED", "PARTIAL", "OWING")
    items = PrescribedItem.objects.filter(prescription=scene.prescription).order_by("position")
    return [item.position for item in items if item.state in open_lines] or [1, 2]


def release(scene: Scene) -> None:
    by = {"pharmacy": scene.shop.provider, "by": scene.shop.user, "reason": "PATIENT_LEFT"}
    services.release_custody(**scene.number, **by)


def waive(scene: Scene) -> None:
    services.waive_remainder(**scene.number, reason="guéri", by=scene.patient.insured.user)


def break_lease(scene: Scene) -> None:
    services.break_lease(**scene.number, by=scene.patient.insured.user)


def reopen(scene: Scene) -> None:
    by = {"pharmacy": scene.shop.provider, "by": scene.shop.user}
    services.reopen(**scene.number, **by)


COMMANDS: dict[str, Callable[[Scene], Any]] = {
    # Three days would end a lease too: no time passes where the first day has come.
    "start_reached": lambda scene: scene.clock(
        timedelta(days=3) if scene.state == "SCHEDULED" else timedelta()
    ),
    "take_custody": lambda scene: scene.take(),
    "release": release,
    "lease_end": lambda scene: scene.clock(LATER),
    "break_lease": break_lease,
    # Another document than the one that completed: the same again is the same success.
    "dispense": lambda scene: scene.dispense(*([1] if scene.state == "COMPLETED" else rest(scene))),
    "dispense_offline": lambda scene: scene.dispense(
        *([1] if scene.state == "COMPLETED" else rest(scene)), offline=UNAWARE
    ),
    "record_outcomes": lambda scene: scene.answer(*rest(scene)),
    "waive": waive,
    "validity_end": lambda scene: scene.clock(MUCH_LATER),
    "reverse": lambda scene: scene.reverse(),
    "amend": lambda scene: scene.amend(),
    "cancel": lambda scene: scene.by_doctor(cancel),
    "hold": lambda scene: scene.by_officer(hold),
    "lift": lambda scene: scene.by_officer(lift),
    "confirm_hold": lambda scene: scene.by_officer(confirm),
    "retract": lambda scene: scene.by_doctor(retract),
    "reopen": reopen,
}

# The sentence of each state for whatever it does not let do.
REFUSED: dict[str, type[DomainError]] = {
    "SCHEDULED": services.NotValidYet,
    "ACTIVE": services.CommandRefused,
    "IN_CUSTODY": services.HeldByAnother,
    "PARTLY_DISPENSED": services.CommandRefused,
    "COMPLETED": services.AlreadyDispensed,
    "NOT_DISPENSED": services.PrescriptionNotDispensed,
    "CANCEL_PENDING": services.CancellationPending,
    "CANCELLED": services.PrescriptionCancelled,
    "ON_HOLD": services.PrescriptionOnHold,
    "EXPIRED": services.PrescriptionExpired,
    "ENTERED_IN_ERROR": services.PrescriptionRetracted,
}
# A better sentence than the state's.
BETTER: dict[tuple[str, str], type[DomainError]] = {
    ("ACTIVE", "record_outcomes"): services.NotInCustody,
    ("PARTLY_DISPENSED", "record_outcomes"): services.NotInCustody,
    ("IN_CUSTODY", "waive"): services.NothingGiven,
    ("ON_HOLD", "waive"): services.NothingGiven,
    ("PARTLY_DISPENSED", "retract"): services.SomethingGiven,
    ("COMPLETED", "retract"): services.SomethingGiven,
    ("IN_CUSTODY, some given", "retract"): services.SomethingGiven,
    ("CANCEL_PENDING, some given", "retract"): services.SomethingGiven,
    ("ON_HOLD, some given", "retract"): services.SomethingGiven,
}
# Without a dispensing there is none to correct.
NOTHING_TO_CORRECT = {
    (way, command)
    for way in WAYS
    for command in ("reverse", "amend")
    if "given" not in way and way not in ("PARTLY_DISPENSED", "COMPLETED")
}
# Done before: the success comes again. The clock, and who gives back what nobody holds, change nothing.
AGAIN = {
    ("CANCELLED", "cancel"),
    ("CANCEL_PENDING", "cancel"),
    ("CANCEL_PENDING, some given", "cancel"),
    ("ON_HOLD", "hold"),
    ("ON_HOLD, some given", "hold"),
    ("ENTERED_IN_ERROR", "retract"),
    ("NOT_DISPENSED", "record_outcomes"),
}
QUIET = {"start_reached", "lease_end", "validity_end", "release", "break_lease"}
PAIRS = [(way, command) for way in WAYS for command in COMMANDS]


def targets(command: str, state: str) -> set[str]:
    return {row.to for row in PRESCRIPTION_COMMANDS if row.name == command and state in row.origins}


def test_every_state_and_every_command_is_walked() -> None:
    assert {way.partition(",")[0] for way in WAYS} == set(PrescriptionState.values)
    assert set(COMMANDS) == {row.name for row in PRESCRIPTION_COMMANDS if row.origins}
    assert {state.value for state in LineState} == {each.value for each in Standing}


@pytest.mark.parametrize(("way", "command"), PAIRS)
def test_a_pair(way: str, command: str) -> None:
    scene = WAYS[way]()
    state = way.partition(",")[0]
    assert scene.state == state
    refusal = BETTER.get((way, command))
    if (way, command) in NOTHING_TO_CORRECT:
        refusal = services.NotYourDispensing
    known = PRESCRIPTION_MACHINE.accepts(command, state)

    if refusal is None and known:
        COMMANDS[command](scene)
        assert scene.state in targets(command, state)
        return
    before = world.rows_everywhere()
    if (way, command) in AGAIN or (command in QUIET and refusal is None):
        COMMANDS[command](scene)
    else:
        with pytest.raises(refusal or REFUSED[state]), transaction.atomic():
            COMMANDS[command](scene)
    assert world.rows_everywhere() == before
    assert scene.state == state


def some_given() -> Scene:
    """One box of two handed over on the first line; the prescriber then cancels what is left of it."""
    scene = Scene().write()
    lines = [(1, scene.medicines[0], 1, "75.00")]
    document = world.dispensing_document(scene.shop, scene.prescription, lines)
    scene.claims.append(world.dispense(scene.shop, document, at=scene.at))
    return scene


def cancel_line(scene: Scene, position: int) -> str:
    answer = cancel(**scene.number, reason="erreur", by=scene.doctor.user, positions=[position])
    return str(answer.outcome)


def lines_of(scene: Scene) -> list[tuple[str, int, str]]:
    items = scene.prescription.items.order_by("position")
    return [(item.state, item.boxes_dispensed, item.refusal) for item in items.all()]


def test_a_line_cancelled_twice_is_the_success_twice() -> None:
    scene = some_given()
    assert cancel_line(scene, 1) == "LINES_CANCELLED"
    before = world.rows_everywhere()

    assert cancel_line(scene, 1) == "LINES_CANCELLED"
    assert world.rows_everywhere() == before
    assert lines_of(scene) == [
        ("DISPENSED", 1, "PRESCRIBER_CANCELLED"),
        ("TO_DISPENSE", 0, ""),
    ]


def test_boxes_that_come_back_do_not_open_a_cancelled_line_again() -> None:
    scene = some_given()
    cancel_line(scene, 1)
    scene.reverse()

    assert scene.state == "ACTIVE"
    assert lines_of(scene)[0][:2] == ("CANCELLED", 0)
    with pytest.raises(DomainError):
        scene.dispense(1)


def test_a_dispensing_written_anew_does_not_open_a_cancelled_line_again() -> None:
    scene = some_given()
    cancel_line(scene, 1)
    scene.amend()

    assert scene.state == "PARTLY_DISPENSED"
    assert lines_of(scene)[0] == ("DISPENSED", 1, "PRESCRIBER_CANCELLED")


@pytest.mark.parametrize(
    ("position", "code"), [(7, "POSITION_UNKNOWN"), (2, "LINE_NOT_CANCELLABLE")]
)
def test_a_line_that_cannot_be_cancelled_is_named(position: int, code: str) -> None:
    scene = Scene().write().dispense(2)
    before = world.rows_everywhere()

    with pytest.raises(DomainError) as refusal, transaction.atomic():
        cancel_line(scene, position)
    assert (refusal.value.code, refusal.value.pointer) == (code, "/lines/0/position")
    assert world.rows_everywhere() == before
