"""The only writer of a state: one table per machine, one immutable row per move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from core import outbox
from core.appending import append
from core.audit import Actor, actor_id
from core.errors import DomainError
from core.models import Transition
from core.pipeline import Array
from core.record_keys import TextKey, new_key, new_text_key


@dataclass(frozen=True, slots=True)
class Command:
    """One row of a machine's table: what is done, from which states (none: a birth), by whom, on what
    condition, and the state it leads to. Several rows of one name differ by their condition."""

    key: str
    name: str
    origins: tuple[str, ...]
    who: str
    condition: str
    to: str


@dataclass(frozen=True, slots=True)
class Machine:
    """A state table: where each state may go, who owns it, which event entering it publishes.

    `work_list` names the class whose `follow(keys, state, at=)` and its likes keep the list of what
    waits. `commands`: the table the transitions were derived from, where the machine has one.
    """

    name: str
    initial: str
    transitions: Mapping[str, frozenset[str]]
    owners: Mapping[str, str]
    events: Mapping[str, str] = field(default_factory=dict)
    work_list: str = ""
    commands: tuple[Command, ...] = ()

    @classmethod
    def of(
        cls, name: str, *, initial: str, owners: Mapping[str, str], commands: tuple[Command, ...]
    ) -> "Machine":
        """Return the machine that a table of commands describes; `owners` names every state."""
        targets: dict[str, set[str]] = {state: set() for state in owners}
        for command in commands:
            for origin in command.origins:
                targets[origin].add(command.to)
        return cls(
            name=name,
            initial=initial,
            transitions={state: frozenset(to) for state, to in targets.items()},
            owners=owners,
            commands=commands,
        )

    def births(self) -> frozenset[str]:
        """Return the states a subject may be created in."""
        born_in = {command.to for command in self.commands if not command.origins}
        return frozenset(born_in | {self.initial})

    def accepts(self, command: str, state: str) -> bool:
        """Tell whether a command may be given in a state, whatever its conditions."""
        return any(row.name == command and state in row.origins for row in self.commands)

    def allows(self, origin: str, target: str) -> bool:
        return target in self.transitions[origin]


class TransitionRefused(DomainError):
    """The subject is in a state that does not lead there; the answer names the current state."""

    code = "TRANSITION_REFUSED"
    message = _(
        "Cette opération n’est plus possible : l’état actuel est « %(state)s ». "
        "Rien n’a été modifié ; rechargez la page pour voir qui a agi."
    )


def move(
    subject: Any, to: str, *, by: Actor, at: datetime, reason: str = "", **fields: Any
) -> None:
    """Move one subject; see `move_all`. `subject` is refreshed in place."""
    move_all([subject], to, by=by, at=at, reason=reason, **fields)


def move_all(
    subjects: Sequence[Any], to: str, *, by: Actor, at: datetime, reason: str = "", **fields: Any
) -> None:
    """Move subjects of one model to state `to`, in the caller's transaction.

    Rows are locked in key order; `fields` are columns that belong to the new state and are written by
    the same UPDATE. Raises TransitionRefused, and then nothing is written.
    """
    if not subjects:
        return
    model = type(subjects[0])
    machine: Machine = model.MACHINE
    by_key = {subject.pk: subject for subject in subjects}
    locked = dict(
        model._default_manager.select_for_update(of=("self",))
        .filter(pk__in=by_key)
        .order_by("pk")
        .values_list("pk", "state")
    )
    for origin in locked.values():
        if not machine.allows(origin, to):
            raise TransitionRefused(state=_label(model, origin))
    model._default_manager.filter(pk__in=locked).update(state=to, **fields)
    _write_moves(machine, locked, to, by=by, at=at, reason=reason)
    for subject in subjects:
        for name, value in {"state": to, **fields}.items():
            setattr(subject, name, value)
    _tell(machine, list(locked), to, at=at)


@dataclass(frozen=True, slots=True)
class Move:
    """One subject's move among many that go to different states, with the columns it changes."""

    key: UUID | TextKey
    origin: str
    target: str
    values: tuple[Any, ...]
    reason: str = ""


def move_each(
    model: Any,
    moves: Sequence[Move],
    *,
    columns: Mapping[str, str],
    by: Actor,
    at: datetime,
    subjects: Sequence[Any] = (),
) -> None:
    """Move many subjects, each to its own state, by one statement; `columns` are names and SQL types
    of what `values` hold. `subjects` in memory follow.

    The caller holds whatever keeps other writers away. Raises TransitionRefused when a subject is not
    where its move starts; the caller's transaction is then to be undone.
    """
    if not moves:
        return
    machine: Machine = model.MACHINE
    for each in moves:
        if not machine.allows(each.origin, each.target):
            raise TransitionRefused(state=_label(model, each.origin))
    with connection.cursor() as cursor:
        cursor.execute(
            _move_each_sql(model._meta.db_table, columns),
            [
                Array.of(each.key for each in moves),
                Array.of(new_text_key() for _each in moves),
                Array.of(each.origin for each in moves),
                Array.of(each.target for each in moves),
                Array.of(each.reason for each in moves),
                *(Array.of(each.values[place] for each in moves) for place in range(len(columns))),
                at,
                machine.name,
                actor_id(by),
            ],
        )
        if cursor.rowcount != len(moves):
            raise TransitionRefused(state=_("autre"))
    targets = {each.key: each.target for each in moves}
    for subject in subjects:
        subject.state = targets.get(subject.pk, subject.state)
    _tell_each(machine, moves, at=at)


def _move_each_sql(table: str, columns: Mapping[str, str]) -> sql.Composed:
    """One UPDATE whose rows become the transitions: what did not move leaves none."""
    names = [sql.Identifier(name) for name in columns]
    arrays = [sql.SQL("%s::{}[]").format(sql.SQL(kind)) for kind in columns.values()]
    return sql.SQL(
        "WITH moved AS (UPDATE {table} AS old SET state = new.target{setting} FROM unnest("
        "%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[]{arrays})"
        " AS new (id, transition_id, origin, target, reason{names})"
        " WHERE old.id = new.id AND old.state = new.origin"
        " RETURNING new.transition_id, old.id, new.origin, new.target, new.reason)"
        " INSERT INTO core_transition"
        " (id, at, machine, subject_id, from_state, to_state, actor, reason)"
        " SELECT transition_id, %s, %s, id, origin, target, %s, reason FROM moved"
    ).format(
        table=sql.Identifier(table),
        setting=sql.SQL("").join(sql.SQL(", {0} = new.{0}").format(name) for name in names),
        arrays=sql.SQL("").join(sql.SQL(", {}").format(array) for array in arrays),
        names=sql.SQL("").join(sql.SQL(", {}").format(name) for name in names),
    )


def _tell_each(machine: Machine, moves: Sequence[Move], *, at: datetime) -> None:
    if machine.work_list:
        targets = {each.key: each.target for each in moves}
        import_string(machine.work_list).follow_each(targets, at=at)
    for state in dict.fromkeys(each.target for each in moves):
        if event := machine.events.get(state):
            keys = [each.key for each in moves if each.target == state]
            outbox.publish(event, subject_ids=keys, at=at)


def _tell(machine: Machine, keys: Sequence[UUID | TextKey], to: str, *, at: datetime) -> None:
    """Keep the work list, and publish what entering a state publishes."""
    if machine.work_list:
        import_string(machine.work_list).follow(keys, to, at=at)
    if event := machine.events.get(to):
        outbox.publish(event, subject_ids=keys, at=at)


def _write_moves(
    machine: Machine,
    origins: Mapping[UUID, str],
    to: str,
    *,
    by: Actor,
    at: datetime,
    reason: str,
) -> None:
    """Append one row a subject: one statement, whatever their number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_transition"
            " (id, at, machine, subject_id, from_state, to_state, actor, reason)"
            " SELECT moved.id, %s, %s, moved.subject_id, moved.from_state, %s, %s, %s"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::text[])"
            " AS moved (id, subject_id, from_state)",
            [
                at,
                machine.name,
                str(to),
                actor_id(by),
                reason,
                [new_key() for _origin in origins],
                list(origins),
                [str(origin) for origin in origins.values()],
            ],
        )


def born(subject: Any, *, by: Actor, at: datetime) -> None:
    """Write the first transition row of a subject that was just created in its initial state."""
    machine: Machine = type(subject).MACHINE
    append(_row(subject, "", subject.state, by=by, at=at))
    if event := machine.events.get(subject.state):
        outbox.publish(event, subject_ids=[subject.pk], at=at)


def born_all(subjects: Sequence[Any], *, by: Actor, at: datetime) -> None:
    """Write the first transition rows of subjects just created that publish nothing: one statement."""
    append(*(_row(subject, "", subject.state, by=by, at=at) for subject in subjects))


def bring_in(
    subject: Any, *, by: Actor, at: datetime, then: Sequence[tuple[str, Actor]] = ()
) -> None:
    """Append a new subject, in its initial state, where its first moves have led it: each target with
    who moves it there, one transition row each.

    Raises TransitionRefused.
    """
    machine: Machine = type(subject).MACHINE
    rows = [_row(subject, "", machine.initial, by=by, at=at)]
    for target, mover in then:
        if not machine.allows(subject.state, target):
            raise TransitionRefused(state=_label(type(subject), subject.state))
        rows.append(_row(subject, subject.state, target, by=mover, at=at))
        subject.state = target
    append(subject)
    append(*rows)
    if machine.work_list:
        import_string(machine.work_list).follow_new(subject.pk, subject.state, at=at)
    if event := machine.events.get(subject.state):
        outbox.publish(event, subject_ids=[subject.pk], at=at)


def _row(subject: Any, origin: str, target: str, *, by: Actor, at: datetime) -> Transition:
    return Transition(
        at=at,
        machine=type(subject).MACHINE.name,
        subject_id=subject.pk,
        from_state=str(origin),
        to_state=str(target),
        actor=actor_id(by),
    )


def _label(model: type[models.Model], state: str) -> str:
    choices: dict[str, Any] = dict(model._meta.get_field("state").flatchoices)  # type: ignore[union-attr]
    return str(choices.get(state, state))


def moves_of(subject: Any) -> list[Transition]:
    """Return the moves of one subject, oldest first."""
    return list(Transition.objects.filter(subject_id=subject.pk).order_by("at", "id"))
