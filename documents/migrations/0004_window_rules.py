"""The rules about windows, once the rows keep them. Reversible."""

from django.db import migrations, models

# btree_gist is not there, so equality of document and people is written as the overlap of one-point ranges of a hash.
# A collision of 64-bit hashes would refuse a publication, never allow a wrong one.
EXCLUSION = """
ALTER TABLE document_versions ADD CONSTRAINT one_version_in_force EXCLUDE USING gist (
    int8range(hashtextextended(document_id::text || ':' || applies_key, 0),
              hashtextextended(document_id::text || ':' || applies_key, 0), '[]') WITH &&,
    daterange(effective_from, effective_to, '[]') WITH &&
) WHERE (publication = 'published' AND state = 'ready')
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_existing_versions_in_force")]

    operations = [
        migrations.AddConstraint(
            model_name='documentversion',
            constraint=models.CheckConstraint(condition=models.Q(('publication__in', ['draft', 'in_review', 'published', 'withdrawn'])), name='document_version_publication_known'),
        ),
        migrations.AddConstraint(
            model_name='documentversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('publication', 'published'), ('state', 'ready'), _negated=True), ('effective_from__isnull', False), _connector='OR'), name='document_version_in_force_has_a_first_day'),
        ),
        migrations.AddConstraint(
            model_name='documentversion',
            constraint=models.CheckConstraint(condition=models.Q(('effective_to__isnull', True), ('effective_from__isnull', True), ('effective_to__gte', models.F('effective_from')), _connector='OR'), name='document_version_ends_after_the_start'),
        ),
        migrations.RunSQL(EXCLUSION, "ALTER TABLE document_versions DROP CONSTRAINT one_version_in_force"),
    ]
