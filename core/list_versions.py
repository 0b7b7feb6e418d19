"""Which state of the published lists a process has in memory: a number that changes with each write.

A trigger gives the list's row a new number in the writer's own transaction, so that a reader sees the
number and the rows of one same moment. Numbers come from a sequence: none is ever used twice, whatever
is rolled back.
"""

from typing import Any

from django.db import migrations

from core.pipeline import Question

CREATE = """
CREATE SEQUENCE core_listversion_number;
CREATE TABLE core_listversion (name text PRIMARY KEY, version bigint NOT NULL);
CREATE FUNCTION waraqa_list_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO core_listversion VALUES (TG_TABLE_NAME, nextval('core_listversion_number'))
    ON CONFLICT (name) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;
"""
DROP = """
DROP FUNCTION IF EXISTS waraqa_list_changed() CASCADE;
DROP TABLE IF EXISTS core_listversion;
DROP SEQUENCE IF EXISTS core_listversion_number;
"""

# What adjudication keeps in memory, in the order of its version's numbers.
WATCHED_TABLES = (
    "claims_act",
    "prescriptions_medicine",
    "prescriptions_medicineprice",
    "providers_agreementperiod",
    "providers_provider",
)


def watch(table: str) -> migrations.RunSQL:
    """Return the operation that renumbers a list at each statement that writes it."""
    return migrations.RunSQL(
        f"CREATE TRIGGER list_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION waraqa_list_changed()",
        f"DROP TRIGGER IF EXISTS list_changed ON {table}",
    )


def versions_question() -> Question[dict[str, Any]]:
    """Ask the number of each watched list; a list never written has none."""
    return Question("SELECT name, version FROM core_listversion", [], dict)
