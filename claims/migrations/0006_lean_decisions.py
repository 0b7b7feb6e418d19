"""Decisions by the million: facts and steps packed, lines partitioned by month, uses in one table."""

from collections import defaultdict

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from claims.adjudication.decision import Step
from claims.adjudication.exchange import facts_from_case
from claims.adjudication.legislation.loader import load_law
from claims.adjudication.packing import pack_facts, pack_steps
from core.partitions import KEEP_CHANGEABLE, APPEND_ONLY, CreatePartitionedModel, append_only

PROTECT = django.db.models.deletion.PROTECT

SET_ASIDE = """
CREATE TABLE claims_before_lines AS SELECT * FROM claims_linedecision;
CREATE TABLE claims_before_steps AS SELECT * FROM claims_decisionstep;
CREATE TABLE claims_before_uses AS SELECT * FROM claims_approvaluse;
"""
COPY_LINES = """
INSERT INTO claims_linedecision (decision_id, position, at, line_id, insured_id, tariff_centimes,
    base_centimes, rate_bp, reimbursed_centimes, insured_share_centimes, reasons, is_denied, steps)
SELECT old.decision_id, line.position, decision.decided_at, old.line_id, old.insured_id,
    old.tariff_centimes, old.base_centimes, old.rate_bp, old.reimbursed_centimes,
    old.insured_share_centimes, old.reasons, old.is_denied, packed.steps
FROM claims_before_lines old
JOIN claims_decision decision ON decision.id = old.decision_id
JOIN claims_claimline line ON line.id = old.line_id
JOIN claims_before_packed packed
  ON packed.decision_id = old.decision_id AND packed.position = line.position;
"""
COPY_USES = """
INSERT INTO claims_counteduse (patient_id, claim_id, n, position, kind, insured_id, name, approval_id,
    care_date, amount)
SELECT claim.patient_id, claim.id, decision.n, line.position, 'APPROVAL', claim.insured_id, '',
    old.approval_id, line.care_date, old.quantity
FROM claims_before_uses old
JOIN claims_decision decision ON decision.id = old.decision_id
JOIN claims_claim claim ON claim.id = decision.claim_id
JOIN claims_claimline line ON line.id = old.line_id;
INSERT INTO claims_counteduse (patient_id, claim_id, n, position, kind, insured_id, name, approval_id,
    care_date, amount)
SELECT claim.patient_id, claim.id, decision.n, line.position, taken.kind, claim.insured_id, taken.name,
    NULL, line.care_date, taken.amount
FROM claims_before_lines old
JOIN claims_decision decision ON decision.id = old.decision_id
JOIN claims_claim claim ON claim.id = decision.claim_id
JOIN claims_claimline line ON line.id = old.line_id
CROSS JOIN LATERAL (VALUES ('CEILING', old.ceiling, old.reimbursed_centimes),
                           ('FREQUENCY', old.frequency, 1)) AS taken (kind, name, amount)
WHERE NOT old.is_denied AND taken.name <> '' AND taken.amount > 0;
SET CONSTRAINTS ALL IMMEDIATE;
"""
FORGET = """
DROP TABLE claims_before_lines;
DROP TABLE claims_before_steps;
DROP TABLE claims_before_uses;
DROP TABLE claims_before_packed;
"""
THAW = KEEP_CHANGEABLE.format(table="claims_decision")
FREEZE = APPEND_ONLY.format(table="claims_decision")


def keep_laws(apps, schema_editor):
    """The content of a law that is no longer the one in force was never kept: its digest remains."""
    law = load_law()
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT law_digest, min(decided_at) FROM claims_decision GROUP BY 1")
        for digest, first in cursor.fetchall():
            content = law.to_dict() if digest == law.digest else {"parameters": {}}
            apps.get_model("claims", "LawVersion").objects.create(
                id=int(digest[:15], 16), digest=digest, content=content, first_used_at=first
            )


def pack_decisions(apps, schema_editor):
    law = load_law()
    for decision in apps.get_model("claims", "Decision").objects.iterator(500):
        decision.facts = pack_facts(facts_from_case(decision.case, law))
        decision.law_id = int(decision.law_digest[:15], 16)
        decision.save(update_fields=["facts", "law_id"])


def pack_lines(apps, schema_editor):
    steps = defaultdict(list)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("CREATE TABLE claims_before_packed (decision_id uuid, position int, steps text)")
        cursor.execute(
            "SELECT decision_id, line.position FROM claims_before_lines old"
            " JOIN claims_claimline line ON line.id = old.line_id"
        )
        for row in cursor.fetchall():
            steps[row] = []
        cursor.execute(
            "SELECT decision_id, line_position, rule, reason, reference, values::text"
            ' FROM claims_before_steps ORDER BY decision_id, line_position, "order"'
        )
        for decision_id, position, rule, reason, reference, values in cursor.fetchall():
            step = Step.from_values(
                rule=rule, reason=reason, reference=reference, values=_json(values)
            )
            steps[decision_id, position].append(step)
        for (decision_id, position), each in steps.items():
            cursor.execute(
                "INSERT INTO claims_before_packed VALUES (%s, %s, %s)",
                [decision_id, position, pack_steps(tuple(each))],
            )


def _json(text):
    import json

    return json.loads(text)


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0005_documents"),
        ("payments", "0005_recoveries"),
        ("insured", "0002_labels"),
    ]

    operations = [
        migrations.RunSQL(SET_ASIDE, migrations.RunSQL.noop),
        migrations.DeleteModel(name="ApprovalUse"),
        migrations.DeleteModel(name="DecisionStep"),
        migrations.DeleteModel(name="LineDecision"),
        migrations.CreateModel(
            name="LawVersion",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("content", models.JSONField()),
                ("first_used_at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(keep_laws, migrations.RunPython.noop),
        migrations.RunSQL(THAW, migrations.RunSQL.noop),
        migrations.AddField("decision", "facts", models.TextField(default=""), preserve_default=False),
        migrations.AddField(
            "decision",
            "law",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                default=0,
                on_delete=PROTECT,
                related_name="+",
                to="claims.lawversion",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(pack_decisions, migrations.RunPython.noop),
        migrations.RemoveField("decision", "case"),
        migrations.RemoveField("decision", "law_digest"),
        migrations.AlterField(
            "decision",
            "claim",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=PROTECT,
                related_name="decisions",
                to="claims.claim",
                verbose_name="demande",
            ),
        ),
        migrations.AlterField(
            "decision",
            "insured",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=PROTECT,
                related_name="+",
                to="insured.insured",
                verbose_name="assuré",
            ),
        ),
        migrations.RunSQL(FREEZE, migrations.RunSQL.noop),
        CreatePartitionedModel(
            name="LineDecision",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "decision_id",
                        "position",
                        "at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("position", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
                ("insured_id", models.UUIDField()),
                ("tariff_centimes", models.BigIntegerField()),
                ("base_centimes", models.BigIntegerField()),
                ("rate_bp", models.IntegerField()),
                ("reimbursed_centimes", models.BigIntegerField()),
                ("insured_share_centimes", models.BigIntegerField()),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None
                    ),
                ),
                ("is_denied", models.BooleanField()),
                ("steps", models.TextField()),
                (
                    "decision",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="lines",
                        to="claims.decision",
                        verbose_name="décision",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="decisions",
                        to="claims.claimline",
                        verbose_name="ligne",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            ("reimbursed_centimes__gte", 0),
                            ("reimbursed_centimes__lte", F("base_centimes")),
                            ("rate_bp__range", (0, 10000)),
                        ),
                        name="line_never_above_its_base",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CountedUse",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "patient_id",
                        "claim_id",
                        "n",
                        "position",
                        "kind",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("n", models.SmallIntegerField()),
                ("position", models.SmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("CEILING", "plafond"),
                            ("FREQUENCY", "périodicité"),
                            ("APPROVAL", "entente préalable"),
                        ],
                        max_length=10,
                    ),
                ),
                ("insured_id", models.UUIDField()),
                ("name", models.CharField(blank=True, max_length=40)),
                ("care_date", models.DateField()),
                ("amount", models.BigIntegerField()),
                (
                    "approval",
                    models.ForeignKey(
                        null=True,
                        on_delete=PROTECT,
                        related_name="uses",
                        to="claims.priorapproval",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False, on_delete=PROTECT, related_name="uses", to="claims.claim"
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False, on_delete=PROTECT, related_name="+", to="insured.person"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(("amount__gt", 0)), name="use_is_positive"),
                    models.CheckConstraint(
                        condition=Q(
                            Q(("approval__isnull", False), ("kind", "APPROVAL")),
                            Q(
                                Q(("kind", "APPROVAL"), _negated=True),
                                ("approval__isnull", True),
                                Q(("name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="use_names_what_it_takes",
                    ),
                ],
            },
        ),
        migrations.RunPython(pack_lines, migrations.RunPython.noop),
        migrations.RunSQL(COPY_LINES, migrations.RunSQL.noop),
        migrations.RunSQL(COPY_USES, migrations.RunSQL.noop),
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        append_only("claims_counteduse"),
    ]
