"""Every pair of states of every machine, through the one writer."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from core.management.commands.draw_states import machine_models
from core.transitions import Machine

MODELS = machine_models()
PAIRS = [
    (model, origin, target)
    for model in MODELS
    for origin in model.MACHINE.transitions
    for target in model.MACHINE.transitions
]


def test_the_machines_are_those_we_know() -> None:
    assert [model._meta.label for model in MODELS] == [
        "claims.Claim",
        "claims.PaperFile",
        "claims.PaperPad",
        "claims.PaperSheet",
        "claims.Run",
        "claims.ShadowLaw",
        "fraud.Case",
        "fraud.NightRun",
        "fraud.RuleVersion",
        "payments.AccountChange",
        "payments.PaymentBatch",
        "payments.PaymentOrder",
        "payments.PaymentRepair",
        "payments.Reversal",
        "payments.UndueAmount",
        "prescriptions.Dispensing",
        "prescriptions.PendingDispensing",
        "prescriptions.PrescribedItem",
        "prescriptions.Prescription",
        "prescriptions.PrescriptionRequest",
        "providers.Device",
        "sync.Envelope",
    ]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_table_names_every_state_once_with_its_owner(model) -> None:
    machine: Machine = model.MACHINE
    states = {value for value, _label in model._meta.get_field("state").choices}

    assert set(machine.transitions) == states == set(machine.owners)
    assert {target for targets in machine.transitions.values() for target in targets} <= states


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_state_is_reached_and_every_state_can_end(model) -> None:
    machine: Machine = model.MACHINE
    finals = {state for state in machine.transitions if not _leaves(machine, state)}

    reached = set().union(*(_reach(machine, state) for state in machine.births()))
    assert reached == set(machine.transitions)
    assert all(_reach(machine, state) & finals for state in machine.transitions)


# A final state is left by proof that came late only: what was handed over with no network before.
LATE = {"late_proof", "dispense_offline"}


def _leaves(machine: Machine, state: str) -> set[str]:
    """Where a state leads in time."""
    if not machine.commands:
        return set(machine.transitions[state])
    return {row.to for row in machine.commands if state in row.origins and row.name not in LATE}


def _reach(machine: Machine, start: str) -> set[str]:
    seen, waiting = set(), [start]
    while waiting:
        state = waiting.pop()
        if state not in seen:
            seen.add(state)
            waiting += machine.transitions[state]
    return seen


def test_nobody_else_assigns_a_state() -> None:
    guilty = []
    for room in (
        "accounts",
        "providers",
        "insured",
        "prescriptions",
        "claims",
        "fraud",
        "payments",
        "sync",
        "config",
    ):
        for path in Path(settings.BASE_DIR, room).rglob("*.py"):
            # The bench's naive way is what the product is measured against.
            if "migrations" in path.parts or path.match("config/bench/naive.py"):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                targets = node.targets if isinstance(node, ast.Assign) else []
                if any(
                    isinstance(each, ast.Attribute) and each.attr == "state" for each in targets
                ):
                    guilty.append(f"{path}:{node.lineno}")
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "update"
                    and any(keyword.arg == "state" for keyword in node.keywords)
                ):
                    guilty.append(f"{path}:{node.lineno}")

    assert guilty == []


def test_the_drawing_is_current() -> None:
    call_command("draw_states", check=True)
