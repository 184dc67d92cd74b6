"""Counters of the API's limits: an UNLOGGED table with room for updates in place (HOT)."""

from django.db import migrations, models

CREATE = """
CREATE UNLOGGED TABLE throttle_counters (
    key varchar(32) PRIMARY KEY,
    period bigint NOT NULL,
    current integer NOT NULL,
    previous integer NOT NULL,
    ceiling integer NOT NULL
) WITH (fillfactor = 50);
"""
DROP = "DROP TABLE throttle_counters"


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CREATE, DROP)],
            state_operations=[
                migrations.CreateModel(
                    name="ThrottleCounter",
                    fields=[
                        ("key", models.CharField(max_length=32, primary_key=True, serialize=False)),
                        ("period", models.BigIntegerField(help_text="Number of the minute since 1970.")),
                        ("current", models.IntegerField()),
                        ("previous", models.IntegerField()),
                        (
                            "ceiling",
                            models.IntegerField(
                                help_text="Counting stops here, so that a refused caller is not refused for ever."
                            ),
                        ),
                    ],
                    options={"db_table": "throttle_counters"},
                )
            ],
        )
    ]
