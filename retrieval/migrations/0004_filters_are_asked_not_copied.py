"""Searches ask the documents who may read; the copies of `is_confidential` beside postings and vectors go."""

from django.db import migrations

# Tables of points are made by retrieval.stores, one set for each index generation.
_EACH = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
                 AND tablename ~ '^(vectors|lexical_chunks|lexical_postings)_[0-9]+$'
    LOOP
        {statements}
    END LOOP;
END $$
"""
FORWARDS = _EACH.format(
    statements="EXECUTE format('ALTER TABLE %I DROP COLUMN IF EXISTS is_confidential', found.tablename);"
)
BACKWARDS = _EACH.format(
    statements="""
        EXECUTE format('ALTER TABLE %I ADD COLUMN is_confidential boolean NOT NULL DEFAULT true', found.tablename);
        EXECUTE format('UPDATE %I t SET is_confidential = d.is_confidential FROM documents d, document_versions v'
                       ' WHERE v.id = t.version_id AND d.id = v.document_id', found.tablename);"""
)


class Migration(migrations.Migration):
    dependencies = [("retrieval", "0003_standpoint_of_a_question"), ("documents", "0004_window_rules")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
