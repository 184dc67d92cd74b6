"""Statements that a connection keeps planned answer as if they were sent anew each time."""

import pytest
from django.db import DatabaseError, connection, transaction

from tenants import context
from tenants.postgresql import base
from tenants.postgresql.base import Prepared


def ask(sql: str, *params: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(Prepared(sql), params)
        return cursor.fetchall()


def kept() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'ragsite%%' ORDER BY 1", [])
        return [name for (name,) in cursor.fetchall()]


def test_answers_are_those_of_the_statement(in_acme):
    for _ in range(3):
        assert ask("SELECT %s::int + 1, '100%%', %s::text", 2, "it's %s") == [(3, "100%", "it's %s")]
    assert ask("SELECT 7") == [(7,)]
    assert ask("SELECT 1 WHERE false") == []
    assert ask("SELECT %s::int IS NULL", None) == [(True,)]


def test_same_text_is_planned_once_and_counted_as_one_query(in_acme, django_assert_num_queries):
    before = len(kept())
    with django_assert_num_queries(4) as captured:
        for number in range(4):
            assert ask("SELECT %s::int AS once", number) == [(number,)]

    assert len(kept()) == before + 1
    assert captured.captured_queries[0]["sql"] == "SELECT 0::int AS once"


def test_each_company_is_answered_from_its_own_tables(bob, charlie, acme, globex):
    for _ in range(3):
        for tenant, person in ((acme, bob), (globex, charlie)):
            with context.enter(tenant):
                found = ask("SELECT email FROM employees WHERE email = ANY(%s)", [bob.email, charlie.email])
            assert found == [(person.email,)]


def test_statement_prepared_in_a_rolled_back_transaction_is_good_after_it(in_acme):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert ask("SELECT %s::int * 2", 4) == [(8,)]
        raise ZeroDivisionError

    assert ask("SELECT %s::int * 2", 5) == [(10,)]


def test_rollback_after_which_psycopg_forgets_its_own_statements_is_none_of_ours(in_acme):
    def binary() -> list[tuple]:
        with connection.binary_cursor() as cursor:
            cursor.execute("SELECT %s::int + 1000", [1])
            return cursor.fetchall()

    for _ in range(10):
        assert binary() == [(1001,)]
    assert ask("SELECT %s::int * 3", 4) == [(12,)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%int + 1000%%'", [])
        assert cursor.fetchone() == (1,)  # or this test shows nothing
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise ZeroDivisionError

    assert ask("SELECT %s::int * 3", 5) == [(15,)]
    assert binary() == [(1001,)]


def test_statement_whose_first_call_failed_is_good_for_the_next(in_acme):
    with pytest.raises(DatabaseError), transaction.atomic():
        ask("SELECT 1 / %s::int", 0)

    assert ask("SELECT 1 / %s::int", 1) == [(1,)]


def test_failed_transaction_refuses_it_until_rolled_back(in_acme):
    with pytest.raises(DatabaseError), transaction.atomic():
        with pytest.raises(DatabaseError):
            ask("SELECT 1 / %s::int", 0)
        ask("SELECT 1")

    assert ask("SELECT 1") == [(1,)]


def test_session_whose_statements_were_discarded_answers(committed):
    assert ask("SELECT %s::int - 1", 3) == [(2,)]
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    assert ask("SELECT %s::int - 1", 4) == [(3,)]
    assert ask("SELECT %s::int - 1", 5) == [(4,)]


def test_column_that_a_migration_changes_is_read_with_its_new_type(committed):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE changing (n integer)")
        cursor.execute("INSERT INTO changing VALUES (1)")
    assert ask("SELECT n FROM changing") == [(1,)]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE changing ALTER n TYPE text")

    assert ask("SELECT n FROM changing") == [("1",)]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE changing")


def test_new_connection_prepares_anew(committed):
    assert ask("SELECT %s::int + 40", 2) == [(42,)]
    connection.close()
    assert ask("SELECT %s::int + 40", 3) == [(43,)]


def test_no_more_plans_are_kept_than_the_limit(in_acme, monkeypatch):
    ask("SELECT 1")
    monkeypatch.setattr(base, "_MAX_PREPARED", 3)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    connection.connection.prepared_statements.clear()

    for _ in range(2):
        for number in range(6):
            assert ask(f"SELECT {number} + %s::int", 1) == [(number + 1,)]

    assert len(kept()) == 3
