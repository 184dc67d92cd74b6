"""Every route of both URL maps, asked by every kind of caller, with own, foreign and missing ids (SECURITY.md, rule 4).

The routes come from the resolver. What each must answer is in ragsite/tests/matrix/; a route without a row fails here.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ragsite.tests.hostile.routes import OPEN
from ragsite.tests.matrix import identities, performing, platform_rows, tenant_rows
from ragsite.tests.matrix import world as worlds
from ragsite.tests.matrix.making import made_world
from ragsite.tests.matrix.probing import Answer, Prober
from ragsite.tests.matrix.resolver import PLATFORM, TENANT, Route, routes_of
from ragsite.tests.matrix.rows import MANAGING, NOBODY, OPERATOR, OWNER, STAFF, Row
from ragsite.tests.matrix.world import World

ROWS = {TENANT: tenant_rows.ROWS, PLATFORM: platform_rows.ROWS}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    """Made once, in a transaction that is rolled back; each probe leaves nothing behind."""
    with django_db_blocker.unblock(), made_world(files=tmp_path_factory.mktemp("matrix")) as world:
        yield world


@pytest.fixture(autouse=True)
def own_files(world: World) -> None:
    """Instead of conftest's: the files are those of the module's world."""


@pytest.fixture(autouse=True)
def plain_static_files(world: World) -> None:
    """Instead of conftest's, for the same reason."""


@pytest.mark.parametrize("urlconf", [TENANT, PLATFORM])
def test_every_route_has_a_row_and_every_row_a_route(urlconf: str) -> None:
    routes = {route.pattern: route for route in routes_of(urlconf)}
    rows = {row.route: row for row in ROWS[urlconf]}
    file = "tenant_rows.py" if urlconf == TENANT else "platform_rows.py"

    assert len(rows) == len(ROWS[urlconf]), "two rows for one route"
    unlisted = [f'Row("{pattern}", get="...", post="...")' for pattern in routes.keys() - rows.keys()]
    assert not unlisted, (
        f"New routes. Decide what each kind of caller gets and add to ragsite/tests/matrix/{file}:\n"
        + "\n".join(unlisted)
    )
    assert not rows.keys() - routes.keys(), f"rows in {file} whose route is gone: remove them"
    silent = {pattern: sorted(route.methods - rows[pattern].methods) for pattern, route in routes.items()}
    assert not {pattern: methods for pattern, methods in silent.items() if methods}, (
        f"methods without an outcome in ragsite/tests/matrix/{file}"
    )


# Who, with what, and in which column of the table that lands: on pages, and below /api/.
TENANT_CALLERS = [
    ("anonymous", "session", NOBODY, NOBODY),
    ("bob", "session", STAFF, NOBODY),
    ("bob", "token", NOBODY, STAFF),
    ("dave", "session", STAFF, NOBODY),
    ("dave", "token", NOBODY, STAFF),
    ("alice", "session", MANAGING, NOBODY),
    ("alice", "token", NOBODY, MANAGING),
    ("erin", "session", OWNER, NOBODY),
    ("erin", "token", NOBODY, OWNER),
    ("charlie", "session", NOBODY, NOBODY),
    ("charlie", "token", NOBODY, NOBODY),
    ("gwen", "session", NOBODY, NOBODY),
    ("gwen", "token", NOBODY, NOBODY),
    ("operator", "session", NOBODY, NOBODY),
]


@pytest.mark.parametrize(("name", "by", "on_pages", "on_api"), TENANT_CALLERS)
def test_a_companys_routes_answer_as_listed(
    world: World, name: str, by: str, on_pages: int, on_api: int, record_property: Any
) -> None:
    prober = Prober("acme.localhost")
    wrong: list[str] = []
    probes = 0
    shows_foreign_token = by == "token" and name in worlds.GLOBEX

    for row, route in _rows_and_routes(TENANT):
        column = on_api if row.route.startswith("api/") else on_pages
        for method in sorted(row.methods):
            # A token on a page and a session below /api/ are not looked at; one id is enough to see that.
            all_ids = (
                identities.ids_for(world, route, name, column)
                if _counts(by, row)
                else identities.ids_for(world, route, name, column)[:1]
            )
            answers = [
                prober.send(
                    method, row.path or route.path(ids), person=world.people[name], by=by, ids=ids, body=row.body
                )
                for _, ids in all_ids
            ]
            probes += len(answers)
            undeclared = performing.undeclared_rows
            if shows_foreign_token and _counts(by, row) and row.route not in OPEN:
                undeclared = performing.rows_of_a_foreign_token
            wrong += _differences(row, method, column, [kind for kind, _ in all_ids], answers, undeclared)

    record_property("probes", probes)
    assert not wrong, f"{name} by {by}:\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("name", "by", "column"),
    [
        ("anonymous", "session", NOBODY),
        ("operator", "session", OPERATOR),
        ("erin", "session", NOBODY),
        ("erin", "token", NOBODY),
        ("gwen", "session", NOBODY),
    ],
)
def test_the_platforms_routes_answer_as_listed(
    world: World, name: str, by: str, column: int, record_property: Any
) -> None:
    prober = Prober("localhost")
    wrong: list[str] = []
    probes = 0

    for row, route in _rows_and_routes(PLATFORM):
        for method in sorted(row.methods):
            all_ids = [ids for ids in identities.ids_for(world, route, name, column) if ids[0] in ("own", "missing")]
            answers = [
                prober.send(
                    method, row.path or route.path(ids), person=world.people[name], by=by, ids=ids, body=row.body
                )
                for _, ids in all_ids
            ]
            probes += len(answers)
            wrong += _differences(row, method, column, [kind for kind, _ in all_ids], answers)

    record_property("probes", probes)
    assert not wrong, f"{name} by {by}:\n" + "\n".join(wrong)


@pytest.mark.parametrize("urlconf", [TENANT, PLATFORM])
def test_other_methods_let_nobody_in(world: World, urlconf: str) -> None:
    """Methods that no row names never do anything for one who is refused otherwise."""
    prober = Prober("acme.localhost" if urlconf == TENANT else "localhost")
    let_in = []

    for row, route in _rows_and_routes(urlconf):
        listed = "GET" if row.get else min(row.methods)
        if row.outcome(listed, NOBODY) not in ("sign-in", "login", "401"):
            continue
        ids = identities.ids_for(world, route, "anonymous", NOBODY)[0][1]
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
            path = row.path or route.path(ids)
            answer = prober.send(method, path, person=world.people["charlie"], by="session", ids=ids)
            if answer.outcome not in ("sign-in", "login", "401", "405"):
                let_in.append(f"{method} {row.route}: {answer.outcome}")

    assert not let_in, "\n".join(let_in)


@pytest.mark.parametrize(
    ("path", "by"), [("/api/v1/query", "token"), ("/api/v1/query/stream", "token"), ("/ask/stream/", "session")]
)
@pytest.mark.parametrize("name", ["bob", "alice"])
def test_a_conversation_named_in_a_body_is_the_askers_own_or_not_there(
    world: World, path: str, by: str, name: str
) -> None:
    prober = Prober("acme.localhost")
    others = [world.personal["dora"]["conversation"], world.personal["charlie"]["conversation"]]

    own, *gone = [
        prober.send(
            "POST",
            path,
            person=world.people[name],
            by=by,
            ids={"id": conversation},
            body={"question": "How long?", "conversation_id": str(conversation)},
        )
        for conversation in (world.personal[name]["conversation"], *others, world.missing["conversation"])
    ]

    assert own.outcome == "200"
    assert {(answer.outcome, answer.body) for answer in gone} == {("404", gone[0].body)}


def test_a_version_of_another_document_is_not_found_below_this_one(world: World) -> None:
    prober = Prober("acme.localhost")
    path = "/admin/documents/document/{}/versions/{}/original/"
    versions = (world.closed["version"], world.foreign["version"], world.missing["version"])

    answers = [
        prober.send(
            "GET",
            path.format(world.own["document"], version),
            person=world.people["alice"],
            by="session",
            ids={"version": version},
        )
        for version in versions
    ]

    assert {(answer.outcome, answer.body) for answer in answers} == {("404", answers[0].body)}


def test_hr_learns_nothing_of_other_companies_from_pages_of_the_platform(world: World) -> None:
    """The history page of a company's row once led HR of any company to a link with that company's id."""
    prober = Prober("acme.localhost")

    answers = [
        prober.send(
            "GET",
            f"/admin/tenants/tenant/{number}/{page}",
            person=world.people["alice"],
            by="session",
            ids={"number": number},
        )
        for number in (world.acme.pk, world.globex.pk, worlds.MISSING_NUMBER)
        for page in ("history/", "change/")
    ]

    assert {answer.outcome for answer in answers} == {"403"}
    assert not any(str(world.globex.uuid) in f"{answer.body}{answer.headers}" for answer in answers)


def test_an_operator_gets_a_refusal_on_companies_pages_and_never_an_error(world: World) -> None:
    """Their tables are not in the platform's schema, and an operator is no employee: these were server errors."""
    prober = Prober("localhost")
    paths = [
        f"/admin/{model}/{number}/{page}/"
        for model in ("hr/employee", "documents/document", "documents/documentversion")
        for number in (1, world.own["document"])
        for page in ("change", "history")
    ]

    answers = {
        path: prober.send("GET", path, person=world.people["operator"], by="session", ids={}).outcome for path in paths
    }

    assert set(answers.values()) == {"403"}, answers


@pytest.mark.parametrize("host", ["acme.localhost", "localhost"])
def test_no_row_is_looked_up_by_the_number_of_its_model(world: World, host: str) -> None:
    """Django's "view on site" finds any row of any model; on the platform it failed for tables that are not there."""
    caller = world.people["alice" if host == "acme.localhost" else "operator"]

    answers = {
        Prober(host).send("GET", f"/admin/r/{model}/1/", person=caller, by="session", ids={}).outcome
        for model in range(1, 30)
    }

    assert answers == {"404"}


@pytest.mark.parametrize("path", ["/sign-in/", "/api/v1/auth/token"])
def test_an_operators_password_opens_nothing_in_a_company(world: World, path: str) -> None:
    given = {"email": "operator@platform.example", "password": worlds.OPERATOR_PASSWORD}

    answer = Prober("acme.localhost").send(
        "POST", path, person=world.people["anonymous"], by="session", ids={}, body=given
    )

    assert answer.outcome in ("401", "403")


def test_the_two_companies_people_share_their_numbers(world: World) -> None:
    """Otherwise the probes above would show less than they seem to."""
    bob, charlie = world.people["bob"].employee, world.people["charlie"].employee

    assert bob is not None and charlie is not None
    assert (bob.pk, bob.user_id) == (charlie.pk, charlie.user_id)


def _rows_and_routes(urlconf: str) -> list[tuple[Row, Route]]:
    routes = {route.pattern: route for route in routes_of(urlconf)}
    return [(row, routes[row.route]) for row in ROWS[urlconf] if row.route in routes]


def _counts(by: str, row: Row) -> bool:
    return (by == "token") == row.route.startswith("api/")


def _differences(
    row: Row,
    method: str,
    column: int,
    kinds: list[str],
    answers: list[Answer],
    undeclared_rows: Callable[[Row, str, Answer], str] = performing.undeclared_rows,
) -> list[str]:
    """Outcomes that are not the listed ones, and answers that tell foreign, closed and missing apart."""
    wrong = []
    missing = next((answer for kind, answer in zip(kinds, answers, strict=True) if kind == "missing"), None)
    for kind, answer in zip(kinds, answers, strict=True):
        if kind.startswith("own"):
            listed = row.outcome(method, column)
        else:
            listed = row.outcome_for_others_ids(method, column)
            if missing is not None and (answer.body, answer.headers) != (missing.body, missing.headers):
                wrong.append(f"{method} {row.route}, {kind} id: told apart from a missing one")
        if undeclared := undeclared_rows(row, method, answer):
            wrong.append(f"{method} {row.route}, {kind} id, answered {answer.outcome}: {undeclared}")
        if answer.outcome != listed:
            wrong.append(f"{method} {row.route}, {kind} id: {answer.outcome}, listed is {listed or 'nothing'}")
    return wrong
