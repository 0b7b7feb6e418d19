"""Counters of providers' days: one index fewer to keep, and room in each page for what is counted up."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0009_room_for_updates"),
        ("providers", "0003_accounts_move_to_payments"),
    ]

    operations = [
        # `one_counter_a_provider_day` begins with the provider: it finds what this index found.
        migrations.AlterField(
            model_name="providerday",
            name="provider",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="providers.provider",
                verbose_name="professionnel",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE claims_providerday SET (fillfactor = 50)",
            "ALTER TABLE claims_providerday RESET (fillfactor)",
        ),
    ]
