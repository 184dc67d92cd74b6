"""Every action of every route leaves exactly its audit rows; every route says which (SECURITY.md, rule 12).

The routes come from the resolver; what each leaves is the `audit` column of the matrix (ragsite/tests/matrix/).
"""

from collections.abc import Iterator
from typing import Any

import pytest

from ragsite.tests.matrix import performing, platform_rows, tenant_rows
from ragsite.tests.matrix.audited import HOW_TO_DECLARE
from ragsite.tests.matrix.making import made_world
from ragsite.tests.matrix.performing import Deed
from ragsite.tests.matrix.probing import Prober, undone
from ragsite.tests.matrix.resolver import PLATFORM, TENANT, routes_of
from ragsite.tests.matrix.world import World

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


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), made_world(files=tmp_path_factory.mktemp("deeds")) as world:
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


@pytest.mark.parametrize("deed", DEEDS, ids=str)
def test_action_leaves_exactly_its_audit_rows(world: World, deed: Deed) -> None:
    prober = Prober(HOSTS[deed.urlconf])

    with undone():
        ready = performing.prepared(deed, world=world)
        answer = ready.done(prober)

    wrong = performing.differences(deed, answer, ready.names)
    assert wrong == [], f"{'; '.join(wrong)}\n{answer.body[-1500:]}"
