"""A real installation and a real browser for the acceptance walks: `manage.py up` with its demo companies."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

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
# A page has this long to show what it should: two tests run at a time beside a whole installation.
expect.set_options(timeout=20_000)
# Exporting the model takes half a minute when no earlier run has left one; reading the documents about as long.
READY_SECONDS = 300

MARKS = [
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
        mine["SSO_ALLOW_PRIVATE"] = "1"  # the provider of the tests is on loopback
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
