"""The acceptance walk with a real browser against a real installation: `manage.py up` with its demo companies."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from ragsite import env

REPO_ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "four demo words here"
QUESTION = "How many days of parental leave do I get?"
# Exporting the model takes half a minute when no earlier run has left one; reading the documents about as long.
READY_SECONDS = 300

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(READY_SECONDS + 120),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium, or name one in CHROMIUM"),
]


class Installation:
    """A running `manage.py up` with the demo companies."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.output = folder / "output"
        kept = {name: value for name, value in os.environ.items() if name not in env.names()}
        # The exported model is the same for every run.
        models = REPO_ROOT / "var" / "models"
        if models.is_dir():
            (folder / "models").symlink_to(models)
        mine = {"DATA_DIR": str(folder), "PORT": str(self.port), "DEMO": "1", "DEMO_PASSWORD": PASSWORD}
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=REPO_ROOT,
                env={**kept, **mine},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until_ready(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, self.output.read_text(errors="replace")[-4000:]
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as reply:
                    if reply.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.5)
        raise AssertionError(self.output.read_text(errors="replace")[-4000:])

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def host(self, company: str) -> str:
        return f"http://{company}.localhost:{self.port}"


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="ragsite-browser-"))
    folder.chmod(0o711)  # as root the database runs as another user, who must be able to enter
    running = Installation(folder)
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()
        print(running.output.read_text(errors="replace")[-4000:])  # shown when the last test of the module fails
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """One browser profile, and everything it complained about or fetched from elsewhere."""

    def __init__(self, chromium: Browser, host: str, **options: object) -> None:
        self.host = host
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self.context: BrowserContext = chromium.new_context(base_url=host, **options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: request.url.startswith(host) or self.foreign.append(request.url))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def sign_in(self, email: str) -> None:
        self.page.goto("/")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("what would you like to know")

    def ask_until_answered(self, question: str) -> str:
        """The demo's documents are read in the background; right after the start an abstention is the honest answer."""
        end = time.monotonic() + 120
        while True:
            self.page.goto("/")
            self.page.locator("#question").fill(question)
            self.page.keyboard.press("Enter")
            answers = self.page.locator(".exchange .answer")
            if not self.page.evaluate("() => document.querySelector('[data-keys]').hidden"):
                expect(answers).to_have_count(1)
            if self.page.locator(".answer .cite").count() or time.monotonic() > end:
                return answers.first.inner_text()
            time.sleep(2)


@pytest.fixture
def visit(installation: Installation, chromium: Browser) -> Iterator:
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


def test_question_streams_an_answer_whose_citation_opens_the_marked_passage(visit):
    acme = visit()
    streams: list[str] = []
    acme.page.on(
        "response", lambda reply: "/ask/stream/" in reply.url and streams.append(reply.headers["content-type"])
    )

    answer = acme.ask_until_answered(QUESTION)

    assert "80" in answer
    assert set(streams) == {"text/event-stream"}
    expect(acme.page).to_have_url(re.compile(r"/c/[0-9a-f-]{36}/$"))
    expect(acme.page.locator(".recent [aria-current]")).to_have_text(QUESTION)
    acme.page.locator(".cite").first.click()
    mark = acme.page.locator("#cited")
    expect(mark).to_be_in_viewport()
    expect(acme.page.locator("h1")).to_contain_text("Parental Leave")
    assert mark.inner_text().strip()
    acme.page.get_by_role("link", name="Back to the answer").click()
    expect(acme.page.locator(".question")).to_have_text(re.compile(re.escape(QUESTION)))


def test_other_company_answers_differently_from_its_own_documents_only(visit):
    acme, globex = visit("acme"), visit("globex")

    one, other = acme.ask_until_answered(QUESTION), globex.ask_until_answered(QUESTION)

    assert one != other
    assert "Globex" not in one and "Acme" not in other
    for cited in globex.page.locator(".cite").all():
        foreign = acme.page.goto(str(cited.get_attribute("href")))
        assert foreign is not None and foreign.status == 404
    acme.complaints.clear()  # the browser's own lines about the 404s


def test_everything_works_without_javascript(visit):
    plain = visit(java_script_enabled=False)
    page = plain.page

    end = time.monotonic() + 120
    while True:
        page.goto("/")
        page.locator("#question").fill(QUESTION)
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page).to_have_url(re.compile(r"/c/[0-9a-f-]{36}/#a-"))
        if page.locator(".cite").count() or time.monotonic() > end:
            break
    page.locator("#question").fill("And what does the canteen on the moon serve?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".exchange")).to_have_count(2)
    page.get_by_role("button", name="Helpful", exact=True).first.click()
    expect(page.get_by_role("button", name="Helpful", exact=True).first).to_have_attribute("aria-pressed", "true")
    page.get_by_text("Add a comment").first.click()
    page.get_by_label("What was good?").fill("Short and clear")
    page.get_by_role("button", name="Send comment").click()
    page.get_by_role("link", name="Rename this conversation").click()
    page.get_by_label("Title").fill("Leave and the moon")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Leave and the moon")
    page.get_by_role("link", name="Delete this conversation").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_have_text("The conversation is deleted.")


def test_keyboard_alone_is_enough(visit):
    page = visit().page

    page.evaluate("document.activeElement.blur()")
    page.goto("/conversations/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.goto("/")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type("first line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    expect(page.locator("#question")).to_have_value("first line\nsecond line")
    page.keyboard.press("Enter")
    expect(page.locator(".exchange .answer")).to_have_count(1)
    expect(page.locator("#question")).to_be_focused()


def test_thumb_and_comment_change_in_place(visit):
    acme = visit()
    page = acme.page
    acme.ask_until_answered(QUESTION)

    page.get_by_role("button", name="Not helpful").click()
    expect(page.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
    comment = page.get_by_label("What is wrong or missing?")
    expect(comment).to_be_focused()
    comment.fill("Which year?")
    page.get_by_role("button", name="Send comment").click()
    expect(page.get_by_text("Your comment")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")


def test_running_question_can_be_stopped_and_asked_again(visit):
    page = visit().page
    page.route("**/ask/stream/", lambda route: None)  # never answers

    page.locator("#question").fill("Slow?")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop").click()

    expect(page.locator(".answer-failed")).to_contain_text("Stopped before the answer was complete.")
    page.unroute_all(behavior="ignoreErrors")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".exchange .answer:not(.answer-failed)")).to_have_count(1)


def test_empty_and_too_long_questions_are_told_at_the_box(visit):
    page = visit().page

    page.locator("#question").press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Please type a question.")
    page.locator("#question").fill("x" * 2001)
    page.locator("#question").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("2,001 characters; 2,000 are possible")
    expect(page.locator("#question")).to_have_value("x" * 2001)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_scrolls_sideways(visit, width):
    acme = visit(viewport={"width": width, "height": 800})
    acme.ask_until_answered(QUESTION)
    passage = acme.page.locator(".cite").first.get_attribute("href")

    for path in (acme.page.url, passage, "/conversations/", "/", "/account/password/"):
        acme.page.goto(path)
        scrolls = acme.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not scrolls, path


def test_every_control_has_a_name_and_every_page_its_landmarks(visit):
    acme = visit()
    acme.ask_until_answered(QUESTION)

    for path in (acme.page.url, acme.page.locator(".cite").first.get_attribute("href"), "/conversations/", "/"):
        acme.page.goto(path)
        nameless = acme.page.evaluate(
            """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), textarea, summary')]
                .filter(e => e.checkVisibility() && !(e.getAttribute('aria-label') || e.innerText.trim()
                    || e.labels?.length))
                .map(e => e.outerHTML)"""
        )
        assert nameless == []
        assert acme.page.locator("main").count() == 1
        assert acme.page.locator("h1").count() == 1
        twice = acme.page.evaluate(
            "() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
            " return ids.filter((id, i) => ids.indexOf(id) !== i); }"
        )
        assert twice == []


def test_chosen_files_wait_for_their_readers_and_the_button(
    installation: Installation, chromium: Browser, tmp_path: Path
) -> None:
    visit = Visit(chromium, installation.host("acme"))
    visit.sign_in("hr@acme.example")
    page = visit.page
    page.goto("/admin/documents/document/upload/")
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    for name in ("bonus.txt", "mistake.txt"):
        (tmp_path / name).write_text(f"The {name} rule: 3 percent in March.")

    page.locator("#ao-files").set_input_files([tmp_path / "bonus.txt", tmp_path / "mistake.txt"])
    page.get_by_role("button", name="Remove mistake.txt").click()
    expect(page.locator(".ao-outcome")).to_have_count(1)
    expect(page.get_by_text("1 file chosen.")).to_be_visible()
    assert sent == []
    page.get_by_role("radio", name="Confidential").check()
    page.get_by_label("Title").fill("Bonus rule")
    page.get_by_role("button", name="Upload").click()

    expect(page.locator(".ao-outcome .ao-badge")).to_have_text("accepted")
    assert len(sent) == 1
    page.locator(".ao-outcome a").click()
    expect(page.get_by_label("Confidential")).to_be_checked()
    expect(page.get_by_label("Title")).to_have_value("Bonus rule")
    assert visit.complaints == []
    visit.context.close()
