"""Keys rotate, and tokens end, under load with two web processes: who was refused, and from when on everybody is."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hr import signed_in
from hr.models import Employee
from ragsite.bench import load
from ragsite.bench.installation import Installation
from ragsite.bench.kill import second_web
from tenants import context, cutoffs, rotation
from tenants.models import SigningKey, Tenant

_CLIENTS = 6
_ROTATIONS, _PAUSE_SECONDS = 4, 3.0
# Every client refreshes its tokens this often; both web processes sign and check tokens of every key.
_REFRESH_EVERY = 8
_DOCUMENTS, _REFRESH, _TOKEN = "/api/v1/documents", "/api/v1/auth/token/refresh", "/api/v1/auth/token"


@dataclass
class Seen:
    """What all clients saw together."""

    ms: list[float] = field(default_factory=list)
    refused: list[tuple[str, int]] = field(default_factory=list)
    refreshes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def measure(running: Installation, *, acme: Tenant, email: str, password: str) -> dict[str, Any]:
    """Four rotations under load, then a person, a company and an emergency. Half a minute."""
    with second_web(running, "") as port:
        ports = (running.port, port)
        rotated = _rotations(ports, email, password)
        with context.enter(acme):
            bob = Employee.objects.get(email=email)

        def person() -> None:
            with context.enter(acme):
                signed_in.end_all(employee=bob, reason="bench")

        def company() -> None:
            with context.enter_platform():
                cutoffs.cut_off(tenant=Tenant.objects.get(pk=acme.pk), reason="bench")

        return {
            **rotated,
            "person_answered_after": _answered_after(ports, email, password, person),
            "company_answered_after": _answered_after(ports, email, password, company),
            "emergency_answered_after": _answered_after(ports, email, password, _emergency),
        }


def _rotations(ports: tuple[int, int], email: str, password: str) -> dict[str, Any]:
    seen, stop = Seen(), threading.Event()
    threads = [
        threading.Thread(target=_work, args=(ports, n, _pair(ports[n % 2], email, password), seen, stop))
        for n in range(_CLIENTS)
    ]
    for thread in threads:
        thread.start()
    time.sleep(_PAUSE_SECONDS)
    for _ in range(_ROTATIONS):
        rotation.rotate(reason="bench")
        time.sleep(_PAUSE_SECONDS)
    stop.set()
    for thread in threads:
        thread.join(timeout=60)
    active = SigningKey.objects.filter(state=SigningKey.State.ACTIVE).count()
    timings = load.Timings(ms=seen.ms)
    return {
        "rotations": _ROTATIONS,
        "requests": len(seen.ms),
        "refreshes": seen.refreshes,
        "refused": len(seen.refused),
        "refusals": [f"{status} {path}" for path, status in seen.refused[:5]],
        "active_keys": active,
        "p95_ms": round(timings.quantile(0.95), 1),
    }


def _work(ports: tuple[int, int], first: int, pair: dict[str, str], seen: Seen, stop: threading.Event) -> None:
    """Ask both processes in turn; refresh at one and use the new token at the other at once."""
    number = first
    while not stop.is_set():
        number += 1
        client = load.Client(port=ports[number % 2], host="a.localhost", token=pair["access"])
        path = _REFRESH if number % _REFRESH_EVERY == 0 else _DOCUMENTS
        began = time.perf_counter()
        status, body = client.post(path, {"refresh": pair["refresh"]}) if path == _REFRESH else client.get(path)
        with seen.lock:
            seen.ms.append((time.perf_counter() - began) * 1000)
            if status >= 400:
                seen.refused.append((path, status))
            elif path == _REFRESH:
                seen.refreshes += 1
        if path == _REFRESH and status == 200:
            pair = body


def _answered_after(ports: tuple[int, int], email: str, password: str, revoke: Callable[[], Any]) -> int:
    """How many of 40 requests with a token from before were answered after the revocation returned."""
    token = _pair(ports[0], email, password)["access"]
    clients = [load.Client(port=port, host="a.localhost", token=token) for port in ports]
    assert [client.get(_DOCUMENTS)[0] for client in clients] == [200, 200]
    revoke()
    return sum(client.get(_DOCUMENTS)[0] == 200 for _ in range(20) for client in clients)


def _emergency() -> None:
    rotation.rotate_in_emergency(reason="bench")


def _pair(port: int, email: str, password: str) -> dict[str, str]:
    status, body = load.Client(port=port, host="a.localhost").post(_TOKEN, {"email": email, "password": password})
    assert status == 200, (status, body)
    pair: dict[str, str] = body
    return pair
