"""Rows that were written before the chain get their place in it; from here on a row without one is refused.

The hashes are keyed, and the key is never in the database, so they are computed here and not in SQL: page by page over
one pass, written by COPY and one UPDATE. 100,000 rows take some ten seconds. In one transaction with NOT NULL: an old
process that still writes is refused, not left with a hole in the log.
"""

from django.db import migrations, models

from audit.chain import existing


def chain_existing_rows(apps, schema_editor):
    existing.chain_rows(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_newest_of_an_actor_a_verb_a_target")]

    operations = [
        migrations.RunPython(chain_existing_rows, migrations.RunPython.noop),
        migrations.AlterField("auditlog", "sequence", models.BigIntegerField(unique=True)),
        migrations.AlterField("auditlog", "previous_hash", models.BinaryField()),
        migrations.AlterField("auditlog", "row_hash", models.BinaryField()),
    ]
