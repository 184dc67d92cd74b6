"""The acceptance walk of an operator: a suspected leak, worked through from the console alone, by two people."""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from ragsite.tests.browser_installation import MARKS, PASSWORD, Installation, Visit

pytestmark = MARKS

COMPANY = "Globex Logistics"
# What the runbook asks: contained from the console alone in minutes.
MOST_SECONDS = 180
REVIEW = {
    "Impact": "One person, half a day",
    "Root cause": "A shared account was not closed",
    "Action items": "Security team; close shared accounts; 2026-12-01",
}


def code_of(secret: str) -> str:
    """RFC 6238: six digits that change every 30 seconds."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    place = digest[19] & 15
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def operator(chromium: Browser, installation: Installation, name: str) -> Visit:
    """Somebody who runs the platform, signed in for the first time: password, then an authenticator app."""
    visit = Visit(chromium, f"http://localhost:{installation.port}", viewport={"width": 1280, "height": 900})
    page = visit.page
    page.goto("/admin/")
    page.get_by_label("E-mail").fill(f"{name}@platform.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Set up an authenticator app").click()
    page.locator("#id_code").fill(code_of(page.locator("[data-secret]").inner_text().replace(" ", "")))
    page.get_by_role("button", name="Done").click()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
    # The pages of signing in fade into each other; the console does not, and the browser says so.
    visit.complaints[:] = [text for text in visit.complaints if "ViewTransition" not in text]
    return visit


@pytest.fixture
def operators(chromium: Browser, installation: Installation) -> Iterator[tuple[Visit, Visit]]:
    both = operator(chromium, installation, "operator"), operator(chromium, installation, "second.operator")
    yield both
    for visit in both:
        visit.context.close()
        assert visit.complaints == []
        assert visit.foreign == []


def step(page: Page, title: str) -> Locator:
    return page.locator(".ao-step", has=page.get_by_role("heading", name=title))


def begin(page: Page, title: str) -> None:
    """Press the step's button."""
    step(page, title).locator(".ao-step-do > a").click()


def confirm(page: Page, title: str, button: str) -> None:
    """One action: the reason stands there already; what is dangerous wants the company's name; the step ends itself."""
    begin(page, title)
    expect(page.get_by_label("Reason")).to_have_value(re.compile(r"INC-\d{4}-\d{4}"))
    if page.locator("[name=typed_name]").count():
        page.locator("[name=typed_name]").fill(COMPANY)
    page.locator("#content").get_by_role("button", name=button).click()
    expect(step(page, title).get_by_text("Done", exact=True)).to_be_visible()


def skip(page: Page, title: str, why: str) -> None:
    """A step that is not needed."""
    step(page, title).get_by_text("Done elsewhere, or not needed").click()
    step(page, title).get_by_label("What was done, or why it is not needed").fill(why)
    step(page, title).get_by_role("button", name="Skip").click()
    expect(step(page, title).get_by_text("Skipped", exact=True)).to_be_visible()


def look(page: Page, title: str, heading: str) -> None:
    """One look: for the reason that stands there already, and back by the page's own link."""
    begin(page, title)
    if "/reason/" in page.url:
        expect(page.locator("textarea")).to_have_value(re.compile(r"INC-\d{4}-\d{4}"))
        page.locator("#content form button[type=submit]").click()
    expect(page.locator("body")).to_contain_text(heading)
    page.get_by_role("link", name="Back to where you came from").first.click()
    expect(step(page, title).get_by_text("Done", exact=True)).to_be_visible()


def test_suspected_leak_is_worked_through_from_the_console_alone_in_under_three_minutes(operators, tmp_path: Path):
    first, second = operators[0].page, operators[1].page
    started = time.monotonic()

    first.get_by_role("link", name="Incidents").first.click()
    first.goto("/admin/ragsite/incident/add/")
    first.get_by_label("Title").fill("Documents seen by somebody who left")
    first.get_by_label(COMPANY).check()
    first.get_by_role("button", name="Open incident").click()
    playbook = first.url.partition("#")[0]
    confirm(first, "Suspend the company", "Suspend")
    look(first, "Look at the last 100 audit rows", "tenant.suspend")
    look(first, "Look at what the rules found", "Findings of")
    look(first, "Look at who was shown which documents", "Access patterns of")
    look(first, "Look for refused reads", "Refused reads of")
    confirm(first, "Revoke access tokens", "Revoke")
    confirm(first, "Switch off its vectors", "Switch off")
    begin(first, "Export the company's audit log")
    with first.expect_download() as exported:
        first.locator("#content").get_by_role("button", name="Export").click()
    exported.value.save_as(tmp_path / "evidence.zip")
    first.get_by_role("link", name="Back", exact=True).click()
    begin(first, "Verify the export")
    first.locator("input[type=file]").set_input_files(tmp_path / "evidence.zip")
    first.get_by_role("button", name="Check").click()
    expect(first.locator("#content")).to_contain_text("Every byte is as it was exported")
    first.get_by_role("link", name="Back", exact=True).click()
    skip(first, "Rotate the signing key", "Nobody had the key")
    confirm(first, "Ask to let the company work again", "Ask")
    second.goto(playbook)
    confirm(second, "Resume, by a second person", "Resume")
    second.get_by_role("link", name="Close incident").click()
    for label, text in REVIEW.items():
        second.get_by_label(label).fill(text)
    second.get_by_label("Reason").fill("Contained and mended")
    second.locator("#content").get_by_role("button", name="Close incident").click()
    expect(second.locator("#content")).to_contain_text("Closed")
    took = time.monotonic() - started

    with second.expect_download() as report:
        second.get_by_role("link", name="Export as Markdown").click()
    told = Path(report.value.path()).read_text(encoding="utf-8")
    who = re.findall(r"– (\S+): (Suspend|Revoke|Export|Verify|Skipped|Resume)", told)
    assert [(name.partition("@")[0], what) for name, what in who] == [
        *(("operator", what) for what in ("Suspend", "Revoke", "Export", "Verify", "Skipped")),
        ("second.operator", "Resume"),
    ]
    print(f"the whole playbook took {took:.1f} s")
    assert took < MOST_SECONDS
