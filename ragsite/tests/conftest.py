"""One running installation and one browser for the browser tests of a pytest process."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from ragsite.tests.browser_installation import CHROMIUM, FLAGS, Installation, Visit


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="ragsite-browser-"))
    folder.chmod(0o711)  # as root the database runs as another user, who must be able to enter
    running = Installation(folder)
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()
        print(running.output.read_text(errors="replace")[-4000:])  # shown when the last test of the session fails
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Gone with its module: while playwright is there its event loop runs, and Django refuses the ORM beside one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(installation: Installation, chromium: Browser) -> Iterator[Callable[..., Visit]]:
    visits: list[Visit] = []

    def begin(company: str = "acme", person: str = "employee", **options: object) -> Visit:
        fresh = Visit(chromium, installation.host(company), **options)
        visits.append(fresh)
        fresh.sign_in(f"{person}@{company}.example")
        return fresh

    yield begin
    for each in visits:
        each.context.close()
        assert each.complaints == []
        assert each.foreign == []
