"""Clients that ask over HTTP, and what they measured."""

import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Client:
    """One person's connection; kept open between requests, as an integrator's would be."""

    port: int
    host: str
    token: str = ""
    _connection: http.client.HTTPConnection | None = None

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and decoded body."""
        return self._send("POST", path, json.dumps(body).encode())

    def get(self, path: str) -> tuple[int, Any]:
        return self._send("GET", path, None)

    def _send(self, method: str, path: str, body: bytes | None) -> tuple[int, Any]:
        headers = {"Host": f"{self.host}:{self.port}", "Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        for attempt in (1, 2):
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                self._connection.request(method, path, body=body, headers=headers)
                response = self._connection.getresponse()
                content = response.read()
                return response.status, json.loads(content) if content else None
            except (http.client.RemoteDisconnected, ConnectionError):
                self._connection = None  # the server closed an idle connection
                if attempt == 2:
                    raise
        raise AssertionError


@dataclass
class Timings:
    """Milliseconds of single requests, and how many failed."""

    ms: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0

    def quantile(self, share: float) -> float:
        """For example .95; milliseconds."""
        return statistics.quantiles(self.ms, n=1000)[round(share * 1000) - 1] if len(self.ms) > 1 else self.ms[0]

    def add(self, other: "Timings") -> None:
        """Take another turn's requests along."""
        self.ms += other.ms
        self.errors += other.errors
        self.seconds += other.seconds

    def figures(self) -> dict[str, float]:
        return {
            "p50_ms": round(self.quantile(0.5), 1),
            "p95_ms": round(self.quantile(0.95), 1),
            "requests_per_second": round(len(self.ms) / self.seconds, 1),
            "errors": self.errors,
        }


def one_by_one(action: Callable[[int], bool], *, count: int, warm_up: int = 20) -> Timings:
    """Call `action(number)` in turn; it returns whether it went well."""
    for number in range(warm_up):
        action(number)
    timings = Timings()
    began = time.perf_counter()
    for number in range(count):
        started = time.perf_counter()
        timings.errors += not action(number)
        timings.ms.append((time.perf_counter() - started) * 1000)
    timings.seconds = time.perf_counter() - began
    return timings


def at_once(actions: Sequence[Callable[[int], bool]], *, seconds: float) -> Timings:
    """Every action in a thread of its own, again and again for `seconds`."""
    timings, lock = Timings(), threading.Lock()
    end = time.perf_counter() + seconds

    def work(action: Callable[[int], bool]) -> None:
        number = 0
        while time.perf_counter() < end:
            started = time.perf_counter()
            went_well = action(number)
            elapsed = (time.perf_counter() - started) * 1000
            number += 1
            with lock:
                timings.ms.append(elapsed)
                timings.errors += not went_well

    threads = [threading.Thread(target=work, args=(action,)) for action in actions]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    timings.seconds = time.perf_counter() - began
    return timings
