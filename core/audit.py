"""The explicit audit trail: services and reading edges say who did what to which subject."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from core.appending import append
from core.models import AuditEvent


class Person(Protocol):
    """Whoever signs in; `core` does not know the accounts room."""

    pk: Any


Actor = Person | str


def actor_id(by: Actor) -> str:
    """Return `user:<key>` for a person, or the name of the system job (`system:screening`)."""
    return by if isinstance(by, str) else f"user:{by.pk}"


def record(
    *,
    by: Actor,
    at: datetime,
    action: str,
    subject: Any,
    insured_id: UUID | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Append one audit event; `subject` is any model instance."""
    event = AuditEvent(
        at=at,
        actor=actor_id(by),
        action=action,
        subject_type=subject._meta.label,
        subject_id=str(subject.pk),
        insured_id=insured_id,
        before=before,
        after=after,
    )
    append(event)


def readings_of(insured_id: UUID, *, limit: int) -> list[AuditEvent]:
    """Return the latest readings of a household's data, newest first."""
    read = AuditEvent.objects.filter(insured_id=insured_id, action__endswith=".read")
    return list(read.order_by("-at")[:limit])


def actors_of(subject: Any, actions: Collection[str]) -> set[str]:
    """Return who did one of these actions on a subject, as `actor_id` names them."""
    done = AuditEvent.objects.filter(
        subject_type=subject._meta.label, subject_id=str(subject.pk), action__in=actions
    )
    return set(done.values_list("actor", flat=True))


def is_recorded(*, by: Actor, action: str, subject: Any, since: datetime) -> bool:
    """Tell whether somebody did this to a subject since an instant."""
    done = AuditEvent.objects.filter(subject_id=str(subject.pk), at__gte=since, action=action)
    return done.filter(actor=actor_id(by), subject_type=subject._meta.label).exists()


def record_job(*, by: str, at: datetime, action: str, job: str, after: dict[str, Any]) -> None:
    """Append what a job of the system did, where no row is its subject."""
    AuditEvent.objects.create(
        at=at, actor=by, action=action, subject_type="job", subject_id=job, after=after
    )


def last_of_job(job: str) -> AuditEvent | None:
    """Return the last event of a job, or None before its first run."""
    return AuditEvent.objects.filter(subject_type="job", subject_id=job).order_by("-at").first()
