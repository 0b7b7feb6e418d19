import core.record_keys
import django.db.models.deletion
from core.partitions import append_only
from django.db import migrations, models
from django.db.models import Q

# What answers read before this table said: who answered is known, the file of a batch is its first.
COPY_ANSWERS = """
INSERT INTO payments_bankanswer_batches (bankanswer_id, paymentbatch_id)
    SELECT id, batch_id FROM payments_bankanswer;
INSERT INTO payments_bankline (id, answer_id, order_id, source, outcome, reason)
    SELECT gen_random_uuid(), first.id, o.id, 'REPORT', o.state, o.return_reason
    FROM payments_paymentorder o
    JOIN LATERAL (
        SELECT a.id FROM payments_bankanswer a WHERE a.batch_id = o.batch_id
        ORDER BY a.received_at, a.id LIMIT 1
    ) first ON true
    WHERE o.state IN ('PAID', 'RETURNED');
"""
# Transfers that came back and that nothing paid since are files to repair, for an officer to look at.
OPEN_REPAIRS = """
INSERT INTO payments_paymentrepair (id, order_id, state, code, opened_at, since)
    SELECT gen_random_uuid(), o.id, 'OPEN',
        coalesce(substring(o.return_reason from '^([A-Z]{2}[0-9]{2})( |$)'), ''),
        o.answered_at, o.answered_at
    FROM payments_paymentorder o
    WHERE o.state = 'RETURNED' AND NOT EXISTS (
        SELECT 1 FROM payments_orderclaim c JOIN payments_orderclaim later ON later.claim_id = c.claim_id
        WHERE c.order_id = o.id AND later.id > c.id
    );
INSERT INTO core_transition (id, at, machine, subject_id, from_state, to_state, actor, reason)
    SELECT gen_random_uuid(), opened_at, 'payment_repair', id, '', 'OPEN', 'system:migration', ''
    FROM payments_paymentrepair;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0001_initial"),
        ("payments", "0006_payee_accounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="bankanswer",
            name="message",
            field=models.CharField(default="pain.002", max_length=20, verbose_name="message"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="bankanswer",
            name="signature",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="bankanswer",
            name="signed_by",
            field=models.CharField(blank=True, default="", max_length=43),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="bankanswer",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="payments.paymentbatch",
            ),
        ),
        migrations.AddField(
            model_name="bankanswer",
            name="batches",
            field=models.ManyToManyField(related_name="answers", to="payments.paymentbatch"),
        ),
        migrations.CreateModel(
            name="BankLine",
            fields=[
                ("id", models.UUIDField(default=core.record_keys.new_key, editable=False, primary_key=True, serialize=False)),
                ("source", models.CharField(choices=[("REPORT", "compte rendu (pain.002)"), ("NOTICE", "avis d’écriture (camt.054)")], max_length=6)),
                ("outcome", models.CharField(choices=[("PAID", "exécuté"), ("RETURNED", "rejeté")], max_length=8)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("answer", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="payments.bankanswer")),
                ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="bank_lines", to="payments.paymentorder")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("order", "source", "outcome"), name="bank_says_a_thing_once")],
            },
        ),
        migrations.CreateModel(
            name="PaymentRepair",
            fields=[
                ("id", models.UUIDField(default=core.record_keys.new_key, editable=False, primary_key=True, serialize=False)),
                ("state", models.CharField(choices=[("OPEN", "à examiner"), ("WAITING_PAYEE", "attend un nouveau compte"), ("RETRYING", "à refaire sur le même compte"), ("REPAIRED", "payé par un autre virement"), ("REPLACED", "revenu une autre fois")], max_length=13, verbose_name="état")),
                ("code", models.CharField(blank=True, max_length=35, verbose_name="code de la banque")),
                ("opened_at", models.DateTimeField(verbose_name="revenu le")),
                ("since", models.DateTimeField(verbose_name="depuis")),
                ("next_order", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.paymentorder", verbose_name="virement suivant")),
                ("order", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="repair", to="payments.paymentorder", verbose_name="virement")),
            ],
            options={
                "verbose_name": "virement à réparer",
                "verbose_name_plural": "virements à réparer",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state__in=["REPAIRED", "REPLACED"], next_order__isnull=False)
                        | (~Q(state__in=["REPAIRED", "REPLACED"]) & Q(next_order__isnull=True)),
                        name="repair_ends_with_an_order",
                    )
                ],
            },
        ),
        migrations.RunSQL(COPY_ANSWERS, migrations.RunSQL.noop),
        migrations.RunSQL(OPEN_REPAIRS, migrations.RunSQL.noop),
        append_only("payments_bankline"),
        migrations.RemoveField(model_name="bankanswer", name="batch"),
        migrations.AlterField(
            model_name="paymentbatch",
            name="state",
            field=models.CharField(choices=[("FROZEN", "gelé"), ("APPROVED", "approuvé"), ("EXPORTED", "transmis à la banque"), ("SETTLED", "réglé"), ("PARTLY_SETTLED", "réglé en partie"), ("RECONCILED", "rapproché"), ("CANCELLED", "annulé")], max_length=20, verbose_name="état"),
        ),
        migrations.RemoveConstraint(model_name="paymentbatch", name="no_batch_leaves_unapproved"),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.CheckConstraint(
                condition=~Q(state__in=["APPROVED", "EXPORTED", "SETTLED", "PARTLY_SETTLED", "RECONCILED"])
                | Q(approved_by__isnull=False),
                name="no_batch_leaves_unapproved",
            ),
        ),
    ]
