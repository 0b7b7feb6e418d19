from django.db import migrations

# TRUNCATE triggers are not inherited: the default partitions of installations made before had none.
LOCK_DEFAULTS = """
DO $$
DECLARE partition regclass;
BEGIN
    FOR partition IN
        SELECT inhrelid FROM pg_inherits JOIN pg_trigger ON tgrelid = inhparent
         WHERE tgname = 'no_truncate'
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER no_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT '
                       'EXECUTE FUNCTION waraqa_append_only()', partition);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0002_cache_table"),
        ("claims", "0002_labels"),
        ("payments", "0003_labels"),
    ]

    operations = [migrations.RunSQL(LOCK_DEFAULTS, migrations.RunSQL.noop)]
