"""The table of Django's database cache, as `createcachetable` would make it; unlogged, because it can be lost at any time."""

from django.db import migrations

CREATE = """
CREATE UNLOGGED TABLE IF NOT EXISTS cache_entries (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX IF NOT EXISTS cache_entries_expires ON cache_entries (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE cache_entries")]
