"""What waits: claims somebody must act on, and the runs that judge queued claims by thousands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from claims.models.claim import Claim
from claims.states import RUN_MACHINE, ClaimState, RunState
from core import locks, pipeline
from core.pipeline import Array
from core.record_keys import TextKey, new_key


class Run(models.Model):
    """One adjudication of every queued claim: who started it, how many there were, where it stands."""

    MACHINE = RUN_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    state = models.CharField(_("état"), max_length=10, choices=RunState.choices)
    started_at = models.DateTimeField(_("lancée le"))
    started_by = models.CharField(_("lancée par"), max_length=80)
    ended_at = models.DateTimeField(_("terminée le"), null=True)
    total = models.IntegerField(_("dossiers"))
    # Written when the run ends: rows of the queue, counted until then, move on to other runs.
    judged = models.IntegerField(_("dossiers jugés"), null=True)

    class Meta:
        verbose_name = _("liquidation en lot")
        verbose_name_plural = _("liquidations en lot")
        constraints = [
            # One run at a time, whichever of the two states it is in.
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(state__in=["RUNNING", "PAUSED"]),
                name="one_run_at_a_time",
                violation_error_message=_("Une liquidation en lot est déjà en cours."),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["RUNNING", "PAUSED"], ended_at__isnull=True)
                | models.Q(state__in=["DONE", "CANCELLED"], ended_at__isnull=False),
                name="run_ended_iff_ended_at",
            ),
            models.CheckConstraint(condition=models.Q(total__gt=0), name="run_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%d/%m/%Y %H:%M}"


class WaitingClaim(models.Model):
    """A claim that waits for somebody, or in the queue to be judged: one small row, gone when it moves on.

    SUBMITTED rows are the queue of adjudication; `bucket` is the last byte of the insured person's key,
    by which work is shared out and locked. `error` says why a claim was set aside for a person.
    """

    WAITING = (
        ClaimState.IN_REVIEW,
        ClaimState.HELD,
        ClaimState.APPROVED,
        ClaimState.PAYMENT_FAILED,
    )

    claim = models.OneToOneField(
        Claim, primary_key=True, on_delete=models.PROTECT, related_name="waiting"
    )
    state = models.CharField(max_length=20, choices=ClaimState.choices)
    bucket = models.SmallIntegerField()
    since = models.DateTimeField()
    run = models.ForeignKey(
        Run, null=True, on_delete=models.PROTECT, related_name="waiting", db_index=False
    )
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "bucket", "claim"], name="waiting_work")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(bucket__range=(0, 255)), name="bucket_is_a_byte"
            )
        ]

    @classmethod
    def queued(cls, claim: Claim, *, at: datetime, error: str = "") -> "WaitingClaim":
        """A place in the queue of adjudication for a new claim, not saved; `error` sets it aside."""
        bucket = locks.bucket_of(claim.insured_id)
        return cls(claim=claim, state=ClaimState.SUBMITTED, bucket=bucket, since=at, error=error)

    @classmethod
    def follow(cls, claim_ids: Sequence[UUID | TextKey], state: str, *, at: datetime) -> None:
        """Keep the list true to a move of these claims to `state`; called by core.transitions."""
        cls.follow_each(dict.fromkeys(claim_ids, state), at=at)

    @classmethod
    def follow_each(cls, states: Mapping[UUID | TextKey, str], *, at: datetime) -> None:
        """Keep the list true to moves of claims, each to its own state: one statement."""
        waiting = {key: state for key, state in states.items() if state in cls.WAITING}
        gone = [key for key in states if key not in waiting]
        pipeline.write(
            "WITH gone AS (DELETE FROM claims_waitingclaim WHERE claim_id = ANY(%s::uuid[]))"
            " INSERT INTO claims_waitingclaim (claim_id, state, bucket, since, run_id, error)"
            " SELECT claim.id, moved.state, get_byte(uuid_send(claim.insured_id), 15), %s,"
            " NULL, '' FROM unnest(%s::uuid[], %s::text[]) AS moved (id, state)"
            " JOIN claims_claim claim ON claim.id = moved.id"
            " ON CONFLICT (claim_id) DO UPDATE SET state = excluded.state,"
            " since = excluded.since, run_id = NULL, error = ''",
            [
                Array.of(gone),
                at,
                Array.of(waiting),
                Array.of(waiting.values()),
            ],
            sees_the_others=True,
        )

    @classmethod
    def follow_new(cls, claim_id: UUID, state: str, *, at: datetime) -> None:
        """List a new claim if somebody has to act on it."""
        if state in cls.WAITING:
            cls.follow([claim_id], state, at=at)

    @classmethod
    def hold_buckets_of(cls, claim_ids: Sequence[UUID]) -> None:
        """Hold the buckets of queued claims until the end of the transaction, in one order."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, bucket) FROM (SELECT DISTINCT bucket::int"
                " FROM claims_waitingclaim WHERE claim_id = ANY(%s::uuid[]) AND state = %s"
                " ORDER BY 1) AS held (bucket)",
                [
                    locks.BUCKET_SPACE,
                    Array.of(claim_ids),
                    ClaimState.SUBMITTED.value,
                ],
            )
