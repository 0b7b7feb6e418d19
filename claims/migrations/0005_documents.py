"""What was signed leaves the claim's row, and no column that settlement changes stays indexed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.partitions import append_only

MOVE_DOCUMENTS = """
INSERT INTO claims_claimdocument (claim_id, document, document_hash, signature)
SELECT id, document, document_hash, signature FROM claims_claim;
SET CONSTRAINTS ALL IMMEDIATE;
"""
PROTECT = django.db.models.deletion.PROTECT


def key(to, name, related="+", **options):
    return models.ForeignKey(
        db_index=False, on_delete=PROTECT, related_name=related, to=to, verbose_name=name, **options
    )


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0004_reversed_state"),
        ("insured", "0002_labels"),
        ("providers", "0002_labels"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ClaimDocument",
            fields=[
                (
                    "claim",
                    models.OneToOneField(
                        on_delete=PROTECT,
                        primary_key=True,
                        related_name="signed",
                        serialize=False,
                        to="claims.claim",
                    ),
                ),
                ("document", models.JSONField()),
                ("document_hash", models.CharField(max_length=64, unique=True)),
                ("signature", models.CharField(max_length=100)),
            ],
        ),
        migrations.RunSQL(MOVE_DOCUMENTS, migrations.RunSQL.noop),
        append_only("claims_claimdocument"),
        migrations.RemoveField(model_name="claim", name="document"),
        migrations.RemoveField(model_name="claim", name="document_hash"),
        migrations.RemoveField(model_name="claim", name="signature"),
        migrations.RemoveIndex(model_name="claim", name="claim_waiting"),
        migrations.AlterField("claim", "author", key(settings.AUTH_USER_MODEL, "auteur")),
        migrations.AlterField("claim", "device", key("providers.device", "poste")),
        migrations.AlterField("claim", "insured", key("insured.insured", "assuré")),
        migrations.AlterField(
            "claim", "provider", key("providers.provider", "professionnel", related="claims")
        ),
        migrations.AlterField(
            "claim", "screening", key("claims.screening", "contrôle automatique", null=True)
        ),
        migrations.AlterField(
            "claimline", "claim", key("claims.claim", "demande", related="lines")
        ),
        migrations.AlterField("claimline", "insured", key("insured.insured", "assuré")),
        migrations.AlterField("claimline", "patient", key("insured.person", "bénéficiaire")),
        migrations.AlterField("claimline", "provider", key("providers.provider", "professionnel")),
        migrations.AlterField(
            "screening", "claim", key("claims.claim", "demande", related="screenings")
        ),
        migrations.AlterField("screening", "insured", key("insured.insured", "assuré")),
        # Room in each page for the new version of a row: updates stay where they are.
        migrations.RunSQL(
            "ALTER TABLE claims_claim SET (fillfactor = 70)",
            "ALTER TABLE claims_claim RESET (fillfactor)",
        ),
    ]
