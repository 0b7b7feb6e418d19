"""The cache lives in the database, so that limits and used codes are shared by all processes."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.RunPython(create, lambda apps, schema_editor: schema_editor.execute("DROP TABLE core_cache"))
    ]
