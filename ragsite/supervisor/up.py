"""`manage.py up`: prepare everything, keep it running, stop it in order."""

import hashlib
import os
import secrets
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ragsite.supervisor import configuration as configurations
from ragsite.supervisor import discovery, kernel
from ragsite.supervisor.configuration import CannotStart, Configuration
from ragsite.supervisor.part_log import PartLog, say
from ragsite.supervisor.placement import NoPlaceForDatabase
from ragsite.supervisor.plan import Plan, child_environment, product_plan
from ragsite.supervisor.postgres import FAST_STOP_SECONDS, READY_TIMEOUT_SECONDS, DatabaseFailed, EmbeddedPostgres
from ragsite.supervisor.preparation import Stamps
from ragsite.supervisor.processes import Child, LaunchFailed, Part, Supervisor, launcher

ROOT = Path(__file__).resolve().parents[2]
EXIT_CANNOT_START = 2
EXIT_FAILED = 1
MARKER_NAME = "RAGSITE_SUPERVISED"
DEMO_PASSWORD_SECRET = "demo_password"  # noqa: S105 (a file name)
# After that we say so, and go on trying: a slow disk is no reason to give up.
READY_WARNING_SECONDS = 120.0
NAME_WIDTH = 8

Planner = Callable[..., Plan]


class PreparationFailed(Exception):
    """A step ended with an error; the message is one line."""


def main(*, planner: Planner = product_plan) -> int:
    """Run until stopped. Messages are single lines; exit code 0 after a wanted stop, 2 when nothing was started."""
    try:
        configuration = configurations.read_configuration(os.environ, root=ROOT)
        with configurations.held_data_folder(configuration.data_dir):
            return Up(configuration=configuration, planner=planner).run()
    except CannotStart as error:
        say(f"ragsite: {error}")
        return EXIT_CANNOT_START


class Up:
    """One life of the installation in one data folder, whose lock the caller holds."""

    def __init__(self, *, configuration: Configuration, planner: Planner) -> None:
        self._configuration = _with_demo_password(configuration)
        self._planner = planner
        self._supervisor = Supervisor()
        self._log_dir = configuration.data_dir / "log"
        self._logs: dict[str, PartLog] = {}
        self._environment: dict[str, str] = {}
        self._postgres: EmbeddedPostgres | None = None

    def run(self) -> int:
        """Start all, wait for the end, stop all.

        :raises CannotStart: when the port is taken or the database has no place; nothing is left running then.
        """
        configuration = self._configuration
        marker = f"{MARKER_NAME}={hashlib.sha256(str(configuration.data_dir.resolve()).encode()).hexdigest()[:16]}"
        self._environment = child_environment(configuration, marker=marker, inherited=os.environ)
        self._log_dir.mkdir(exist_ok=True, mode=0o700)
        if kernel.end_all(lambda: kernel.processes_marked(marker), grace_seconds=5):
            say("ragsite: ended what an earlier run had left behind")
        configurations.check_port(host=configuration.environment.host, port=configuration.environment.port)
        self._supervisor.listen_to_signals()
        if os.geteuid() == 0:
            say("ragsite: running as root; a normal user needs no more rights and is safer")
        try:
            return self._run_parts()
        except (DatabaseFailed, LaunchFailed, PreparationFailed) as error:
            self._stop()
            say(f"ragsite: {error}")
            return EXIT_FAILED
        except NoPlaceForDatabase as error:
            raise CannotStart(str(error)) from error
        finally:
            self._stop()
            for log in self._logs.values():
                log.close()

    def _run_parts(self) -> int:
        configuration, supervisor = self._configuration, self._supervisor
        database_url = configuration.environment.database_url or self._start_database()
        if supervisor.stop_requested:
            return 0
        plan = self._planner(configuration, database_url=database_url)
        self._prepare(plan)
        for running in plan.parts:
            if supervisor.stop_requested:
                return 0
            supervisor.start(self._child(running.part, running.command))
        self._wait_until_ready()
        while not supervisor.stop_requested:
            supervisor.turn(1.0)
        say("ragsite: stopping")
        return 0

    def _start_database(self) -> str:
        server = self._postgres = EmbeddedPostgres(data_dir=self._configuration.data_dir)

        def launch(output: int) -> subprocess.Popen[bytes]:
            port_before = server.port
            try:
                server.prepare()
            except (DatabaseFailed, NoPlaceForDatabase) as error:
                if port_before:
                    raise LaunchFailed(str(error)) from error
                raise
            if port_before and server.port != port_before:
                # Somebody took our port while the server was down; the others find the new one when they start.
                self._supervisor.restart_others(than="postgres")
            return server.start(output=output)

        part = Part(name="postgres", stop_seconds=FAST_STOP_SECONDS, stop_signal=signal.SIGINT)
        child = Child(part=part, log=self._log(part.name), launch=launch)
        say("ragsite: starting the database")
        self._supervisor.start(child)
        child.log.note(
            f"cluster {server.placement.cluster_dir}, programs {server.placement.bin_dir}, port {server.port}"
        )
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        while not self._supervisor.stop_requested and not self._database_answers(server):
            if time.monotonic() > deadline:
                raise DatabaseFailed(f"PostgreSQL did not answer within {READY_TIMEOUT_SECONDS} s: see {self._log_dir}")
            self._supervisor.turn(0.05, watch=False)
        if not self._supervisor.stop_requested:
            server.provision()
        return server.url

    def _database_answers(self, server: EmbeddedPostgres) -> bool:
        try:
            return server.is_ready()
        except DatabaseFailed:
            self._supervisor.turn(0.2, watch=False)  # let its last words reach the screen
            raise

    def _prepare(self, plan: Plan) -> None:
        stamps = Stamps(data_dir=self._configuration.data_dir)
        ran = False
        for step in plan.steps:
            if self._supervisor.stop_requested:
                return
            if stamps.is_done(step):
                continue
            ran = True
            say(f"ragsite: preparing {step.title}")
            child = self._child(Part(name=step.name, stop_seconds=10), step.command, echo=False)
            code = self._supervisor.run_to_end(child, timeout_seconds=step.timeout_seconds)
            if self._supervisor.stop_requested:
                return
            if code != 0:
                reason = f"ended with code {code}" if code is not None else f"took over {step.timeout_seconds:.0f} s"
                say(child.log.tail())
                raise PreparationFailed(f"preparing {step.title} failed ({reason}): see {child.log.path}")
        if ran:
            stamps.record(plan.steps)

    def _wait_until_ready(self) -> None:
        started = time.monotonic()
        warned = False
        while not self._supervisor.stop_requested:
            if self._is_ready():
                self._greet()
                return
            if not warned and time.monotonic() - started > READY_WARNING_SECONDS:
                warned = True
                say(f"ragsite: not ready after {READY_WARNING_SECONDS:.0f} s, still trying: see {self._log_dir}")
            self._supervisor.turn(0.1)

    def _is_ready(self) -> bool:
        request = urllib.request.Request(f"{self._configuration.base_url}/readyz", headers={"Host": "localhost"})  # noqa: S310
        # No proxy, whatever the environment says: this is our own machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=2) as response:
                return response.status == 200
        except (OSError, urllib.error.URLError, ValueError):
            return False

    def _greet(self) -> None:
        configuration = self._configuration
        port = configuration.environment.port
        lines = ["", "ragsite is ready. Ctrl-C stops it."]
        if configuration.environment.demo:
            lines += [
                f"  http://acme.localhost:{port}    sign in as employee@acme.example, manager@, hr@ or ceo@",
                f"  http://globex.localhost:{port}  sign in as employee@globex.example, manager@, hr@ or ceo@",
                f"  http://localhost:{port}/admin   platform console: operator@platform.example",
                f"  password of all demo accounts: {configuration.demo_password}",
                "  without a phone for the operator's second step: manage.py totp_code KEY",
            ]
        else:
            lines += [
                f"  http://localhost:{port}/admin   platform console",
                "  first company: manage.py onboard_tenant --name NAME --domain DOMAIN --admin-email ADDRESS",
            ]
        lines += [f"  data and logs: {configuration.data_dir}", ""]
        say("\n".join(lines))

    def _child(self, part: Part, command: tuple[str, ...], *, echo: bool = True) -> Child:
        launch = launcher(command=command, environment=self._environment, folder=self._configuration.root)
        return Child(part=part, log=self._log(part.name, echo=echo), launch=launch)

    def _log(self, name: str, *, echo: bool = True) -> PartLog:
        if name not in self._logs:
            self._logs[name] = PartLog(name=name, folder=self._log_dir, width=NAME_WIDTH, echo=echo)
        return self._logs[name]

    def _stop(self) -> None:
        self._supervisor.stop()
        if self._postgres is not None:
            self._postgres.process = None
            self._postgres.end_strays()
            self._postgres = None


def _with_demo_password(configuration: Configuration) -> Configuration:
    """The given password, or one made up once and kept: a restart must not lock the demo's users out."""
    if not configuration.environment.demo or configuration.demo_password:
        return configuration
    kept = discovery.read_secret(configuration.data_dir, DEMO_PASSWORD_SECRET)
    if kept is None:
        kept = secrets.token_urlsafe(9)
        discovery.store_secret(configuration.data_dir, DEMO_PASSWORD_SECRET, kept)
    return replace(configuration, demo_password=kept)
