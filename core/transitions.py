"""The only writer of a state: one table per machine, one immutable row per move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import outbox
from core.audit import Actor, actor_id
from core.errors import DomainError
from core.models import Transition


@dataclass(frozen=True, slots=True)
class Machine:
    """A state table: where each state may go, who owns it, which event entering it publishes."""

    name: str
    initial: str
    transitions: Mapping[str, frozenset[str]]
    owners: Mapping[str, str]
    events: Mapping[str, str] = field(default_factory=dict)

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
    Transition.objects.bulk_create(
        Transition(
            at=at,
            machine=machine.name,
            subject_id=key,
            from_state=origin,
            to_state=to,
            actor=actor_id(by),
            reason=reason,
        )
        for key, origin in locked.items()
    )
    for subject in subjects:
        for name, value in {"state": to, **fields}.items():
            setattr(subject, name, value)
    if event := machine.events.get(to):
        outbox.publish(event, subject_ids=list(locked), at=at)


def born(subject: Any, *, by: Actor, at: datetime) -> None:
    """Write the first transition row of a subject that was just created in its initial state."""
    machine: Machine = type(subject).MACHINE
    Transition.objects.create(
        at=at,
        machine=machine.name,
        subject_id=subject.pk,
        from_state="",
        to_state=subject.state,
        actor=actor_id(by),
    )
    if event := machine.events.get(subject.state):
        outbox.publish(event, subject_ids=[subject.pk], at=at)


def _label(model: type[models.Model], state: str) -> str:
    choices: dict[str, Any] = dict(model._meta.get_field("state").flatchoices)  # type: ignore[union-attr]
    return str(choices.get(state, state))


def moves_of(subject: Any) -> list[Transition]:
    """Return the moves of one subject, oldest first."""
    return list(Transition.objects.filter(subject_id=subject.pk).order_by("at", "id"))
