"""Sending one request as one caller, and telling in one word what came back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction
from django.test import Client

from ragsite.tests.matrix.world import Person

# What differs between two answers that say the same: marks of the request, and how long it took.
_VOLATILE = (
    re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"'),
    re.compile(r'nonce="[^"]*"'),
    re.compile(r'"timings_ms": ?\{[^}]*\}'),
    re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z?"),
)
_VOLATILE_HEADERS = frozenset({"Set-Cookie", "Content-Length", "X-Request-ID", "Expires"})


@dataclass(frozen=True)
class Answer:
    """`outcome` is the status, or for redirects where to: sign-in, login (the operators'), moved (anywhere else)."""

    outcome: str
    body: str
    headers: tuple[tuple[str, str], ...]


class Prober:
    """A browser of many people: every request brings the given person's session or token and leaves nothing behind."""

    def __init__(self, host: str) -> None:
        self._client = Client(headers={"host": host}, raise_request_exception=False)

    def send(
        self,
        method: str,
        path: str,
        *,
        person: Person,
        by: str,
        ids: Mapping[str, Any],
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """`by` is session or token. `ids` are taken out of the answer, so that two of them can be compared."""
        has_session = by == "session" and person.session
        self._client.cookies = SimpleCookie({"ragsite_session": person.session} if has_session else {})
        headers = {"authorization": f"Bearer {person.token}"} if by == "token" and person.token else {}
        given: dict[str, Any] = {"headers": headers}
        if method in ("POST", "PATCH") and path.startswith("/api/") and not path.endswith("/ingest"):
            given |= {"data": body or {}, "content_type": "application/json"}
        elif method == "POST":
            given |= {"data": {**(body or {})}}
        with transaction.atomic():
            answer = _told(self._call(method, path, given), ids)
            transaction.set_rollback(True)
        return answer

    def _call(self, method: str, path: str, given: dict[str, Any]) -> Any:
        if method in ("GET", "POST", "PATCH"):
            return getattr(self._client, method.lower())(path, **given)
        return self._client.generic(method, path, **given)


def _told(response: Any, ids: Mapping[str, Any]) -> Answer:
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    body = raw.decode("utf-8", "replace")
    for volatile in _VOLATILE:
        body = volatile.sub("", body)
    headers = "\n".join(f"{name}: {value}" for name, value in response.items() if name not in _VOLATILE_HEADERS)
    for name, value in ids.items():
        if len(str(value)) > 3:
            body, headers = body.replace(str(value), f"<{name}>"), headers.replace(str(value), f"<{name}>")
    return Answer(
        outcome=_outcome(response), body=body, headers=tuple((k, v) for k, _, v in map(_split, headers.split("\n")))
    )


def _split(line: str) -> tuple[str, str, str]:
    return line.partition(": ")


def _outcome(response: Any) -> str:
    if response.status_code not in (301, 302, 303, 307, 308):
        return str(response.status_code)
    target = response["Location"]
    if target.startswith("/sign-in/"):
        return "sign-in"
    return "login" if target.startswith("/admin/login/") else "moved"
