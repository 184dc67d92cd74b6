"""Numbers of every company, in one statement for all: pages of the platform must not ask company by company."""

from collections.abc import Sequence

from django.db import connection
from psycopg import sql

from tenants.models import Tenant

# Far above what one installation serves; a statement of this length is still planned within milliseconds.
MAX_COMPANIES = 500

FILES = "(SELECT count(*) FROM {}.document_versions)"
FILE_BYTES = "(SELECT sum(size_bytes) FROM {}.document_versions)"
FILES_WAITING = "(SELECT count(*) FROM {}.outbox WHERE kind = 'process_version')"
LOG_VERIFIED_AT = "(SELECT extract(epoch FROM max(at)) FROM {}.audit_logs WHERE verb = 'audit.verify')"
LOG_IS_UNSOUND = (
    "(SELECT count(*) FROM (SELECT outcome FROM {}.audit_logs WHERE verb = 'audit.verify' ORDER BY at DESC LIMIT 1)"
    " AS newest WHERE outcome <> 'success')"
)
OPEN_FINDINGS = "(SELECT count(*) FROM {}.findings WHERE state = 'open')"


def numbers_of(numbers: Sequence[str]) -> dict[int, tuple[int, ...]]:
    """What each of `numbers` says in each company's schema, by the company's row id. Two queries.

    `numbers` are scalar queries from code, never from a request, with {} for the schema.
    """
    schemas = list(Tenant.objects.set_up().order_by("pk").values_list("pk", "schema_name")[:MAX_COMPANIES])
    if not schemas:
        return {}
    parts = [
        sql.SQL("SELECT {}, {}").format(
            sql.Literal(pk),
            sql.SQL(", ").join(sql.SQL(number).format(sql.Identifier(schema)) for number in numbers),  # type: ignore[arg-type]
        )
        for pk, schema in schemas
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts))
        return {row[0]: tuple(int(number or 0) for number in row[1:]) for row in cursor.fetchall()}
