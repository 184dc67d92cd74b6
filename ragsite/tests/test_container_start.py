"""deploy/start.py and deploy/healthcheck.py, run as the container runs them."""

import importlib.util
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import ModuleType

import pytest
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from ragsite import env
from ragsite.env import REPO_ROOT


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"deploy_{name}", REPO_ROOT / "deploy" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


start = _load("start")
NOBODY_LISTENS = "postgresql://ragsite:very-secret@127.0.0.1:9/ragsite"


def _run(script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in env.names()}
    command = [sys.executable, str(REPO_ROOT / "deploy" / f"{script}.py"), *arguments]
    return subprocess.run(
        command, env={**clean, **variables}, cwd="/", capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({}, "start: DATABASE_URL is needed: a container has no database of its own"),
        ({"DATABASE_URL": NOBODY_LISTENS}, "start: SECRET_KEY is needed: each container would make up another one"),
        (
            {"DATABASE_URL": NOBODY_LISTENS, "SECRET_KEY": "x"},
            "start: FIELD_MASTER_KEY is needed: what one container seals, the others must be able to open",
        ),
        (
            {"DATABASE_URL": NOBODY_LISTENS, "SECRET_KEY": "x", "FIELD_MASTER_KEY": "k" * 32},
            "start: AUDIT_CHAIN_KEY is needed: all containers write one audit log",
        ),
        (
            {
                "DATABASE_URL": NOBODY_LISTENS,
                "SECRET_KEY": "x",
                "FIELD_MASTER_KEY": "k" * 32,
                "AUDIT_CHAIN_KEY": "k" * 32,
            },
            "start: DEMO=1 needs DEMO_PASSWORD",
        ),
        ({"PORT": "many"}, "start: PORT must be a whole number, not 'many'"),
    ],
)
def test_what_is_missing_is_one_clear_line(variables: dict[str, str], line: str) -> None:
    finished = _run("start", "web", **variables)

    assert (finished.returncode, finished.stderr.splitlines()) == (2, [line])


def test_an_unknown_role_is_refused_with_the_known_ones() -> None:
    finished = _run("start", "everything")

    assert finished.returncode == 2
    assert "web, worker, ingest, beat, or manage" in finished.stderr


def test_manage_becomes_a_management_command() -> None:
    finished = _run("start", "manage", "version", SECRET_KEY="x", FIELD_MASTER_KEY="k" * 32, AUDIT_CHAIN_KEY="k" * 32)

    assert (finished.returncode, finished.stdout.strip()[:2]) == (0, "5.")


def test_waiting_ends_when_the_database_answers() -> None:
    start.wait_for_database(url=os.environ["DATABASE_URL"], timeout_seconds=0)


def test_giving_up_on_the_database_does_not_show_its_password() -> None:
    with pytest.raises(start.CannotStart, match="no database within 0 s") as caught:
        start.wait_for_database(url=NOBODY_LISTENS, timeout_seconds=0)

    assert "very-secret" not in str(caught.value)


def test_one_container_prepares_while_the_other_waits() -> None:
    url = os.environ["DATABASE_URL"]
    order: list[str] = []

    def second() -> None:
        with start.preparation_lock(url=url):
            order.append("second")

    with start.preparation_lock(url=url):
        waiting = threading.Thread(target=second)
        waiting.start()
        time.sleep(0.3)
        order.append("first")
    waiting.join(timeout=10)

    assert order == ["first", "second"]


def test_a_lock_that_is_never_given_back_ends_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    url = os.environ["DATABASE_URL"]
    monkeypatch.setattr(start, "LOCK_TIMEOUT_SECONDS", 1)

    with (
        start.preparation_lock(url=url),
        pytest.raises(start.CannotStart, match="another container has been preparing"),
        start.preparation_lock(url=url),
    ):
        pass


def test_each_role_has_its_own_program() -> None:
    environment = env.read_environment({"WEB_WORKERS": "3", "WEB_THREADS": "5", "HOST": "0.0.0.0"})

    commands = {role: " ".join(start.command_of(role=role, environment=environment)) for role in start.ROLES}

    assert "granian --interface wsgi" in commands["web"]
    assert "--host 0.0.0.0 --port 8000 --workers 3 --blocking-threads 5" in commands["web"]
    assert "worker --queues default --hostname worker@%h" in commands["worker"]
    assert "worker --queues ingest --hostname ingest@%h" in commands["ingest"]
    assert "beat" in commands["beat"] and "--pidfile=" in commands["beat"]


def test_the_queues_of_the_workers_are_those_that_settings_route_to() -> None:
    from django.conf import settings

    environment = env.Environment()
    commands = [start.command_of(role=role, environment=environment) for role in ("worker", "ingest")]
    served = {command[command.index("--queues") + 1] for command in commands}

    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert served == routed | {settings.CELERY_TASK_DEFAULT_QUEUE}


def test_web_is_well_when_readyz_says_so_and_unwell_otherwise() -> None:
    class Answering(BaseHTTPRequestHandler):
        status = 200

        def do_GET(self) -> None:
            self.send_response(self.status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = str(server.server_port)
    try:
        assert _run("healthcheck", "web", PORT=port).returncode == 0
        Answering.status = 503
        assert _run("healthcheck", "web", PORT=port).returncode == 1
    finally:
        server.shutdown()
        server.server_close()
    assert _run("healthcheck", "web", PORT=port).returncode == 1


def test_beat_is_well_only_while_tasks_are_sent(committed: None) -> None:
    schedule, _ = IntervalSchedule.objects.get_or_create(every=10, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.update(last_run_at=None)
    silent = _run("healthcheck", "beat", DATABASE_URL=os.environ["DATABASE_URL"])

    sent = PeriodicTask.objects.create(name="sent", task="x", interval=schedule, last_run_at=timezone.now())
    try:
        busy = _run("healthcheck", "beat", DATABASE_URL=os.environ["DATABASE_URL"])
    finally:
        sent.delete()

    assert (silent.returncode, busy.returncode) == (1, 0)
    assert silent.stderr.strip() == "unwell: Unwell: no scheduled task was sent for 10 minutes"


def test_a_worker_without_its_broker_is_unwell() -> None:
    finished = _run("healthcheck", "worker", BROKER_URL="redis://127.0.0.1:9/0")

    assert finished.returncode == 1
    assert finished.stderr.startswith("unwell: ")


def test_an_unknown_check_is_refused() -> None:
    assert _run("healthcheck", "everything").returncode == 2
