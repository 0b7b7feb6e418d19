"""What the queries are held against: the machines, the subscriptions, the law, the migrations."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader
from django.utils.timezone import localdate

from claims.adjudication.law import IN_FORCE, Law
from claims.selectors import law
from core.partitions import CreatePartitionedModel
from core.transitions import Machine

_LOCKED = re.compile(r"CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON (\w+)")


def parameters(*, at: datetime) -> dict[str, Any]:
    """Return the parameters of every query, as of an instant."""
    today = law().at(localdate(at))
    limits = today.numbers("delays.state_limits_days")
    return {
        "at": at,
        "append_only": json.dumps(sorted(append_only_tables())),
        "edges": json.dumps(list(_edges())),
        "events": json.dumps(list(_events())),
        "ceilings": json.dumps(list(_ceilings(law()))),
        "limits": json.dumps({state.upper(): days for state, days in limits.items()}),
        "custody_minutes": today.delay("custody_minutes"),
    }


def machines() -> list[Machine]:
    """Return the state machine of every model that has one."""
    return [model.MACHINE for model in _moved()]


def _moved() -> list[Any]:
    return [model for model in apps.get_models() if hasattr(model, "MACHINE")]


def present_states() -> str:
    """Return the query of machine, key and state of every row that has a state."""
    return " UNION ALL ".join(
        f"SELECT '{model.MACHINE.name}', id, state FROM {model._meta.db_table}"  # noqa: S608
        for model in _moved()
    )


def append_only_tables() -> set[str]:
    """Return the tables that migrations locked, as far as they still exist."""
    present = set(connection.introspection.table_names())
    declared = set()
    for migration in MigrationLoader(None).disk_migrations.values():
        for operation in migration.operations:
            declared |= _locked_by(operation, migration.app_label)
    return declared & present


def _locked_by(operation: Any, room: str) -> set[str]:
    if isinstance(operation, CreatePartitionedModel):
        return {f"{room}_{operation.name.lower()}"}
    if isinstance(operation, RunSQL) and isinstance(operation.sql, str):
        return set(_LOCKED.findall(operation.sql))
    return set()


def _edges() -> Iterator[dict[str, str]]:
    for machine in machines():
        for state in sorted(machine.births()):
            yield {"machine": machine.name, "from_state": "", "to_state": state}
        for origin, targets in machine.transitions.items():
            for target in targets:
                yield {"machine": machine.name, "from_state": origin, "to_state": target}


def _events() -> Iterator[dict[str, str]]:
    for machine in machines():
        for state, kind in machine.events.items():
            for subscriber in settings.SUBSCRIPTIONS.get(kind, ()):
                yield {
                    "machine": machine.name,
                    "state": state,
                    "kind": kind,
                    "subscriber": subscriber,
                }


def _ceilings(of: Law) -> Iterator[dict[str, Any]]:
    """Every value of a ceiling that is in force, with the days it holds."""
    for name in sorted(of.ceiling_names()):
        values = [
            value
            for value in of.parameter(f"ceilings.{name}").values
            if value.status == IN_FORCE and value.numbers is not None
        ]
        ends = [value.first_day - timedelta(days=1) for value in values[1:]]
        for value, last_day in zip(values, [*ends, date.max], strict=True):
            numbers = dict(value.numbers or ())
            yield {
                "name": name,
                "first_day": value.first_day.isoformat(),
                "last_day": last_day.isoformat(),
                "amount": numbers["amount"],
                "months": numbers["period"],
            }
