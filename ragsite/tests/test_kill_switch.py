"""What is switched off is off everywhere: pages, API, consoles, downloads, streams, tasks; and nowhere else."""

import io
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from audit.models import AuditLog
from documents import files, tasks
from documents import services as documents
from documents.models import Document, DocumentVersion
from hr.models import Employee
from hr.tests.api_helpers import api, post, sign_in, signed_in
from retrieval import generation, interruptible, search
from retrieval import services as retrieval
from retrieval.stores import VectorAccessDisabled, get_store, store_for_upkeep
from retrieval.tests import llm_server
from retrieval.tests.browsing import browser_of
from retrieval.tests.test_indexing_and_search import LEAVE, ingest
from tenants import context
from tenants.kill_switches import effect, services, state
from tenants.models import KillSwitch, ParkedTask, Tenant

pytestmark = pytest.mark.django_db

ANN, BEA = "operator:901", "operator:902"
Feature = KillSwitch.Feature
QUESTION = "How many days of parental leave do I get?"


def switch_off(tenant: Tenant | None, feature: str = Feature.EVERYTHING, **given: Any) -> KillSwitch:
    scope = "employee" if "employee_id" in given else "tenant" if tenant else "platform"
    return services.engage(scope=scope, feature=feature, tenant=tenant, by=ANN, reason="a suspected leak", **given)


def switch_on(switch: KillSwitch) -> None:
    services.release(switch=switch, by=BEA, reason="it was none")


@pytest.fixture
def handbook(in_acme: Tenant) -> Document:
    return ingest(LEAVE, "leave.md")


# --- everything ------------------------------------------------------------------------------------------------------


def test_when_everything_is_off_companies_are_told_to_wait_and_operators_go_on(
    acme: Tenant, globex: Tenant, alice: Employee, charlie: Employee
) -> None:
    operator = Client(headers={"host": "localhost"})
    operator.force_login(User.objects.create_superuser("ann@platform.example", "ann@platform.example", None))
    switch_off(None, expires_at=timezone.now() + timedelta(minutes=10))

    page = browser_of(alice, acme).get("/", headers={"accept": "text/html"})
    program = signed_in(globex, charlie).get("/api/v1/documents")

    assert (page.status_code, program.status_code) == (503, 503)
    assert "Switched off for the moment" in page.content.decode()
    assert program.json() == {
        "type": "server_error",
        "errors": [{"code": "platform_off", "detail": program.json()["errors"][0]["detail"], "attr": None}],
    }
    assert 590 <= int(program["Retry-After"]) <= 601
    assert {page["Cache-Control"], program["Cache-Control"]} == {"private, no-store"}
    assert "rag_switched_off_requests_total" in Client(headers={"host": "localhost"}).get("/metrics").content.decode()
    assert operator.get("/admin/").status_code == 200
    assert operator.get("/admin/tenants/killswitch/").status_code == 200
    assert list(Tenant.objects.active()) == []  # no scheduled work either


def test_other_companies_notice_nothing(acme: Tenant, globex: Tenant, bob: Employee, charlie: Employee) -> None:
    switch_off(acme)

    assert signed_in(acme, bob).get("/api/v1/documents").status_code == 403
    assert signed_in(globex, charlie).get("/api/v1/documents").status_code == 200
    assert browser_of(charlie, globex).get("/").status_code == 200
    assert [tenant.schema_name for tenant in Tenant.objects.active()] == ["globex"]


def test_an_answer_that_was_under_way_is_not_given(
    in_acme: Tenant, handbook: Document, bob: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(in_acme, bob)
    rank = search.fuse

    def fuse_slowly(**given: Any) -> Any:
        switch_off(in_acme)
        return rank(**given)

    monkeypatch.setattr(search, "fuse", fuse_slowly)
    answers = [post(client, "/api/v1/search", {"question": QUESTION}).status_code]

    assert answers == [403]


# --- one person ------------------------------------------------------------------------------------------------------


def test_a_person_who_is_off_is_nobody_anywhere(acme: Tenant, alice: Employee, bob: Employee) -> None:
    pair, browser, program = sign_in(acme, bob), browser_of(bob, acme), signed_in(acme, bob)
    assert (browser.get("/").status_code, program.get("/api/v1/documents").status_code) == (200, 200)

    switch = switch_off(acme, employee_id=bob.pk)

    assert browser.get("/")["Location"].startswith("/sign-in/")
    refused, unknown = program.get("/api/v1/documents"), api(acme, token="x.y.z").get("/api/v1/documents")
    assert (refused.status_code, refused.content) == (401, unknown.content)
    assert post(api(acme), "/api/v1/auth/token/refresh", {"refresh": pair["refresh"]}).status_code == 401
    wrong = post(api(acme), "/api/v1/auth/token", {"email": "nobody@acme.example", "password": "wrong"})
    again = post(api(acme), "/api/v1/auth/token", {"email": bob.email, "password": "correct horse battery"})
    assert (again.status_code, again.content) == (401, wrong.content)
    assert browser_of(alice, acme).get("/").status_code == 200

    switch_on(switch)
    assert browser.get("/").status_code in (200, 302)
    assert program.get("/api/v1/documents").status_code == 200


# --- streams and downloads -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whom", ["company", "everybody", "person"])
@pytest.mark.parametrize("door", ["page", "api"])
def test_a_running_answer_is_cut(in_acme: Tenant, handbook: Document, bob: Employee, door: str, whom: str) -> None:
    if door == "api":
        response = post(signed_in(in_acme, bob), "/api/v1/query/stream", {"question": QUESTION})
    else:
        response = browser_of(bob, in_acme).post("/ask/stream/", {"question": QUESTION})
    stream = iter(response.streaming_content)
    assert b"event: search_results" in next(stream)

    given: dict[str, Any] = {"employee_id": bob.pk} if whom == "person" else {}
    switch_off(None if whom == "everybody" else in_acme, **given)

    rest = list(stream)
    assert len(rest) == 1 and rest[0].startswith(b"event: error\n")
    assert b"80 working days" not in rest[0]


def test_a_running_download_is_cut(in_acme: Tenant, alice: Employee) -> None:
    content = b"# Long\n\nOne sentence.\n" + b"\n" * 900_000
    version = documents.receive(source=io.BytesIO(content), original_name="long.md").version
    documents.process_version(version_id=version.pk)
    response: Any = browser_of(alice, in_acme).get(f"/original/{version.pk}/")
    stream = iter(response.streaming_content)
    first = next(stream)

    switch_off(in_acme)

    assert 0 < len(first) + sum(map(len, stream)) < len(content)


def test_a_silent_model_does_not_keep_a_stream_alive(
    in_acme: Tenant, handbook: Document, bob: Employee, settings: Any
) -> None:
    generation.breaker.succeeded()  # whatever a test before this one left
    with llm_server.running() as server:
        server.mode, server.hang_seconds = "hang", 60
        settings.LLM_BASE_URL, settings.LLM_MODEL, settings.LLM_TIMEOUT_SECONDS = server.url, "stub-model", 90
        response = post(signed_in(in_acme, bob), "/api/v1/query/stream", {"question": QUESTION})
        stream = iter(response.streaming_content)
        next(stream)
        snapshot = state.current()
        suspended = state.Switch(1, "tenant", "everything", in_acme.pk, None, None)
        cut = threading.Timer(0.3, lambda: _another_process_noticed(snapshot, suspended))
        cut.start()
        started = time.monotonic()
        rest = list(stream)
        spent = time.monotonic() - started
        server.awake.set()
    generation.breaker.succeeded()

    # 5 s is the promise; a machine that does much else at the time gets as much again.
    assert spent < 10
    assert len(rest) == 1 and b"tenant_suspended" in rest[0]


def _another_process_noticed(before: state.Snapshot, switch: state.Switch) -> None:
    """What the watcher's thread does, again and again, after another process switched something off."""
    state._snapshot = state.Snapshot(before.generation + 1, (switch,), time.monotonic() + 60)


def test_reading_beside_ends_with_the_first_refusal_and_asks_nothing_after_one() -> None:
    opened: list[int] = []

    def endless() -> Iterator[int]:
        opened.append(1)
        yield 1
        time.sleep(5)

    def check() -> None:
        if time.monotonic() > deadline:
            raise TimeoutError

    deadline = time.monotonic() + 0.2
    started, got = time.monotonic(), []
    with pytest.raises(TimeoutError):
        for value in interruptible.read_beside(open_stream=endless, check=check, every_seconds=0.05):
            got.append(value)
    assert (got, time.monotonic() - started < 4) == ([1], True)

    opened.clear()
    with pytest.raises(TimeoutError):
        list(interruptible.read_beside(open_stream=endless, check=check, every_seconds=0.05))
    assert opened == []


# --- tasks -----------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks begin with a fresh connection; here everything is in the test's transaction."""
    monkeypatch.setattr("tenants.tasks.close_old_connections", lambda: None)


def run(task: Any, tenant: Tenant, *args: Any) -> Any:
    """As the worker does it: headers become attributes of the task's request."""
    task.push_request(tenant_uuid=str(tenant.uuid), tenant_schema=tenant.schema_name)
    try:
        return task(*args)
    finally:
        task.pop_request()


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Tenant, str]]:
    """What is sent to the queue: company and version."""
    sent: list[tuple[Tenant, str]] = []

    def send(args: Any = None, kwargs: Any = None, **options: Any) -> None:
        sent.append((context.current_tenant(), args[0]))

    monkeypatch.setattr(tasks.process_version, "apply_async", send)
    return sent


@pytest.mark.parametrize("feature", [Feature.EVERYTHING, Feature.VECTORS])
def test_tasks_wait_and_the_document_becomes_ready_after_the_release(
    in_acme: Tenant, queue: list[Any], django_capture_on_commit_callbacks: Any, feature: str
) -> None:
    version = documents.receive(source=io.BytesIO(LEAVE), original_name="leave.md").version
    switch = switch_off(in_acme, feature)

    for _ in range(3):  # the outbox sends again what it takes for lost
        run(tasks.process_version, in_acme, str(version.pk))
    documents.sweep(now=timezone.now() + timedelta(hours=1))
    version.refresh_from_db()
    assert (version.state, version.attempts) == ("received", 0)
    assert ParkedTask.objects.get().tenant == in_acme

    queue.clear()
    with django_capture_on_commit_callbacks(execute=True):
        switch_on(switch)
    assert queue == [(in_acme, str(version.pk))]
    assert not ParkedTask.objects.exists()
    run(tasks.process_version, in_acme, str(version.pk))
    version.refresh_from_db()
    assert (version.state, version.attempts) == ("ready", 1)


@pytest.mark.parametrize("step", ["CHUNK_VERSION", "INDEX_VERSION"])
def test_what_is_worked_on_when_it_is_switched_off_is_begun_anew_and_counts_as_no_attempt(
    in_acme: Tenant, queue: list[Any], settings: Any, step: str
) -> None:
    version = documents.receive(source=io.BytesIO(LEAVE), original_name="leave.md").version
    settings.STEPS = {**settings.STEPS, step: ("ragsite.tests.test_kill_switch.suspend_meanwhile",)}

    run(tasks.process_version, in_acme, str(version.pk))

    version.refresh_from_db()
    assert (version.state, version.attempts, version.lease_until) == ("received", 0, None)
    assert ParkedTask.objects.get().feature == Feature.EVERYTHING


def suspend_meanwhile(**kwargs: Any) -> int:
    """A step during which somebody suspends the company."""
    switch_off(context.current_tenant())
    return 1


def test_a_queue_that_is_down_keeps_tasks_waiting(
    in_acme: Tenant, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def no_broker(*args: Any, **options: Any) -> None:
        raise ConnectionError

    switch = switch_off(in_acme)
    run(tasks.forget_version, in_acme, str(uuid.uuid4()))
    monkeypatch.setattr(tasks.forget_version, "apply_async", no_broker)

    with django_capture_on_commit_callbacks(execute=True):
        switch_on(switch)

    assert ParkedTask.objects.count() == 1


# --- features --------------------------------------------------------------------------------------------------------


def test_without_the_language_model_answers_are_quoted_and_say_so(
    in_acme: Tenant, handbook: Document, bob: Employee, settings: Any
) -> None:
    with llm_server.running() as server:
        settings.LLM_BASE_URL, settings.LLM_MODEL, settings.LLM_TIMEOUT_SECONDS = server.url, "stub-model", 20
        switch_off(in_acme, Feature.LANGUAGE_MODEL)
        failures = generation.breaker.failures

        answer = retrieval.ask(question=QUESTION, employee=bob)

    assert (answer.generator, answer.fallback_reason) == ("extractive", "switched_off")
    assert "80 working days" in answer.text
    assert server.requests == [] and generation.breaker.failures == failures


def test_without_tools_records_are_not_looked_into_and_nothing_is_confirmed(
    in_acme: Tenant, handbook: Document, bob: Employee
) -> None:
    proposed = retrieval.ask(question="I want to take leave on 3 May 2027", employee=bob).results
    switch_off(in_acme, Feature.TOOLS)

    [result] = retrieval.ask(question="How many days of leave do I have left?", employee=bob).results

    assert (result.status, result.reason) == ("unavailable", "switched_off")
    assert "switched off" in result.text
    assert AuditLog.objects.filter(verb="tool.call", outcome="refused", reason="switched_off").count() == 1
    for proposal in (one for one in proposed if one.proposal_id):
        with pytest.raises(retrieval.ProposalRefused) as refused:
            retrieval.confirm(
                proposal_id=uuid.UUID(proposal.proposal_id), digest=proposal.proposal_digest, employee=bob
            )
        assert refused.value.code == "tools_off"


def test_without_vectors_words_are_searched_and_labelled_and_the_store_is_closed(
    in_acme: Tenant, handbook: Document, alice: Employee, bob: Employee
) -> None:
    switch_off(in_acme, Feature.VECTORS)

    found = retrieval.find(question=QUESTION, employee=bob, limit=5)
    answer = retrieval.ask(question=QUESTION, employee=bob)

    assert found.lexical_only and found.passages
    assert answer.fallback_reason == "vector_store_unavailable"
    with pytest.raises(VectorAccessDisabled):
        get_store()
    store_for_upkeep().ping()
    assert signed_in(in_acme, alice).get("/api/v1/documents").status_code == 200
    page = browser_of(bob, in_acme).get("/").content.decode()
    assert "Only the words of your question are looked up" in page and "a suspected leak" not in page


def test_without_uploads_no_door_takes_a_file(in_acme: Tenant, alice: Employee, tmp_path: Path) -> None:
    path = tmp_path / "leave.md"
    path.write_bytes(LEAVE)
    switch_off(in_acme, Feature.UPLOADS)

    with path.open("rb") as source:
        program = signed_in(in_acme, alice).post("/api/v1/ingest", {"file": source})
    with path.open("rb") as source:
        console = browser_of(alice, in_acme).post(
            "/admin/documents/document/upload/", {"files": [source]}, headers={"accept": "application/json"}
        )
    with pytest.raises(CommandError, match="switched off"):
        call_command("ingest_path", str(path), "--tenant", "acme", stdout=StringIO())

    assert (program.status_code, program.json()["errors"][0]["code"]) == (503, "uploads_off")
    assert int(program["Retry-After"]) > 0
    assert [one["outcome"] for one in console.json()["files"]] == ["refused"]
    with context.enter(in_acme):
        assert not DocumentVersion.objects.exists()
        assert list(files.all_keys()) == []


# --- the doors through which it is switched --------------------------------------------------------------------------


@pytest.fixture
def operators(db: None) -> dict[str, User]:
    emails = ("ann@platform.example", "bea@platform.example")
    return {email.split("@")[0]: User.objects.create_superuser(email, email, "a long password") for email in emails}


def shell(*args: str) -> str:
    output = StringIO()
    call_command("kill_switch", *args, stdout=output)
    return output.getvalue()


def test_command(acme: Tenant, operators: dict[str, User]) -> None:
    by = ("--by", "ann@platform.example")
    said = shell("on", "--tenant", "acme", "--feature", "vectors", "--for", "2h", "--reason", "a suspected leak", *by)
    number = str(KillSwitch.objects.get().pk)
    assert f"Switch {number} is on: search by meaning for Acme Instruments" in said
    status = shell("status")
    assert "a suspected leak" in status and "ends by itself" in status

    with pytest.raises(CommandError, match="another operator has to release it"):
        shell("off", number, "--reason", "it was none", *by)
    assert "your request is kept" in shell("off", number, "--reason", "it was none", "--request", *by)
    assert "is released" in shell("off", number, "--reason", "it was none", "--by", "bea@platform.example")
    assert "Nothing is switched off" in shell("status")
    assert "Released" in shell("status", "--all")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("on", "--platform", "--employee", "1", "--reason", "leak"), "Name a person"),
        (("on", "--platform", "--for", "soon", "--reason", "leak"), "is no time"),
        (("on", "--platform", "--for", "999d", "--reason", "leak"), "365 days at most"),
        (("on", "--tenant", "nobody", "--reason", "leak"), "There is no company"),
        (("on", "--platform", "--reason", "x"), "at least 3"),
        (("off", "999999", "--reason", "leak"), "There is no switch"),
    ],
)
def test_command_says_in_one_line_what_is_wrong(acme: Tenant, args: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        shell(*args)


def console_of(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend="hr.backends.EmployeeBackend")
    return client


def test_console(acme: Tenant, operators: dict[str, User]) -> None:
    ann, bea = (console_of(operators[name]) for name in ("ann", "bea"))
    given = {"scope": "tenant", "tenant": acme.pk, "feature": "tools", "reason": "a suspected leak", "lasts": "120"}

    wrong = ann.post("/admin/tenants/killswitch/add/", {**given, "typed_name": "Globex Logistics"})
    assert "Nothing was switched off" in wrong.content.decode() and not KillSwitch.objects.exists()
    assert ann.post("/admin/tenants/killswitch/add/", {**given, "typed_name": acme.name}).status_code == 302
    switch = KillSwitch.objects.get()
    assert switch.enabled_by == f"operator:{operators['ann'].pk}" and switch.expires_at is not None
    page = f"/admin/tenants/killswitch/{switch.pk}"
    shown = bea.get(f"{page}/change/").content.decode()
    assert "a suspected leak" in shown and "ann@platform.example" in shown and f"{page}/release/" in shown
    confirmed = {"confirmed": "1", "reason": "it was none"}
    refused = ann.post(f"{page}/release/", confirmed, follow=True).content.decode()
    assert "another operator has to release it" in refused
    ann.post(f"{page}/request-release/", confirmed)
    assert "Off, release asked for" in bea.get("/admin/tenants/killswitch/?release=asked").content.decode()
    bea.post(f"{page}/release/", confirmed)

    switch.refresh_from_db()
    assert (switch.state, switch.released_by) == ("released", f"operator:{operators['bea'].pk}")


def test_hr_reads_in_their_console_what_is_off_and_why(acme: Tenant, alice: Employee) -> None:
    switch_off(acme, Feature.UPLOADS)

    page = browser_of(alice, acme).get("/admin/").content.decode()

    assert "Uploads are off" in page and "a suspected leak" in page


def test_the_parts_of_a_process_that_watch_are_listed_and_leave(db: None) -> None:
    effect.note(process="web:test", kind="web", generation=1)
    assert [witness.process for witness in effect.living()] == ["web:test"]

    effect.leave(process="web:test")

    assert effect.living() == []


def test_no_thread_watches_in_a_process_of_tests() -> None:
    assert "kill-switches" not in {thread.name for thread in threading.enumerate()}
