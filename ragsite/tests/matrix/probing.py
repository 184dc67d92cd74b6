"""Sending one request as one caller, and telling in one word what came back."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.cookies import SimpleCookie
from typing import Any

from django.db import connection, transaction
from django.test import Client

from ragsite.tests.matrix.world import Person
from tenants.kill_switches import state

_SCHEMAS = ("acme", "globex", "public")

# What differs between two answers that say the same: marks of the request, and how long it took.
_VOLATILE = (
    re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"'),
    re.compile(r'nonce="[^"]*"'),
    re.compile(r'"timings_ms": ?\{[^}]*\}'),
    re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z?"),
)
_VOLATILE_HEADERS = frozenset({"Set-Cookie", "Content-Length", "X-Request-ID", "Expires"})


@dataclass(frozen=True)
class AuditRow:
    """What a probe left in an audit log."""

    schema: str
    verb: str
    target: str
    outcome: str
    actor: str
    actor_kind: str

    def __str__(self) -> str:
        return f"{self.verb} {self.target}".strip()


@dataclass(frozen=True)
class Answer:
    """`outcome` is the status, or for redirects where to: sign-in, login (the operators'), moved (anywhere else)."""

    outcome: str
    body: str
    headers: tuple[tuple[str, str], ...]
    audit: tuple[AuditRow, ...] = ()


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside is seen inside and gone afterwards.

    The product's own outermost blocks write their audit rows at their end, as if no transaction was around them.
    """
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django's own TestCase marks it
    with block:
        yield
        transaction.set_rollback(True)
    state.forget()  # a switch that is undone must not count for the second for which it would be believed


class Prober:
    """A browser of many people: every request brings the given person's session or token."""

    def __init__(self, host: str) -> None:
        self._client = Client(headers={"host": host}, raise_request_exception=False)
        self._known = audit_ids()

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
        """One request that leaves nothing behind. `by` is session or token.

        `ids` are taken out of the answer, so that two of them can be compared.
        """
        with undone():
            answer = self.ask(method, path, person=person, by=by, body=body, ids=ids)
            return replace(answer, audit=audit_rows_beside(self._known))

    def ask(
        self,
        method: str,
        path: str,
        *,
        person: Person,
        by: str,
        body: Mapping[str, Any] | None = None,
        ids: Mapping[str, Any] | None = None,
    ) -> Answer:
        """One request that counts."""
        has_session = by == "session" and person.session
        self._client.cookies = SimpleCookie({"ragsite_session": person.session} if has_session else {})
        headers = {"authorization": f"Bearer {person.token}"} if by == "token" and person.token else {}
        given: dict[str, Any] = {"headers": headers}
        has_file = any(hasattr(value, "read") for value in (body or {}).values())
        if method in ("POST", "PATCH") and path.startswith("/api/") and not path.endswith("/ingest") and not has_file:
            given |= {"data": body or {}, "content_type": "application/json"}
        elif method == "POST":
            given |= {"data": {**(body or {})}}
        return _told(self._call(method, path, given), ids or {})

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


def audit_ids() -> dict[str, list[int]]:
    """Of all rows in all audit logs, by schema."""
    found = {}
    with connection.cursor() as cursor:
        for schema in _SCHEMAS:
            cursor.execute(f'SELECT id FROM "{schema}".audit_logs')
            found[schema] = [row[0] for row in cursor.fetchall()]
    return found


def audit_rows_beside(known: Mapping[str, list[int]]) -> tuple[AuditRow, ...]:
    """All other rows of all audit logs, in one query."""
    one = "SELECT '{0}', verb, target, outcome, actor, actor_kind, at, id FROM \"{0}\".audit_logs WHERE id <> ALL(%s)"
    query = " UNION ALL ".join(one.format(schema) for schema in known)
    with connection.cursor() as cursor:
        cursor.execute(f"{query} ORDER BY 7, 8", list(known.values()))
        return tuple(AuditRow(*row[:6]) for row in cursor.fetchall())
