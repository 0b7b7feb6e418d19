"""How a run goes: what is done, set aside and left, and how fast."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from claims.models import Run, WaitingClaim
from claims.states import ClaimState
from core.models import OutboxMessage


@dataclass(frozen=True, slots=True)
class RunProgress:
    """Counts of a run's claims; `set_aside` could not be judged and wait for a person."""

    total: int
    left: int
    set_aside: int

    @property
    def done(self) -> int:
        """Claims that have their decision."""
        return self.total - self.left - self.set_aside

    def rate(self, run: Run, *, at: datetime) -> float:
        """Claims judged a second since the run began; its pauses count."""
        seconds = ((run.ended_at or at) - run.started_at).total_seconds()
        return self.done / seconds if seconds > 0 else 0.0

    def seconds_left(self, run: Run, *, at: datetime) -> int | None:
        """Seconds until the end at this rate, None while nothing tells."""
        rate = self.rate(run, at=at)
        return round(self.left / rate) if rate else None


def run_progress(run: Run) -> RunProgress:
    """Count what is left of a run: two queries."""
    aside = ~Q(error="") | Q(claim_id__in=quarantined_claims(run))
    counts = WaitingClaim.objects.filter(run=run).aggregate(
        all=Count("claim_id"), aside=Count("claim_id", filter=aside)
    )
    return RunProgress(run.total, counts["all"] - counts["aside"], counts["aside"])


def quarantined_claims(run: Run) -> list[UUID]:
    """Claims of this run that no worker came back from, or whose writing failed, three times over."""
    killers = OutboxMessage.objects.filter(
        kind="claims.claim.queued",
        quarantined_at__isnull=False,
        published_at__gte=run.started_at,
    )
    return [key for keys in killers.values_list("subject_ids", flat=True) for key in keys]


def runs() -> QuerySet[Run]:
    """Runs, the last one first."""
    return Run.objects.order_by("-started_at")


def queued_claims() -> QuerySet[WaitingClaim]:
    """Claims received and not judged yet, oldest first."""
    waiting = WaitingClaim.objects.filter(state=ClaimState.SUBMITTED)
    return waiting.select_related("claim__sheet", "claim__provider").order_by("since", "claim_id")


def set_aside_claims() -> QuerySet[WaitingClaim]:
    """Claims that could not be judged, each with its `error`; the next run tries them again."""
    return queued_claims().exclude(error="")


def current_run() -> Run | None:
    """The run under way or paused, if any."""
    return Run.objects.filter(ended_at__isnull=True).first()
