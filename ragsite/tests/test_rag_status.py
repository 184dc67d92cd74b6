"""The status command names every part and tells by its exit code how bad it is."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from ragsite import heartbeats, readiness
from ragsite.models import Heartbeat


@pytest.fixture
def processes_live(db):
    for name in (heartbeats.WORKER, heartbeats.BEAT):
        Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def status() -> str:
    out = StringIO()
    call_command("rag_status", stdout=out)
    return out.getvalue()


def test_healthy_installation_ends_with_zero(processes_live):
    shown = status()

    parts = ("database", "cache", "queue", "files", "vectors", "encoder", "worker", "beat")
    assert all(name in shown for name in (*parts, "PostgreSQL", "pgvector", "Pending migrations none", "All well"))
    assert "Last backup        Not set up yet" in shown


@pytest.mark.parametrize("silent", [heartbeats.WORKER, heartbeats.BEAT])
def test_a_silent_process_is_told(processes_live, silent):
    Heartbeat.objects.filter(name=silent).update(at=timezone.now() - heartbeats.SILENT_AFTER - timedelta(seconds=1))

    with pytest.raises(SystemExit) as ended:
        status()

    assert ended.value.code == 1


def test_a_company_behind_in_its_migrations_is_told(processes_live, in_acme, capsys):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'audit'")

    with pytest.raises(SystemExit) as ended:
        call_command("rag_status")

    assert ended.value.code == 1
    assert "1 companies behind" in capsys.readouterr().out


@pytest.mark.parametrize(("part", "code"), [("vectors", 1), ("database", 2)])
def test_exit_code_is_that_of_the_worst_part(processes_live, monkeypatch, part, code):
    def down() -> None:
        raise ConnectionError

    questions = tuple((n, down if n == part else q, r) for n, q, r in readiness._QUESTIONS)
    monkeypatch.setattr(readiness, "_QUESTIONS", questions)

    with pytest.raises(SystemExit) as ended:
        status()

    assert ended.value.code == code
