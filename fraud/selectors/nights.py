"""Reads of the night's work: where a run is, and what the warehouse's names stand for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from claims.models import Claim
from fraud.models import NightRun, NightStep
from fraud.states import NightState
from insured.models import Person
from providers.models import Provider


def running_night() -> NightRun | None:
    """The run under way, or None."""
    return NightRun.objects.filter(state=NightState.RUNNING).first()


def last_night() -> NightRun | None:
    """The last run that ended well, or None."""
    return NightRun.objects.filter(state=NightState.DONE).order_by("-until", "-started_at").first()


def steps_of(run: NightRun) -> list[NightStep]:
    """The steps of a run, in order."""
    return list(run.steps.order_by("position"))


def failed_steps(run: NightRun) -> set[str]:
    """The names of a run's steps that ended with an error."""
    return set(run.steps.exclude(error="").values_list("name", flat=True))


def unseen_since(run: NightRun, step: str) -> date | None:
    """The first day a rule's step has to look at: the run's, or that of the earliest of the runs just
    before it in which the same step failed. None for the whole history."""
    since = run.since
    earlier = NightStep.objects.filter(
        name=step, run__state=NightState.DONE, run__started_at__lt=run.started_at
    )
    rows = earlier.order_by("-run__started_at").values_list("run__since", "error")
    for began, error in rows.iterator():
        if since is None or not error:
            break
        since = began
    return since


@dataclass(frozen=True, slots=True)
class Names:
    """What the identifiers of the warehouse stand for: keys of rows that exist."""

    providers: dict[str, UUID]
    members: dict[str, tuple[UUID, UUID]]
    claims: dict[str, UUID]


def names_of(providers: Iterable[str], members: Iterable[str], claims: Iterable[str]) -> Names:
    """Resolve the keys the warehouse carries, in 3 queries; a key that no row has is left out."""
    people = Person.objects.filter(pk__in=_keys(members)).values_list("pk", "insured_id")
    return Names(
        {str(key): key for key in _existing(Provider, providers)},
        {str(key): (key, insured) for key, insured in people},
        {str(key): key for key in _existing(Claim, claims)},
    )


def _existing(model: Any, texts: Iterable[str]) -> list[UUID]:
    return list(model.objects.filter(pk__in=_keys(texts)).values_list("pk", flat=True))


def _keys(texts: Iterable[str]) -> set[UUID]:
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found
