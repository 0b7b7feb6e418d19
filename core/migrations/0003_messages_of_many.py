"""A message stands for one subject or a few hundred; published lists have a version number."""

import django.contrib.postgres.fields
from django.db import migrations, models

from core.list_versions import CREATE, DROP


class Migration(migrations.Migration):
    dependencies = [("core", "0002_cache_table")]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.AddField(
            model_name="outboxmessage",
            name="subject_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), default=list, size=None
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(
            "UPDATE core_outboxmessage SET subject_ids = ARRAY[subject_id]", migrations.RunSQL.noop
        ),
        migrations.RemoveField(model_name="outboxmessage", name="subject_id"),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("subject_ids__len__gt", 0)), name="outbox_message_has_a_subject"
            ),
        ),
    ]
