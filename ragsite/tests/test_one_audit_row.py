"""Every action of every route leaves exactly its audit rows; without them nothing is done (SECURITY.md, rule 12).

The routes come from the resolver; what each leaves is the `audit` column of the matrix (ragsite/tests/matrix/).
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ragsite.tests.matrix import breaking, performing, platform_rows, tenant_rows
from ragsite.tests.matrix.audited import HOW_TO_DECLARE
from ragsite.tests.matrix.making import made_world
from ragsite.tests.matrix.performing import Deed
from ragsite.tests.matrix.probing import Answer, Prober, undone
from ragsite.tests.matrix.resolver import PLATFORM, TENANT, routes_of
from ragsite.tests.matrix.world import World

# The first test of the module waits until its world is made.
pytestmark = pytest.mark.timeout(600)

ROWS = {
    TENANT: {row.route: row for row in tenant_rows.ROWS},
    PLATFORM: {row.route: row for row in platform_rows.ROWS},
}
HOSTS = {TENANT: "acme.localhost", PLATFORM: "localhost"}
DEEDS = [
    deed
    for urlconf in (TENANT, PLATFORM)
    for deed in performing.deeds(urlconf, ROWS[urlconf], {route.pattern: route for route in routes_of(urlconf)})
]


_ALL = os.environ.get("AUDIT_BROKEN") == "all"
# A read and a change on pages, API and console, a download, a stream, an upload, a sign-in: tried in all four ways.
_OF_EACH_KIND = (
    "GET c/<uuid:conversation_id>/",
    "POST ",
    "POST ask/stream/",
    "POST sign-in/",
    "GET pay/<uuid:paystub_id>/pdf/",
    "POST api/v1/search",
    "POST api/v1/ingest",
    "DELETE api/v1/documents/<uuid:document_id>",
    "GET admin/hr/employee/",
    "POST admin/hr/employee/<path:object_id>/deactivate/",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Path:
    made: Path = tmp_path_factory.mktemp("deeds")
    return made


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, folder: Path) -> Iterator[World]:
    with django_db_blocker.unblock(), breaking.power(), made_world(files=folder) as world:
        for urlconf, names in ((PLATFORM, ("operator",)), (TENANT, ("bob", "dave", "alice", "erin"))):
            # A session is noted with its first page, and then not again for minutes.
            for name in names:
                Prober(HOSTS[urlconf]).ask("GET", "/favicon.ico", person=world.people[name], by="session")
        yield world


@pytest.fixture(autouse=True)
def own_files(world: World) -> None:
    """Instead of conftest's: the files are those of the module's world."""


@pytest.fixture(autouse=True)
def plain_static_files(world: World) -> None:
    """Instead of conftest's, for the same reason."""


@pytest.mark.parametrize("urlconf", [TENANT, PLATFORM])
def test_every_route_says_what_it_leaves_in_the_audit_log(urlconf: str) -> None:
    silent = [
        f"{method} {row.route}"
        for row in ROWS[urlconf].values()
        for method in sorted(row.methods)
        if row.needs_audit(method) and row.audited(method) is None
    ]

    assert not silent, HOW_TO_DECLARE + "\n".join(silent)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("urlconf", [TENANT, PLATFORM])
def test_every_action_leaves_exactly_its_audit_rows(world: World, urlconf: str, record_property: Any) -> None:
    prober = Prober(HOSTS[urlconf])
    wrong: list[str] = []
    done = [deed for deed in DEEDS if deed.urlconf == urlconf]

    for deed in done:
        with undone():
            ready = performing.prepared(deed, world=world)
            answer = ready.done(prober)
        wrong += [f"{deed}: {problem}" for problem in performing.differences(deed, answer, ready.names)]

    record_property("actions", len(done))
    assert done and not wrong, f"{len(wrong)} of {len(done)}:\n" + "\n".join(wrong)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("way", breaking.WAYS, ids=lambda way: way.__name__)
def test_without_an_audit_row_nothing_is_done_or_shown(
    world: World, folder: Path, way: Any, record_property: Any
) -> None:
    """Each action in one of the four ways, some of each kind in all; with AUDIT_BROKEN=all everything in every way."""
    turn = breaking.WAYS.index(way)
    tried = [
        deed
        for n, deed in enumerate(DEEDS)
        if _ALL or n % len(breaking.WAYS) == turn or f"{deed.method} {deed.row.route}" in _OF_EACH_KIND
    ]
    probers = {urlconf: Prober(host) for urlconf, host in HOSTS.items()}
    wrong: list[str] = []

    for deed in tried:
        with undone():
            ready = performing.prepared(deed, world=world)
            known_files = breaking.files_in(folder)
            with undone(), way(), breaking.as_without_transaction() as written:
                answer = ready.asked(probers[deed.urlconf])
                after = breaking.contents(written)
            before = breaking.contents(written)
        wrong += [f"{deed}: {problem}" for problem in _problems(deed, answer)]
        wrong += [f"{deed}: changed {table}" for table in sorted(written) if before[table] != after[table]]
        wrong += [f"{deed}: left {path}" for path in breaking.files_in(folder) ^ known_files]

    record_property("tried", len(tried))
    assert tried and not wrong, f"{len(wrong)} of {len(tried)}:\n" + "\n".join(wrong)


def _problems(deed: Deed, answer: Answer) -> list[str]:
    if deed.row.route in ("ask/stream/", "api/v1/query/stream"):
        # The status line was sent long before.
        told = [line for line in answer.body.splitlines() if line.startswith("event:")]
        return [] if answer.outcome == "503" or told == ["event: error"] else [f"streamed {told}"]
    if answer.outcome != "503":
        return [f"answered {answer.outcome}: {' '.join(answer.body.split())[-200:]}"]
    if "Retry-After" not in dict(answer.headers):
        return ["did not say when to try again"]
    if deed.row.route.startswith("api/") and '"code":"unavailable"' not in answer.body.replace(" ", ""):
        return [f"answered {answer.body[:200]}"]
    return []
