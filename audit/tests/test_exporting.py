"""Exporting and checking in the console and by API: one row for each, a changed byte is seen, nobody else gets it."""

import io
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditLog, Finding
from audit.tests import rows
from audit.tests.test_findings_scan import NOW
from audit.tests.test_reading import browser_of, confirmed
from hr import tokens
from tenants import context

EXPORT, VERIFY = "/admin/audit/auditlog/export/", "/admin/audit/auditlog/verify-export/"
WHY = "for a lawyer"


@pytest.fixture
def browser(acme: Any, alice: Any) -> Client:
    return confirmed(browser_of(alice, acme), acme)


def headers_of(person: Any, tenant: Any) -> dict[str, str]:
    with context.enter(tenant):
        return {"authorization": f"Bearer {tokens.issue_access_token(employee=person, reason='test')}"}


def verbs(tenant: Any, verb: str) -> list[tuple[str, str]]:
    with context.enter(tenant):
        return list(AuditLog.objects.filter(verb=verb).order_by("pk").values_list("outcome", "reason"))


def test_an_export_is_a_row_and_its_check_another(browser: Client, acme: Any) -> None:
    response = browser.post(EXPORT, {"reason": WHY})
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]

    assert response["Content-Type"] == "application/zip"
    assert "attachment" in response["Content-Disposition"]
    assert verbs(acme, "audit.export") == [("success", WHY)]

    page = browser.post(VERIFY, {"reason": WHY, "file": io.BytesIO(content)}).content.decode()
    assert "Every byte is as it was exported" in page
    assert verbs(acme, "audit.verify_export") == [("success", WHY)]


def test_one_changed_byte_is_told(browser: Client, acme: Any) -> None:
    content = bytearray(b"".join(browser.post(EXPORT, {"reason": WHY}).streaming_content))  # type: ignore[attr-defined]
    content[len(content) // 2] ^= 1

    page = browser.post(VERIFY, {"reason": WHY, "file": io.BytesIO(bytes(content))}).content.decode()

    assert "Not sound" in page
    assert verbs(acme, "audit.verify_export") == [("failed", WHY)]


@pytest.mark.parametrize("content", [b"x", b"PK\x03\x04", b"\x00" * 100])
def test_what_is_no_export_is_told(browser: Client, content: bytes) -> None:
    assert "Not sound" in browser.post(VERIFY, {"reason": WHY, "file": io.BytesIO(content)}).content.decode()


@pytest.mark.parametrize("given", [{}, {"reason": "ab"}, {"reason": WHY, "start": "2026-02-01", "end": "2026-01-01"}])
def test_without_a_reason_or_with_a_turned_period_there_is_no_export(
    browser: Client, acme: Any, given: dict[str, str]
) -> None:
    assert browser.post(EXPORT, given)["Content-Type"].startswith("text/html")
    assert verbs(acme, "audit.export") == []


def test_an_export_asks_who_is_there_first(acme: Any, alice: Any) -> None:
    response = confirmed(browser_of(alice, acme), acme, ago=10_000).get(EXPORT)

    assert response.status_code == 302


def test_employees_export_nothing(acme: Any, bob: Any) -> None:
    assert browser_of(bob, acme).get(EXPORT, follow=True).status_code == 403
    assert Client(HTTP_HOST="acme.localhost").get("/api/v1/audit/export?reason=abc").status_code == 401
    assert (
        Client(HTTP_HOST="acme.localhost", headers=headers_of(bob, acme))
        .get("/api/v1/audit/export?reason=abc")
        .status_code
        == 403
    )


@pytest.fixture
def api(acme: Any, alice: Any) -> Client:
    return Client(HTTP_HOST="acme.localhost", headers=headers_of(alice, acme))


def test_the_api_reads_the_log_for_a_reason_and_says_so_in_it(api: Client, acme: Any, bob: Any) -> None:
    with context.enter(acme):
        rows.write(actor=bob.actor_label, verb="document.read", target="document:1", count=3)

    assert api.get("/api/v1/audit").json()["errors"][0]["attr"] == "reason"
    first = api.get(f"/api/v1/audit?reason={WHY}&actor={bob.actor_label}&limit=2").json()
    second = api.get(
        f"/api/v1/audit?actor={bob.actor_label}&limit=2&cursor={first['next_cursor']}", headers={"x-audit-reason": WHY}
    ).json()

    got = [row["sequence"] for row in (*first["results"], *second["results"])]
    assert len(got) == 3
    assert got == sorted(got, reverse=True)
    assert second["next_cursor"] is None
    assert verbs(acme, "audit.read") == [("success", WHY)] * 2
    assert "Bob" not in str(first)


@pytest.mark.parametrize(
    "query",
    [
        "cursor=0",
        "cursor=99999999999999999999",
        "limit=201",
        "outcome=x",
        "since=x",
        "confidence_from=2",
        "actor=%00",
        "since=2026-02-01T00:00Z&until=2026-01-01T00:00Z",
        "since=0001-01-01T00:00:00%2B14:00",
    ],
)
def test_values_that_are_none_are_a_400(api: Client, query: str) -> None:
    assert api.get(f"/api/v1/audit?reason={WHY}&{query}").status_code == 400


@pytest.mark.parametrize("path", ["audit", "audit/export", "findings"])
@pytest.mark.parametrize("query", ["from=2026-01-01", "page_size=foo", "confidence_min=NaN", "non_field=1"])
def test_a_parameter_that_is_not_known_is_a_400_that_names_it(api: Client, acme: Any, path: str, query: str) -> None:
    response = api.get(f"/api/v1/{path}?{query}", headers={"x-audit-reason": WHY})

    [error] = response.json()["errors"]
    assert (response.status_code, error["code"]) == (400, "unknown_parameter")
    assert error["attr"] == query.partition("=")[0]
    assert verbs(acme, "audit.read") == verbs(acme, "audit.export") == verbs(acme, "findings.read") == []


def test_confidence_is_a_number(api: Client) -> None:
    assert api.get(f"/api/v1/audit?reason={WHY}&confidence_from=NaN").status_code == 400


def test_the_apis_export_is_the_same_file(api: Client, browser: Client, acme: Any) -> None:
    content = b"".join(api.get(f"/api/v1/audit/export?reason={WHY}").streaming_content)  # type: ignore[attr-defined]

    assert (
        "Every byte is as it was exported"
        in browser.post(VERIFY, {"reason": WHY, "file": io.BytesIO(content)}).content.decode()
    )


def test_findings_are_listed_and_decided_once_by_api(api: Client, acme: Any, alice: Any, globex: Any) -> None:
    given = {"subject": "employee:1", "first_at": NOW, "last_at": NOW, "count": 1, "found_at": NOW}
    with context.enter(acme):
        finding = Finding.objects.create(rule="token_reuse", numbers={"threshold": 1, "window_minutes": 60}, **given)
    with context.enter(globex):
        Finding.objects.create(id=7_000_001, rule="token_reuse", **given)

    assert [one["id"] for one in api.get("/api/v1/findings?state=open").json()["results"]] == [finding.pk]
    url = f"/api/v1/findings/{finding.pk}/dismiss"
    assert api.post(url, {}, content_type="application/json").status_code == 400
    decided = api.post(url, {"reason": "a test"}, content_type="application/json").json()
    assert (decided["state"], decided["decided_by"]) == ("dismissed", alice.actor_label)
    again = api.post(url, {"reason": "a test"}, content_type="application/json")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "already_decided")
    for missing in (7_000_001, 8_000_001, 2**70):
        gone = api.post(
            f"/api/v1/findings/{missing}/acknowledge", {"reason": "a test"}, content_type="application/json"
        )
        assert gone.status_code == 404
