"""What every room writes through: audit, transitions, outbox, idempotent calls."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.record_keys import new_key


class AuditEvent(models.Model):
    """Who did or read what, when, on which subject: append only, no foreign key, partitioned by month."""

    pk = models.CompositePrimaryKey("id", "at")
    id = models.UUIDField(default=new_key, editable=False)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    insured_id = models.UUIDField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "at"], name="audit_subject"),
            models.Index(fields=["insured_id", "at"], name="audit_insured"),
        ]


class Transition(models.Model):
    """One move of one subject along its state machine: append only, partitioned by month.

    Its key begins with the subject, whose moves are found by it in their order.
    """

    pk = models.CompositePrimaryKey("subject_id", "at", "id")
    id = models.UUIDField(default=new_key, editable=False)
    at = models.DateTimeField()
    machine = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    actor = models.CharField(max_length=80)
    reason = models.TextField(blank=True)


class OutboxMessage(models.Model):
    """One thing a subscriber must do, for one subject or a few hundred: the row is the queue, Celery
    is the doorbell."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    kind = models.CharField(max_length=80)
    subscriber = models.CharField(max_length=120)
    subject_ids = ArrayField(models.UUIDField())
    published_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)
    quarantined_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(leased_until__isnull=True, lease_token__isnull=True)
                | models.Q(leased_until__isnull=False, lease_token__isnull=False),
                name="outbox_lease_is_a_pair",
            ),
            models.CheckConstraint(
                condition=models.Q(subject_ids__len__gt=0), name="outbox_message_has_a_subject"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="outbox_live",
                condition=models.Q(done_at__isnull=True, quarantined_at__isnull=True),
            ),
        ]


class IdempotentCall(models.Model):
    """The first answer to a write from outside, replayed when the same key comes again."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    content_hash = models.CharField(max_length=64)
    status = models.SmallIntegerField()
    answer = models.JSONField()
    called_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["caller", "key"], name="one_answer_per_idempotency_key"
            ),
        ]
