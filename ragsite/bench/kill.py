"""The kill switch, measured: two web processes, a worker, and all that is under way when a company is switched off."""

import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from documents import services as documents
from documents.models import DocumentVersion
from hr.models import Employee
from ragsite.bench import corpus, load
from ragsite.bench.installation import Installation
from ragsite.env import REPO_ROOT
from tenants import context
from tenants.kill_switches import effect
from tenants.kill_switches import services as switches
from tenants.models import KillSwitch, ParkedTask, Tenant

# 1,000 requests around the switch, by four clients, half of them at each web process.
_REQUESTS, _CLIENTS, _PER_SECOND = 1000, 4, 50
_BEFORE_SECONDS = _REQUESTS / _PER_SECOND / 2
_DOCUMENTS = 6
_STREAMS = 4
_ONE, _OTHER = "operator:1", "operator:2"


@dataclass
class Seen:
    """Requests of one company: when each began and ended (monotonic seconds), and its status."""

    rows: list[tuple[float, float, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, began: float, ended: float, status: int) -> None:
        with self.lock:
            self.rows.append((began, ended, status))

    def last_success(self, since: float) -> float:
        """Seconds after `since` at which the last request ended that was answered; 0 when there was none."""
        return round(max((ended - since for began, ended, status in self.rows if status < 400), default=0.0), 3)

    def successes_after(self, moment: float) -> int:
        return sum(1 for _, ended, status in self.rows if status < 400 and ended > moment)

    def p95_ms(self, *, since: float, until: float) -> float:
        spent = sorted((ended - began) * 1000 for began, ended, _ in self.rows if since <= began < until)
        return round(spent[int(len(spent) * 0.95)], 1)


def measure(
    running: Installation, *, acme: Tenant, globex: Tenant, sign_in: Callable[..., load.Client]
) -> dict[str, Any]:
    """Suspend acme, then a person, then everybody, under load; globex works on. About a minute."""
    with _model() as model_url, second_web(running, model_url) as port:
        ports = (running.port, port)
        with context.enter(acme):
            corpus.fill(passages=300, seed=5)
            bob = Employee.objects.get(email="bob@bench.example")
        suspended = _suspension(running, ports, acme, globex, sign_in)
        person = _until_refused(
            ports,
            "a",
            sign_in(running, "a.localhost").token,
            lambda: _off(scope="employee", tenant=acme, employee_id=bob.pk),
        )
        platform = _until_refused(ports, "b", sign_in(running, "b.localhost").token, lambda: _off(scope="platform"))
        return {**suspended, "person_refused_seconds": person, "platform_refused_seconds": platform}


def _suspension(
    running: Installation, ports: tuple[int, int], acme: Tenant, globex: Tenant, sign_in: Callable[..., load.Client]
) -> dict[str, Any]:
    own, others = Seen(), Seen()
    token, other_token = (sign_in(running, f"{host}.localhost").token for host in ("a", "b"))
    streams = [_Stream(ports[1], token, hangs=n % 2 == 0) for n in range(_STREAMS)]
    threads = [
        *(threading.Thread(target=_ask, args=(ports[n % 2], "a", token, own)) for n in range(_CLIENTS)),
        *(threading.Thread(target=_ask, args=(ports[n % 2], "b", other_token, others)) for n in range(_CLIENTS)),
    ]
    began = time.monotonic()
    for thread in (*threads, *streams):
        thread.start()
    _upload(acme)
    time.sleep(max(0.0, began + _BEFORE_SECONDS - time.monotonic()))
    switch = _off(scope="tenant", tenant=acme)
    at = time.monotonic()
    noted = effect.measure(switch=switch)
    for thread in (*threads, *streams):
        thread.join(timeout=60)
    waiting = _waiting(acme)
    before = others.p95_ms(since=began + 1, until=at)
    after = others.p95_ms(since=at, until=at + _BEFORE_SECONDS)
    return {
        "requests": len(own.rows),
        "refused_seconds": own.last_success(at),
        "noted_seconds": noted.seconds,
        "processes": noted.processes,
        "silent": noted.silent,
        "succeeded_after_5_seconds": own.successes_after(at + 5),
        "streams": len(streams),
        "streams_cut_seconds": round(max(stream.ended_at - at for stream in streams), 2),
        "streams_told_why": sum(stream.was_told for stream in streams),
        "other_p95_before_ms": before,
        "other_p95_after_ms": after,
        "other_p95_ratio": round(after / before, 2),
        "other_failed": sum(1 for _, _, status in others.rows if status >= 400),
        **waiting,
        **_resumed(acme, switch, ports, token),
    }


def _off(**given: Any) -> KillSwitch:
    return switches.engage(feature="everything", by=_ONE, reason="bench", **{"tenant": None, **given})


def _ask(port: int, host: str, token: str, seen: Seen) -> None:
    """A client's share of the requests, evenly over the time."""
    client = load.Client(port=port, host=f"{host}.localhost", token=token)
    pause = _CLIENTS / _PER_SECOND
    start = time.monotonic()
    for number in range(_REQUESTS // _CLIENTS):
        time.sleep(max(0.0, start + number * pause - time.monotonic()))
        began = time.monotonic()
        status, _ = client.get("/api/v1/documents")
        seen.add(began, time.monotonic(), status)


class _Stream(threading.Thread):
    """A question whose answer is still being written when the company is switched off."""

    def __init__(self, port: int, token: str, *, hangs: bool) -> None:
        super().__init__()
        self.port, self.token, self.hangs = port, token, hangs
        self.ended_at, self.was_told = 0.0, False

    def run(self) -> None:
        question = f"{corpus.questions()[0]} {'silent' if self.hangs else 'slowly'}"
        headers = {
            "Host": f"a.localhost:{self.port}",
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
        }
        connection = HTTPConnection("127.0.0.1", self.port, timeout=90)
        connection.request("POST", "/api/v1/query/stream", json.dumps({"question": question}), headers)
        body = connection.getresponse().read().decode()
        self.ended_at = time.monotonic()
        self.was_told = "tenant_suspended" in body.rsplit("event: ", 1)[-1]


def _upload(tenant: Tenant) -> None:
    """Documents whose processing is under way, or still waits, when the company is switched off."""

    def send() -> None:
        time.sleep(_BEFORE_SECONDS - 0.6)
        for number in range(_DOCUMENTS):
            words = " ".join(f"Rule {number}.{n} of the bench says what may be done." for n in range(900))
            with context.enter(tenant):
                documents.receive(
                    source=io.BytesIO(f"# Rules {number}\n\n{words}".encode()), original_name=f"rules-{number}.md"
                )

    threading.Thread(target=send).start()


def _waiting(tenant: Tenant) -> dict[str, int]:
    with context.enter(tenant):
        unfinished = DocumentVersion.objects.unfinished().count()
    with context.enter_platform():
        return {"parked_tasks": ParkedTask.objects.filter(tenant=tenant).count(), "documents_waiting": unfinished}


def _resumed(tenant: Tenant, switch: KillSwitch, ports: tuple[int, int], token: str) -> dict[str, Any]:
    """Until both web processes answer again, and until every document is ready."""
    at = time.monotonic()
    switches.release(switch=switch, by=_OTHER, reason="bench")
    for port in ports:
        while _status(port, "a", token) != 200 and time.monotonic() < at + 10:
            time.sleep(0.02)
    answered = time.monotonic() - at
    with context.enter(tenant):
        while DocumentVersion.objects.unfinished().exists() and time.monotonic() < at + 180:
            time.sleep(0.2)
        not_ready = DocumentVersion.objects.exclude(state=DocumentVersion.State.READY).count()
    return {
        "resumed_seconds": round(answered, 2),
        "documents_ready_seconds": round(time.monotonic() - at, 1),
        "documents_not_ready": not_ready,
    }


def _until_refused(ports: tuple[int, int], host: str, token: str, off: Callable[[], KillSwitch]) -> float:
    """Seconds after the switch at which the last request began that was answered."""
    switch = off()
    at = last = time.monotonic()
    while time.monotonic() < at + 3:
        for port in ports:
            began = time.monotonic()
            if _status(port, host, token) == 200:
                last = began
    switches.release(switch=switch, by=_OTHER, reason="bench")
    while any(_status(port, host, token) != 200 for port in ports) and time.monotonic() < at + 10:
        time.sleep(0.05)
    return round(last - at, 3)


def _status(port: int, host: str, token: str) -> int:
    return load.Client(port=port, host=f"{host}.localhost", token=token).get("/api/v1/documents")[0]


@contextmanager
def second_web(running: Installation, model_url: str) -> Iterator[int]:
    """Another web process of the same installation, on its own port; with a language model, as only it has streams."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "DATA_DIR": str(running.data_dir),
        "PORT": str(port),
        "LLM_BASE_URL": model_url,
        "LLM_MODEL": "bench",
        "LLM_TIMEOUT_SECONDS": "60",
        "THROTTLE_QUESTIONS_PER_MINUTE": "1000000",
        "THROTTLE_API_PER_MINUTE": "1000000",
    }
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", "1", "--blocking-threads", "12", "--log-level", "warning"),
        "ragsite.wsgi:application",
    ]
    process = subprocess.Popen(command, env=environment, cwd=REPO_ROOT)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if load.Client(port=port, host="localhost").get("/readyz")[0] == 200:
                    break
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def _model() -> Iterator[str]:
    """A language model that says nothing for a minute when asked silently, and otherwise a word each half second."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
            with contextlib.suppress(OSError):
                if "silent" in asked:
                    time.sleep(60)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                for _ in range(120):
                    chunk = {"choices": [{"index": 0, "delta": {"content": "well "}}]}
                    self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
                    self.wfile.flush()
                    time.sleep(0.5)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
