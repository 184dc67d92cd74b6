"""Versions from before there were windows: what served is in force since it was ready, what it replaced is withdrawn."""

from django.db import migrations

FORWARDS = """
UPDATE document_versions v SET effective_from = (coalesce(v.ready_at, v.received_at) AT TIME ZONE 'UTC')::date,
       published_at = v.ready_at
 WHERE v.state = 'ready' AND EXISTS (SELECT 1 FROM documents d WHERE d.serving_version_id = v.id);
UPDATE document_versions v SET publication = 'withdrawn', withdrawn_at = now(),
       withdrawn_reason = 'Replaced by a newer version.',
       effective_from = (coalesce(v.ready_at, v.received_at) AT TIME ZONE 'UTC')::date
 WHERE v.state = 'ready' AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.serving_version_id = v.id);
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_audience_and_windows")]

    operations = [migrations.RunSQL(FORWARDS, migrations.RunSQL.noop)]
