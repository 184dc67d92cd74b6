"""The search path is right for every statement, whatever happened before it on the connection."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from tenants import context
from tenants.models import Tenant


def path() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        return cursor.fetchone()[0]


def test_every_cursor_works_in_the_threads_company(acme, globex):
    with context.enter(acme):
        assert path() == "acme, public"
        with context.enter(globex):
            assert path() == "globex, public"
        assert path() == "acme, public"
    assert path() == "public"


def test_path_survives_the_rollback_of_a_savepoint(in_acme, globex):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        with context.enter(globex):
            assert path() == "globex, public"
        raise ZeroDivisionError

    assert path() == "acme, public"


def test_failed_statement_can_be_rolled_back(in_acme):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")

    assert path() == "acme, public"


def test_results_are_those_of_the_statement(in_acme):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s, '100%%'", ["a"])
        assert cursor.fetchall() == [("a", "100%")]
        cursor.execute("SELECT '100%'")
        assert cursor.fetchall() == [("100%",)]
        cursor.execute("CREATE TEMPORARY TABLE numbers (n integer)")
        cursor.executemany("INSERT INTO numbers VALUES (%s)", [(1,), (2,), (3,)])
        cursor.execute("UPDATE numbers SET n = n + 1 WHERE n > 1")
        assert cursor.rowcount == 2
        with cursor.copy("COPY numbers FROM STDIN") as copy:
            copy.write_row((9,))
        cursor.execute("SELECT max(n) FROM numbers")
        assert cursor.fetchone() == (9,)


def test_statement_that_must_stand_alone_works(committed):
    with connection.cursor() as cursor:
        cursor.execute("VACUUM tenants")


def test_threads_do_not_share_a_path(committed):
    wrong = []

    def work(name: str) -> None:
        try:
            tenant = Tenant.objects.get(schema_name=name)
            for _ in range(100):
                with context.enter(tenant):
                    if path() != f"{name}, public":
                        wrong.append(name)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(name,)) for name in ("acme", "globex") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_connection_that_the_server_closed_is_noticed(committed):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    assert connection.is_usable()

    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()

    assert not connection.is_usable()
    connection.close()
