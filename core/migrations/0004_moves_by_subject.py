"""A move's key begins with its subject: the index that finds a subject's moves is that of the key."""

from django.db import migrations, models

FORWARD = """
DROP INDEX transition_subject;
ALTER TABLE core_transition DROP CONSTRAINT core_transition_pkey;
ALTER TABLE core_transition ADD PRIMARY KEY (subject_id, at, id);
"""
BACKWARD = """
ALTER TABLE core_transition DROP CONSTRAINT core_transition_pkey;
ALTER TABLE core_transition ADD PRIMARY KEY (id, at);
CREATE INDEX transition_subject ON core_transition (subject_id, at);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0003_messages_of_many")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
            state_operations=[
                migrations.RemoveIndex(model_name="transition", name="transition_subject"),
                migrations.AlterField(
                    model_name="transition",
                    name="pk",
                    field=models.CompositePrimaryKey(
                        "subject_id",
                        "at",
                        "id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
        )
    ]
