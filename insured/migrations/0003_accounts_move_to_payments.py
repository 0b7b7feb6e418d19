from django.db import migrations


class Migration(migrations.Migration):
    """The rows are in payments since its 0006: these tables go. Not reversible, so that none is lost."""

    dependencies = [("insured", "0002_labels"), ("payments", "0006_payee_accounts")]

    operations = [
        migrations.DeleteModel(name="HistoricalInsuredAccount"),
        migrations.DeleteModel(name="InsuredAccount"),
    ]
