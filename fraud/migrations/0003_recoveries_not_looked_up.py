"""Who lists claims does not learn from their address which ones a case of fraud asks back."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fraud", "0002_cases")]

    operations = [
        migrations.AlterField(
            model_name="caserecovery",
            name="claim",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="claims.claim"
            ),
        ),
    ]
