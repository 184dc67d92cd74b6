"""The cursor for a search's statements: exact numbers, Django's errors and logs, and no search path to rely on."""

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tenants import context
from tenants.postgresql.base import Prepared


def ask(sql, parameters=()):
    with connection.binary_cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def test_vector_and_bytes_arrive_exactly(in_acme):
    vector = np.random.default_rng(1).normal(size=384).astype(np.float32)

    ((kept, raw),) = ask("SELECT (%s::vector)::real[], %s::bytea", [vector, b"\x00\xff"])

    assert np.array_equal(np.array(kept, dtype=np.float32), vector)
    assert raw == b"\x00\xff"


def test_statement_names_its_schema_and_finds_that_company_only(acme, globex, bob, charlie):
    found = {}
    with context.enter(globex):
        for tenant in (acme, globex):
            # The thread is in globex; the name in the statement is what counts.
            found[tenant.schema_name] = {row[0] for row in ask(f'SELECT email FROM "{tenant.schema_name}".employees')}

    assert bob.email in found[acme.schema_name] and bob.email not in found[globex.schema_name]
    assert charlie.email in found[globex.schema_name] and charlie.email not in found[acme.schema_name]


def test_errors_and_query_logs_are_those_of_django(in_acme, bob):
    with CaptureQueriesContext(connection) as logged:
        ask("SELECT 1 + %s", [1])
    with pytest.raises(IntegrityError), transaction.atomic():
        ask(f'INSERT INTO "{in_acme.schema_name}".index_generations (number) VALUES (NULL) RETURNING 1')

    assert logged.captured_queries[0]["sql"] == "SELECT 1 + $1"
    assert ask("SELECT 2") == [(2,)]


def test_statements_prepared_here_and_there_survive_a_rollback(in_acme):
    text = Prepared("SELECT 40 + %s")

    def both() -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(text, [2])
            planned = cursor.fetchone()[0]
        return planned, ask("SELECT 40 + %s::int", [2])[0][0]

    for _ in range(8):  # psycopg prepares after five
        assert both() == (42, 42)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO index_generations (number) VALUES (NULL)")

    with transaction.atomic():
        assert [both() for _ in range(8)] == [(42, 42)] * 8
