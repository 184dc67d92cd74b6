"""While the audit log cannot be written nothing is done and nothing is shown (SECURITY.md, rule 12).

Every action of the matrix is tried while its audit row cannot be written: each in one of four ways, and in all four
with AUDIT_BROKEN=all.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ragsite.tests.matrix import breaking, performing
from ragsite.tests.matrix.making import made_world
from ragsite.tests.matrix.performing import Deed
from ragsite.tests.matrix.probing import Answer, Prober, undone
from ragsite.tests.matrix.resolver import PLATFORM
from ragsite.tests.matrix.world import World
from ragsite.tests.test_one_audit_row import DEEDS, HOSTS

_STREAMS = ("ask/stream/", "api/v1/query/stream")
_ALL = os.environ.get("AUDIT_BROKEN") == "all"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Path:
    made: Path = tmp_path_factory.mktemp("broken")
    return made


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, folder: Path) -> Iterator[World]:
    with django_db_blocker.unblock(), breaking.power(), made_world(files=folder) as world:
        for urlconf, host in HOSTS.items():
            # A session is noted with its first page, and then not again for minutes.
            names = ("operator",) if urlconf == PLATFORM else ("bob", "dave", "alice", "erin")
            for name in names:
                Prober(host).ask("GET", "/favicon.ico", person=world.people[name], by="session")
        yield world


@pytest.fixture(autouse=True)
def own_files(world: World) -> None:
    """Instead of conftest's: the files are those of the module's world."""


@pytest.fixture(autouse=True)
def plain_static_files(world: World) -> None:
    """Instead of conftest's, for the same reason."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", breaking.WAYS, ids=lambda way: way.__name__)
def test_without_an_audit_row_nothing_is_done_or_shown(
    world: World, folder: Path, way: Any, record_property: Any
) -> None:
    turn = breaking.WAYS.index(way)
    tried = [deed for n, deed in enumerate(DEEDS) if _ALL or n % len(breaking.WAYS) == turn]
    probers = {urlconf: Prober(host) for urlconf, host in HOSTS.items()}
    wrong: list[str] = []

    for deed in tried:
        with undone():
            ready = performing.prepared(deed, world=world)
            before = breaking.contents(files=folder)
            with way(), breaking.as_without_transaction():
                answer = ready.asked(probers[deed.urlconf])
            after = breaking.contents(files=folder)
        wrong += [f"{deed}: {problem}" for problem in _problems(deed, answer)]
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        wrong += [f"{deed}: changed {changed}"] if changed else []

    record_property("tried", len(tried))
    assert tried and not wrong, f"{len(wrong)} of {len(tried)}:\n" + "\n".join(wrong)


def _problems(deed: Deed, answer: Answer) -> list[str]:
    if deed.row.route in _STREAMS:
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
