"""What waits: the queue of adjudication and the work lists, in one small table; runs over it."""

import core.record_keys
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from core.list_versions import WATCHED_TABLES, watch

PROTECT = django.db.models.deletion.PROTECT

FILL = """
INSERT INTO claims_waitingclaim (claim_id, state, bucket, since, run_id, error)
SELECT claim.id, claim.state, get_byte(uuid_send(claim.insured_id), 15),
       coalesce((SELECT max(at) FROM core_transition moved WHERE moved.subject_id = claim.id),
                claim.received_at), NULL, ''
FROM claims_claim claim WHERE claim.state IN ('IN_REVIEW', 'HELD', 'APPROVED', 'PAYMENT_FAILED')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0006_lean_decisions"),
        ("core", "0003_messages_of_many"),
        ("prescriptions", "0002_labels"),
        ("providers", "0002_labels"),
    ]

    operations = [
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.record_keys.new_key,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("RUNNING", "en cours"),
                            ("PAUSED", "en pause"),
                            ("DONE", "terminée"),
                            ("CANCELLED", "arrêtée"),
                        ],
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="lancée le")),
                ("started_by", models.CharField(max_length=80, verbose_name="lancée par")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="terminée le")),
                ("total", models.IntegerField(verbose_name="dossiers")),
            ],
            options={
                "verbose_name": "liquidation en lot",
                "verbose_name_plural": "liquidations en lot",
                "constraints": [
                    # One run at a time, whichever of the two states it is in.
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=Q(("state__in", ["RUNNING", "PAUSED"])),
                        name="one_run_at_a_time",
                        violation_error_message="Une liquidation en lot est déjà en cours.",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            Q(("ended_at__isnull", True), ("state__in", ["RUNNING", "PAUSED"])),
                            Q(("ended_at__isnull", False), ("state__in", ["DONE", "CANCELLED"])),
                            _connector="OR",
                        ),
                        name="run_ended_iff_ended_at",
                    ),
                    models.CheckConstraint(condition=Q(("total__gt", 0)), name="run_is_not_empty"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitingClaim",
            fields=[
                (
                    "claim",
                    models.OneToOneField(
                        on_delete=PROTECT,
                        primary_key=True,
                        related_name="waiting",
                        serialize=False,
                        to="claims.claim",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("SUBMITTED", "transmise"),
                            ("IN_REVIEW", "en contrôle"),
                            ("ADJUDICATED", "liquidée"),
                            ("HELD", "suspendue (contrôle)"),
                            ("APPROVED", "bonne à payer"),
                            ("SCHEDULED", "en paiement"),
                            ("PAYMENT_FAILED", "virement rejeté"),
                            ("PAID", "payée"),
                            ("DENIED", "rejetée"),
                            ("CANCELLED", "annulée"),
                            ("REVERSED", "extournée"),
                        ],
                        max_length=20,
                    ),
                ),
                ("bucket", models.SmallIntegerField()),
                ("since", models.DateTimeField()),
                ("error", models.TextField(blank=True)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=PROTECT,
                        related_name="waiting",
                        to="claims.run",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "bucket", "claim"], name="waiting_work")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("bucket__range", (0, 255))), name="bucket_is_a_byte"
                    )
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        *(watch(table) for table in WATCHED_TABLES),
    ]
