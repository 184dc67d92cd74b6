"""Naughty strings in every text field and file name: no server error, and nothing repeated in a page as it was sent.

The fields are found, not listed: every form of every page that anybody of the matrix can open, the admin included, and
every text of a body or a query in both descriptions of the API. Here a sample, the same in each run; with NAUGHTY=20
each field gets 20 of the 500 strings, with NAUGHTY=all each of them.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ragsite.api.docs import rendered
from ragsite.tests import naughty
from ragsite.tests.matrix import identities
from ragsite.tests.matrix.making import made_world
from ragsite.tests.matrix.probing import undone
from ragsite.tests.matrix.resolver import PLATFORM, TENANT, routes_of
from ragsite.tests.matrix.rows import MANAGING, OPERATOR, STAFF
from ragsite.tests.matrix.world import World
from ragsite.tests.test_one_audit_row import HOSTS, ROWS

# The first test of the module waits until its world is made.
pytestmark = pytest.mark.timeout(600)

_GIVEN = os.environ.get("NAUGHTY", "")
# Of the pages (or operations), and how often each form is sent, in a run of the suite.
_EVERY, _TIMES = (1, naughty.COUNT if _GIVEN == "all" else int(_GIVEN)) if _GIVEN else (9, 1)
_STRINGS = naughty.strings()
_PEOPLE = {TENANT: (("bob", STAFF), ("alice", MANAGING)), PLATFORM: (("operator", OPERATOR),)}


@dataclass(frozen=True)
class Place:
    """A form, and who fills it in where."""

    host: str
    session: str
    form: naughty.Form


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), made_world(files=tmp_path_factory.mktemp("naughty")) as world:
        yield world


@pytest.fixture(autouse=True)
def own_files(world: World) -> None:
    """Instead of conftest's: the files are those of the module's world."""


@pytest.fixture(autouse=True)
def plain_static_files(world: World) -> None:
    """Instead of conftest's, for the same reason."""


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("urlconf", [TENANT, PLATFORM])
def test_no_form_breaks_or_repeats_what_was_typed(world: World, urlconf: str, record_property: Any) -> None:
    wrong: list[str] = []
    sent = 0
    known: set[tuple[str, str, tuple[str, ...]]] = set()

    for turn, (pattern, place) in enumerate(_forms(world, urlconf)):
        mark = (pattern, place.form.method, place.form.texts)
        if mark in known:
            continue
        known.add(mark)
        for n in range(_TIMES):
            # Each field another string at once, and each string comes to each field.
            chosen = {
                name: _STRINGS[(turn * 7 + n + position * 31) % naughty.COUNT]
                for position, name in enumerate(place.form.texts)
            }
            # One field alone, too: with all of them wrong a form does not get beyond its checks.
            alone = list(chosen)[(turn + n) % len(chosen)] if chosen else ""
            for typed in (chosen, {alone: chosen[alone]} if len(chosen) > 1 else None):
                if typed is not None:
                    sent += 1
                    wrong += _problems(place, typed, file_name=_STRINGS[(turn * 13 + n) % naughty.COUNT])

    record_property("forms", len(known))
    record_property("sent", sent)
    assert sent and not wrong, f"{len(wrong)} of {sent}:\n" + "\n".join(sorted(set(wrong))[:60])


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("urlconf", [TENANT, PLATFORM])
def test_no_field_of_the_api_breaks(world: World, urlconf: str, record_property: Any) -> None:
    token = world.people["alice" if urlconf == TENANT else "operator"].token
    client = Client(headers={"host": HOSTS[urlconf]}, raise_request_exception=False)
    wrong: list[str] = []
    sent = 0

    for turn, field in enumerate(_fields(urlconf)):
        for n in range(_TIMES):
            text = _STRINGS[(turn * 7 + n) % naughty.COUNT]
            sent += 1
            with undone():
                answer = field.sent(client, world, token=token, text=text)
            if answer.status_code >= 500:
                wrong.append(f"{field}: {answer.status_code} for {text[:60]!r}")
            elif not answer.streaming and "html" in answer.headers.get("Content-Type", ""):
                wrong.append(f"{field}: answers a page")

    record_property("sent", sent)
    assert sent and not wrong, f"{len(wrong)} of {sent}:\n" + "\n".join(sorted(set(wrong))[:60])


def _forms(world: World, urlconf: str) -> Iterator[tuple[str, Place]]:
    """The forms of the pages of every route that somebody can open."""
    routes = {route.pattern: route for route in routes_of(urlconf)}
    openable = [
        (row, name, column)
        for row in ROWS[urlconf].values()
        for name, column in _PEOPLE[urlconf][-1:]
        if row.route.startswith("admin/") or urlconf == PLATFORM
    ]
    openable += [
        (row, name, column)
        for row in ROWS[urlconf].values()
        if not row.route.startswith("admin/") and urlconf == TENANT
        for name, column in _PEOPLE[urlconf][:1]
    ]
    chosen = [one for one in openable if "GET" in one[0].methods and one[0].outcome("GET", one[2]) == "200"]
    chosen = [one for one in chosen if one[0].route in routes and not one[0].route.startswith("api/")]
    for row, name, column in chosen[::_EVERY]:
        session = world.people[name].session
        ids = identities.ids_for(world, routes[row.route], name, column)[0][1]
        path = row.path or routes[row.route].path(ids)
        with undone():
            answer = _client(HOSTS[urlconf], session).get(path)
            is_page = not answer.streaming and "html" in answer.headers.get("Content-Type", "")
            page = answer.content.decode() if is_page else ""
        for form in naughty.forms_of(page, path=path):
            yield f"{row.route} {form.action if form.action != path else ''}", Place(HOSTS[urlconf], session, form)


def _problems(place: Place, typed: Mapping[str, str], *, file_name: str) -> list[str]:
    form = place.form
    data: dict[str, Any] = {**dict(form.values), "confirmed": "1", **typed}
    if form.method == "POST":
        name = _as_file_name(file_name)
        data |= {field: SimpleUploadedFile(name, b"# Title\n\nSome text of a file.") for field in form.files}
    # As a browser sends it: half a pair of surrogates cannot be typed, and becomes a question mark.
    data = {key: value.encode("utf-8", "replace") if isinstance(value, str) else value for key, value in data.items()}
    client = _client(place.host, place.session)
    with undone():
        answer = client.post(form.action, data) if form.method == "POST" else client.get(form.action, data)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    where = f"{form.method} {form.action} {sorted(typed)}"
    if answer.status_code >= 500:
        return [
            f"{where}: {answer.status_code} for {[text[:40] for text in typed.values()]!r}, file {file_name[:40]!r}"
        ]
    page = body.decode("utf-8", "replace") if "html" in answer.headers.get("Content-Type", "") else ""
    repeated = [text for text in (*typed.values(), file_name) if naughty.is_reflected(text, page)]
    return [f"{where}: repeats {repeated[0][:60]!r}"] if repeated else []


def _as_file_name(text: str) -> str:
    """What a multipart header can carry."""
    return text.replace("\x00", "").replace("\r", "").replace("\n", "").encode("utf-8", "replace").decode() or "x"


def _client(host: str, session: str) -> Client:
    client = Client(headers={"host": host}, raise_request_exception=False)
    client.cookies["ragsite_session"] = session
    return client


@dataclass(frozen=True)
class Field:
    """One text of one operation: of its body, or of its query string."""

    method: str
    path: str
    name: str
    is_query: bool
    is_list: bool
    body: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.name}"

    def sent(self, client: Client, world: World, *, token: str, text: str) -> Any:
        path = self.path
        for name, value in {**world.own, **world.personal["alice"]}.items():
            path = path.replace(f"{{{name}_id}}", str(value)).replace(f"{{{name}}}", str(value))
        headers = {"authorization": f"Bearer {token}"}
        if self.is_query:
            return client.generic(
                self.method, path, headers=headers, query_params={self.name: text.encode("utf-8", "replace")}
            )
        body = {**dict(self.body), self.name: [text] if self.is_list else text}
        return client.generic(self.method, path, _json(body), content_type="application/json", headers=headers)


def _fields(urlconf: str) -> Iterator[Field]:
    described = yaml.safe_load(rendered("yaml", of_platform=urlconf == PLATFORM))
    schemas = described["components"]["schemas"]
    found: list[Field] = []
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            blank = Field(method.upper(), path, "", is_query=True, is_list=False, body=())
            found += [
                replace(blank, name=one["name"]) for one in operation.get("parameters", ()) if one["in"] == "query"
            ]
            given = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            shape = schemas.get(given.get("$ref", "").rsplit("/", 1)[-1], given).get("properties", {})
            body = tuple((name, _example(one, schemas)) for name, one in shape.items() if not one.get("readOnly"))
            for name, one in shape.items():
                kind = one.get("type")
                inner = one.get("items", {})
                if kind in ("string", None) or inner.get("type") == "string":
                    found.append(replace(blank, name=name, is_query=False, is_list=kind == "array", body=body))
    # The strings of one operation are spread over its fields, and over the run over all of them.
    yield from found[:: max(1, _EVERY // 3)]


def _example(shape: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """Something that fits, more or less."""
    for part in (*shape.get("allOf", ()), *shape.get("oneOf", ()), shape):
        shape = schemas.get(part.get("$ref", "").rsplit("/", 1)[-1], part)
        if "enum" in shape:
            return shape["enum"][0]
    if shape.get("type") == "array":
        return []
    return {"integer": 1, "number": 1, "boolean": False}.get(
        shape.get("type", ""), {"date": "2026-12-01"}.get(shape.get("format", ""), "for the matrix")
    )


def _json(body: Mapping[str, Any]) -> bytes:
    """With surrogates as escapes: JSON can carry half a pair."""
    import json

    return json.dumps(body).encode()


@pytest.mark.parametrize("sent", ["{", "\x00", "9" * 40, "٣", "-1", "1 OR 1=1"])
def test_a_search_field_refuses_what_is_no_id(world: World, sent: str) -> None:
    """The theme's widget asked the database for it while the form was shown again: a server error."""
    employee, document = world.own["employee"], world.own["document"]
    client = _client(HOSTS[TENANT], world.people["alice"].session)

    with undone():
        answers = [
            client.post(f"/admin/hr/employee/{employee}/change/", {"manager": sent}),
            client.post(f"/admin/documents/document/{document}/change/", {"owner": sent, "subject": sent}),
            client.get(f"/admin/documents/document/{document}/access/", {"employee": sent}),
        ]

    assert {answer.status_code for answer in answers} == {200}
