"""Every claim of a page can be updated once before anything is cleaned: all of its moves stay in place."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("claims", "0008_run_judged")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE claims_claim SET (fillfactor = 50)",
            "ALTER TABLE claims_claim SET (fillfactor = 70)",
        )
    ]
