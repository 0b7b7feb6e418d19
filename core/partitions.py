"""Append-only tables partitioned by month: migration operations and the monthly gesture."""

from datetime import date
from typing import Any

from django.db import connection, migrations

from core.periods import add_months

# One SQL function creates a month, so that migrations and the monthly job do the same thing. TRUNCATE
# triggers are not inherited by partitions, hence the trigger on each of them.
CREATE_MONTH = """
CREATE OR REPLACE FUNCTION waraqa_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'waraqa: % is append only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE OR REPLACE FUNCTION waraqa_create_month(parent text, month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE partition text := parent || to_char(month, '_YYYYMM');
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN RETURN; END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                   partition, parent, month, month + interval '1 month');
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION '
                   'waraqa_append_only()', partition);
END $$;
"""
DROP_MONTH = """
DROP FUNCTION IF EXISTS waraqa_create_month(text, date);
DROP FUNCTION IF EXISTS waraqa_append_only();
"""
NO_TRUNCATE = """
CREATE OR REPLACE TRIGGER no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION waraqa_append_only();
"""
APPEND_ONLY = """
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION waraqa_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION waraqa_append_only();
"""
KEEP_CHANGEABLE = """
DROP TRIGGER IF EXISTS no_change ON {table};
DROP TRIGGER IF EXISTS no_truncate ON {table};
"""
FIRST_MONTH = date(2026, 1, 1)
MONTHS_AT_BIRTH = 24

PARTITIONED_TABLES = (
    "core_auditevent",
    "core_transition",
    "claims_linedecision",
    "payments_ledgerentry",
)


def append_only(table: str) -> migrations.RunSQL:
    """Return the operation that makes the database refuse UPDATE, DELETE and TRUNCATE on `table`."""
    return migrations.RunSQL(APPEND_ONLY.format(table=table), KEEP_CHANGEABLE.format(table=table))


class CreatePartitionedModel(migrations.CreateModel):
    """Create a model's table `PARTITION BY RANGE (at)`, with its first months and a default partition."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        table = model._meta.db_table
        statement, params = schema_editor.table_sql(model)
        schema_editor.execute(f"{statement} PARTITION BY RANGE (at)", params)
        schema_editor.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
        schema_editor.execute(NO_TRUNCATE.format(table=f"{table}_default"))
        for offset in range(MONTHS_AT_BIRTH):
            month = add_months(FIRST_MONTH, offset)
            schema_editor.execute("SELECT waraqa_create_month(%s, %s)", [table, month])
        schema_editor.execute(APPEND_ONLY.format(table=table))
        schema_editor.deferred_sql.extend(schema_editor._model_indexes_sql(model))


def create_months(*, today: date, ahead: int) -> None:
    """Create the partitions of the `ahead` months that follow `today` (idempotent)."""
    first = today.replace(day=1)
    with connection.cursor() as cursor:
        for table in PARTITIONED_TABLES:
            for offset in range(ahead + 1):
                cursor.execute(
                    "SELECT waraqa_create_month(%s, %s)", [table, add_months(first, offset)]
                )
