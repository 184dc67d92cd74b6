"""The status command names every part and tells by its exit code how bad it is."""

from io import StringIO

import pytest
from django.core.management import call_command

from ragsite import readiness


def status() -> str:
    out = StringIO()
    call_command("rag_status", stdout=out)
    return out.getvalue()


def test_healthy_installation_ends_with_zero(db):
    shown = status()

    assert all(name in shown for name in ("database", "cache", "queue", "files", "vectors", "encoder"))


@pytest.mark.parametrize(("part", "code"), [("vectors", 1), ("database", 2)])
def test_exit_code_is_that_of_the_worst_part(db, monkeypatch, part, code):
    def down() -> None:
        raise ConnectionError

    questions = tuple((n, down if n == part else q, r) for n, q, r in readiness._QUESTIONS)
    monkeypatch.setattr(readiness, "_QUESTIONS", questions)

    with pytest.raises(SystemExit) as ended:
        status()

    assert ended.value.code == code
