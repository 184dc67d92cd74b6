"""Reading the log in the console: for a reason, one row for each look, in plain words, by those who may."""

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from audit.models import AuditLog
from audit.tests import rows
from hr.signin import marks
from tenants import context

LOG = "/admin/audit/auditlog/"
REASON = f"{LOG}reason/"


def browser_of(person: Any, tenant: Any) -> Client:
    client = Client(HTTP_HOST="acme.localhost")
    with context.enter(tenant):
        client.force_login(person.user, backend="hr.backends.EmployeeBackend")
    return client


def confirmed(browser: Client, tenant: Any, *, ago: int = 0) -> Client:
    """The browser of somebody who proved who they are, so many seconds ago."""
    with context.enter(tenant):
        session = browser.session
        session[marks.CONFIRMED_AT] = session[marks.SECOND_FACTOR_AT] = time.time() - ago
        session.save()
    return browser


@pytest.fixture
def browser(acme: Any, alice: Any) -> Client:
    return browser_of(alice, acme)


@pytest.fixture
def reader(browser: Client) -> Client:
    """Alice, who said why."""
    browser.post(REASON, {"reason": "asked by the board"})
    return browser


def row(tenant: Any, **values: Any) -> AuditLog:
    with context.enter(tenant):
        rows.write(**values)
        newest = AuditLog.objects.order_by("-pk").first()
    assert newest is not None
    return newest


def looks(tenant: Any) -> list[dict[str, Any]]:
    with context.enter(tenant):
        return list(AuditLog.objects.filter(verb="audit.read").order_by("pk").values("reason", "actor", "target"))


@pytest.mark.parametrize("page", ["", "1/change/"])
def test_without_a_reason_nothing_is_shown_and_the_page_asks(browser: Client, acme: Any, page: str) -> None:
    row(acme, verb="tenant.suspend", reason="secret words")

    response = browser.get(f"{LOG}{page}?outcome=success")

    assert response.status_code == 302
    assert response["Location"].startswith(f"{REASON}?next=")
    assert looks(acme) == []


@pytest.mark.parametrize("reason", ["", "  ", "ab", "x" * 501])
def test_a_reason_has_words(browser: Client, acme: Any, reason: str) -> None:
    assert browser.post(REASON, {"reason": reason}).status_code == 200
    assert browser.get(LOG).status_code == 302


def test_each_look_writes_one_row_with_the_reason(reader: Client, acme: Any, alice: Any) -> None:
    assert looks(acme) == []  # saying why is no look

    assert reader.get(LOG).status_code == 200
    assert reader.get(f"{LOG}?outcome=refused").status_code == 200
    seen = row(acme)
    reader.get(f"{LOG}{seen.pk}/change/")

    expected = {"reason": "asked by the board", "actor": alice.actor_label, "target": ""}
    assert looks(acme) == [expected, expected, expected | {"target": f"audit:{seen.pk}"}]


def test_the_reason_leads_back_to_what_was_asked_for_and_nowhere_else(browser: Client) -> None:
    wanted = f"{LOG}?outcome=refused"
    asked = browser.get(wanted)["Location"]

    assert browser.post(asked, {"reason": "asked by the board"})["Location"] == wanted
    for elsewhere in ("//evil.example/admin/", "https://evil.example/admin/", "/sign-out/"):
        response = browser.post(f"{REASON}?next={elsewhere}", {"reason": "another one"})
        assert response["Location"] == LOG


def test_the_reason_can_be_changed(reader: Client, acme: Any) -> None:
    reader.post(REASON, {"reason": "another question"})

    page = reader.get(LOG).content.decode()

    assert "another question" in page
    assert [look["reason"] for look in looks(acme)] == ["another question"]


def test_the_reason_ends_with_its_time(reader: Client, settings: Any) -> None:
    later = timezone.now() + timedelta(minutes=settings.AUDIT_REASON_MINUTES, seconds=1)

    with time_machine.travel(later):
        assert reader.get(LOG).status_code == 302


def test_the_reason_ends_with_the_session(reader: Client, acme: Any, alice: Any) -> None:
    reader.post("/sign-out/")
    with context.enter(acme):
        reader.force_login(alice.user, backend="hr.backends.EmployeeBackend")

    assert reader.get(LOG).status_code == 302


def test_somebody_elses_reason_in_the_same_browser_does_not_count(reader: Client, acme: Any) -> None:
    with context.enter(acme):
        session = reader.session
        session["audit_reading"] = {**session["audit_reading"], "user": 0}
        session.save()

    assert reader.get(LOG).status_code == 302


def test_employees_reach_neither_the_log_nor_its_reason(acme: Any, bob: Any) -> None:
    browser = browser_of(bob, acme)

    for page in (LOG, REASON):
        assert browser.get(page, follow=True).status_code == 403


def test_rows_are_told_in_plain_words_with_names(reader: Client, acme: Any, alice: Any, bob: Any) -> None:
    row(
        acme,
        actor=alice.actor_label,
        verb="paystub.open_for_hr",
        target="paystub:x",
        details={"subject": bob.actor_label},
    )
    row(acme, actor=bob.actor_label, verb="document.read", outcome="refused", target="document:1")
    row(acme, actor=bob.actor_label, verb="brand.new_verb", target=bob.actor_label)

    page = reader.get(LOG).content.decode()

    assert "Alice Example (HR) opened the pay of Bob Example (Employee)" in page
    assert "Bob Example (Employee) tried to read document 1" in page
    assert "Bob Example (Employee) did “brand: new verb” themselves" in page
    assert f"/admin/hr/employee/{bob.pk}/change/" in page


def test_the_log_itself_keeps_no_name(reader: Client, acme: Any) -> None:
    reader.get(LOG)

    with context.enter(acme):
        assert "Alice" not in str(list(AuditLog.objects.values()))


def test_a_row_leads_to_its_document(reader: Client, acme: Any) -> None:
    from retrieval.tests import stories

    with context.enter(acme):
        document = stories.make_document(title="Parental leave")
    row(acme, verb="document.read", target=f"document:{document.pk}")

    assert (
        f'href="/admin/documents/document/{document.pk}/change/">“Parental leave”' in reader.get(LOG).content.decode()
    )


def shown(reader: Client, query: str) -> set[str]:
    """The request ids of the rows that the list shows: of rows that tests wrote, as others' are long."""
    changelist = reader.get(f"{LOG}?{query}").context_data["cl"]  # type: ignore[union-attr]
    return {one.request_id for one in changelist.result_list if 0 < len(one.request_id) < 10}


def test_filters_narrow_by_each_column(reader: Client, acme: Any, bob: Any) -> None:
    at = timezone.now() - timedelta(days=3)
    row(acme, request_id="by", actor=bob.actor_label)
    row(acme, request_id="about", target=bob.actor_label)
    document = "00000000-0000-4000-8000-000000000001"
    row(acme, request_id="doc", verb="document.read", target=f"document:{document}", outcome="refused", at=at)
    row(acme, request_id="cites", confidence=0.4, prompt_version="p7", details={"documents": [document]})

    assert shown(reader, f"person={bob.pk}") == {"by", "about"}
    assert shown(reader, f"actor={bob.actor_label}") == {"by"}
    assert shown(reader, "verb=document.read") == {"doc"}
    assert shown(reader, f"document={document}") == {"doc", "cites"}
    assert shown(reader, "outcome=refused") == {"doc"}
    assert shown(reader, "confidence_from=0.3&confidence_to=0.5") == {"cites"}
    assert shown(reader, "prompt_version=p7") == {"cites"}
    assert shown(reader, f"at_to_0={at:%Y-%m-%d}&at_to_1=23:59:59") == {"doc"}
    assert shown(reader, "q=cites") == {"cites"}


@pytest.mark.parametrize(
    "query",
    [
        "person=x",
        "person=-1",
        "person=99999999999999999999",
        "person=٣",
        "document=x",
        "actor=%00",
        "q=%00",
        "verb=%00",
        "confidence_from=x",
        "at_from_0=x",
        "outcome=%F0%9F%92%A3",
        "actor_kind=nobody",
        "p=x",
        "o=99",
        "prompt_version=" + "x" * 500,
    ],
)
def test_values_that_are_none_are_never_an_error(reader: Client, query: str) -> None:
    assert reader.get(f"{LOG}?{query}").status_code in (200, 302)


def test_the_last_hundred_are_one_page_newest_first(reader: Client, acme: Any) -> None:
    now = timezone.now()
    for n in range(3):
        row(acme, at=now + timedelta(seconds=n), request_id=str(n), count=40)

    shown_rows = reader.get(LOG).context_data["cl"].result_list  # type: ignore[union-attr]

    assert [one.request_id for one in shown_rows] == ["2"] * 40 + ["1"] * 40 + ["0"] * 20


def test_a_page_takes_few_queries_however_many_rows(
    reader: Client, acme: Any, bob: Any, django_assert_max_num_queries: Any
) -> None:
    for n in range(100):
        row(acme, actor=f"employee:{n}", target=f"document:00000000-0000-4000-8000-{n:012}")

    with django_assert_max_num_queries(12):
        reader.get(LOG)


def test_another_companys_rows_are_not_in_the_list(reader: Client, acme: Any, globex: Any) -> None:
    row(globex, request_id="globex")
    row(acme, request_id="acme")

    assert "globex" not in shown(reader, "")


def test_operators_say_why_they_read_the_platforms_log(db: None, admin_user: Any) -> None:
    client = Client(HTTP_HOST="localhost")
    client.force_login(admin_user, backend="hr.backends.EmployeeBackend")

    assert client.get(LOG).status_code == 302
    client.post(REASON, {"reason": "checking a deployment"})
    assert client.get(LOG).status_code == 200
    assert list(AuditLog.objects.filter(verb="audit.read").values_list("reason", flat=True)) == [
        "checking a deployment"
    ]
