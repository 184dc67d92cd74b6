"""Rows of an incident's timeline can be added, never changed or removed."""

from django.db import migrations

CREATE = """
CREATE FUNCTION incident_timeline_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'incident_timeline is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER incident_timeline_no_change BEFORE UPDATE OR DELETE ON incident_timeline
    FOR EACH ROW EXECUTE FUNCTION incident_timeline_refuse_change();
CREATE TRIGGER incident_timeline_no_truncate BEFORE TRUNCATE ON incident_timeline
    FOR EACH STATEMENT EXECUTE FUNCTION incident_timeline_refuse_change();
"""
DROP = """
DROP TRIGGER incident_timeline_no_truncate ON incident_timeline;
DROP TRIGGER incident_timeline_no_change ON incident_timeline;
DROP FUNCTION incident_timeline_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("ragsite", "0002_incidents_contacts_heartbeats")]

    operations = [migrations.RunSQL(CREATE, DROP)]
