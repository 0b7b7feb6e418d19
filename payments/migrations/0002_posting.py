import core.record_keys
from core.partitions import append_only
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("payments", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.UUIDField(default=core.record_keys.new_key, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("APPROVED", "accord"), ("SENT", "transmission à la banque"), ("PAID", "virement exécuté"), ("RETURNED", "virement rejeté")], max_length=10)),
                ("source_id", models.UUIDField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "source_id"), name="posting_happens_once")],
            },
        ),
        append_only("payments_posting"),
        migrations.AddField(
            model_name="paymentbatch",
            name="file_hash",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        # Numbers of batches: a sequence never waits and never repeats; a gap is harmless.
        migrations.RunSQL(
            "CREATE SEQUENCE payments_batch_number", "DROP SEQUENCE payments_batch_number"
        ),
    ]
