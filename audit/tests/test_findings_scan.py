"""The scan over real rows: a seeded burst is one finding, once; ordinary days are none; decisions hold."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from audit import actors
from audit.findings import services
from audit.findings.metrics import count_findings
from audit.findings.scan import scan
from audit.models import AuditLog, Finding, SuspicionRule
from audit.tests import rows
from audit.tests.test_reading import browser_of
from tenants import context

BERLIN = ZoneInfo("Europe/Berlin")
# A Friday, at noon in Berlin.
NOW = datetime(2026, 11, 20, 11, tzinfo=ZoneInfo("UTC"))
FINDINGS = "/admin/audit/finding/"


def findings() -> list[tuple[str, str, str, int]]:
    return list(Finding.objects.order_by("pk").values_list("rule", "subject", "state", "count"))


def look(now: datetime = NOW) -> list[Finding]:
    with time_machine.travel(now, tick=False):
        return scan(now=now, time_zone=BERLIN)


def burst(at: datetime = NOW - timedelta(minutes=5), count: int = 70) -> None:
    rows.write(at=at, actor="employee:7", verb="document.read", target="document:x", count=count)


def test_a_seeded_burst_is_exactly_one_finding_and_a_second_scan_finds_none(in_acme: Any) -> None:
    burst()

    assert [one.rule for one in look()] == ["burst"]
    assert look() == []
    assert look(NOW + timedelta(minutes=10)) == []
    assert findings() == [("burst", "employee:7", "open", 70)]
    row = AuditLog.objects.get(verb="finding.open")
    assert row.details == {"rule": "burst", "subject": "employee:7", "count": 70}


def test_what_goes_on_widens_the_open_finding(in_acme: Any) -> None:
    burst()
    look()
    burst(at=NOW + timedelta(minutes=3), count=80)

    assert look(NOW + timedelta(minutes=4)) == []
    [finding] = Finding.objects.all()
    assert (finding.count, finding.last_at) == (150, NOW + timedelta(minutes=3))


def test_another_burst_hours_later_is_another_finding(in_acme: Any) -> None:
    burst(at=NOW - timedelta(hours=3))
    look()
    burst()

    assert len(look()) == 1
    assert len(findings()) == 2


@pytest.mark.parametrize("decide", [services.acknowledge, services.dismiss])
def test_what_was_decided_is_not_found_again_but_what_comes_after_is(in_acme: Any, decide: Any) -> None:
    burst()
    [finding] = look()
    with time_machine.travel(NOW, tick=False):
        decide(finding=finding, reason="an export by their manager")

    assert look(NOW + timedelta(minutes=1)) == []
    burst(at=NOW + timedelta(minutes=2))
    assert len(look(NOW + timedelta(minutes=3))) == 1


def test_ordinary_days_are_no_finding(in_acme: Any) -> None:
    for day in range(5):
        for person in range(1, 6):
            for hour in (9, 11, 14):
                at = NOW - timedelta(days=day) + timedelta(hours=hour - 11, minutes=person)
                if at <= NOW and at.isoweekday() < 6:
                    rows.write(at=at, actor=f"employee:{person}", verb="question.answer", count=3)
                    rows.write(at=at, actor=f"employee:{person}", verb="document.read", outcome="refused")

    assert look() == []


def test_whoever_reads_much_every_day_is_compared_with_themselves(in_acme: Any) -> None:
    for day in range(3, 13):
        rows.write(at=NOW - timedelta(days=day), actor="employee:7", verb="document.read", count=30)

    burst(count=70)  # above the threshold of 60, below 3 x 30
    assert look() == []

    burst(count=30)
    [finding] = look()
    assert finding.numbers["usual"] == 30.0
    assert finding.numbers["least"] == 90


def test_nights_are_counted_in_the_companys_time_zone(in_acme: Any) -> None:
    rows.write(at=NOW.replace(hour=4, minute=30), actor="employee:7", verb="search.run", count=20)  # 5:30 in Berlin
    rows.write(at=NOW.replace(hour=5, minute=30), actor="employee:8", verb="search.run", count=20)  # 6:30

    assert [(one.rule, one.subject) for one in look()] == [("off_hours", "employee:7")]


def test_a_rule_that_is_off_finds_nothing(in_acme: Any) -> None:
    rule = SuspicionRule.objects.get(rule="burst")
    rule.is_on = False
    services.save_rule(rule=rule)
    burst()

    assert look() == []
    assert AuditLog.objects.get(verb="suspicion_rule.change").details == {"is_on": False}


def test_figures_of_a_company_are_its_own(in_acme: Any, globex: Any) -> None:
    rule = SuspicionRule.objects.get(rule="burst")
    rule.threshold = 5
    services.save_rule(rule=rule)

    burst(count=5)
    assert len(look()) == 1
    with context.enter(globex):
        burst(count=5)
        assert look() == []
        assert Finding.objects.count() == 0


def test_a_mail_without_names_goes_to_whom_the_rule_says(in_acme: Any, django_capture_on_commit_callbacks: Any) -> None:
    SuspicionRule.objects.filter(rule="burst").update(notify_email="security@acme.example")
    burst()

    with django_capture_on_commit_callbacks(execute=True):
        look()

    [letter] = mail.outbox
    assert letter.to == ["security@acme.example"]
    assert "employee" not in f"{letter.subject}{letter.body}"


def test_a_finding_is_decided_once(in_acme: Any) -> None:
    burst()
    [finding] = look()
    with actors.acting_as(actors.Actor("employee", "employee:3")):
        services.dismiss(finding=finding, reason="an export")

    with pytest.raises(services.AlreadyDecided):
        services.acknowledge(finding=finding, reason="too late")

    finding.refresh_from_db()
    assert (finding.state, finding.decided_by, finding.decision_reason) == ("dismissed", "employee:3", "an export")
    assert AuditLog.objects.get(verb="finding.dismiss").reason == "an export"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "dismissed"}, "finding_decision_has_time_and_reason"),
        ({"rule": "guess"}, "finding_rule_known"),
        ({"last_at": NOW - timedelta(days=1)}, "finding_ends_after_it_begins"),
    ],
)
def test_rules_about_findings_are_kept_by_the_database(in_acme: Any, values: Any, constraint: str) -> None:
    given = {"rule": "burst", "subject": "x", "first_at": NOW, "last_at": NOW, "count": 1, "found_at": NOW}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Finding.objects.create(**{**given, **values})


def test_an_episode_is_kept_once(in_acme: Any) -> None:
    given = {"rule": "burst", "subject": "x", "first_at": NOW, "last_at": NOW, "count": 1, "found_at": NOW}
    Finding.objects.create(**given)

    with pytest.raises(IntegrityError, match="finding_once_per_episode"), transaction.atomic():
        Finding.objects.create(**given)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"threshold": 0}, "suspicion_rule_figures_make_sense"),
        ({"day_begins_hour": 21}, "suspicion_rule_day_begins_before_it_ends"),
        ({"rule": "guess"}, "suspicion_rule_known"),
    ],
)
def test_figures_that_make_no_sense_are_refused(in_acme: Any, values: Any, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        SuspicionRule.objects.filter(rule="burst").update(**values)


def test_the_command_tells_what_it_found(in_acme: Any, capsys: Any) -> None:
    burst(at=timezone.now() - timedelta(minutes=5))

    call_command("scan_audit", tenant="acme")

    said = capsys.readouterr().out
    assert "1 new findings, 1 open" in said
    assert "70 reads and questions within 10 minutes" in said
    assert count_findings()["burst"] == 1


def test_the_page_shows_numbers_until_somebody_says_why(acme: Any, alice: Any, bob: Any) -> None:
    with context.enter(acme):
        Finding.objects.create(
            rule="burst",
            subject=bob.actor_label,
            first_at=NOW,
            last_at=NOW,
            count=70,
            numbers={"threshold": 60, "window_minutes": 10, "usual": 2.0, "factor": 3.0, "least": 60},
            found_at=NOW,
        )
    browser = browser_of(alice, acme)

    before = browser.get(FINDINGS).content.decode()
    browser.post("/admin/audit/auditlog/reason/", {"reason": "the burst of Friday"})
    after = browser.get(FINDINGS).content.decode()

    assert f"employee {bob.pk}" in before
    assert "Bob Example" not in before
    assert "Bob Example (Employee)" in after
    assert "70 reads and questions within 10 minutes" in after
    with context.enter(acme):
        looks = AuditLog.objects.filter(verb="findings.read").order_by("pk").values_list("reason", "details__names")
        assert list(looks) == [("", False), ("the burst of Friday", True)]


def test_deciding_takes_the_confirmation_and_a_reason(acme: Any, alice: Any) -> None:
    with context.enter(acme):
        burst()
        [finding] = look()
    browser = browser_of(alice, acme)
    url = f"{FINDINGS}{finding.pk}/dismiss/"

    assert "its own" not in browser.get(url).content.decode()
    browser.post(url, {"confirmed": "1", "reason": ""})
    with context.enter(acme):
        assert Finding.objects.get().state == "open"
    browser.post(url, {"confirmed": "1", "reason": "a report for the board"})

    with context.enter(acme):
        finding = Finding.objects.get()
    assert (finding.state, finding.decided_by) == ("dismissed", alice.actor_label)


def test_employees_see_no_findings_and_other_companies_none_of_ours(acme: Any, bob: Any, globex: Any) -> None:
    with context.enter(acme):
        burst()
        look()
    with context.enter(globex):
        assert not Finding.objects.exists()

    assert browser_of(bob, acme).get(FINDINGS, follow=True).status_code == 403
    assert Client(HTTP_HOST="acme.localhost").get(FINDINGS).status_code == 302


def test_the_side_bar_says_how_many_wait(acme: Any, alice: Any) -> None:
    browser = browser_of(alice, acme)

    def badge() -> Any:
        groups = browser.get("/admin/audit/suspicionrule/").context["sidebar_navigation"]
        return next(item.get("badge") for group in groups for item in group["items"] if item["title"] == "Findings")

    assert badge() is None
    with context.enter(acme):
        burst()
        look()

    assert badge() == "1"


def test_a_rule_is_changed_by_hr_and_never_added_or_deleted(acme: Any, alice: Any) -> None:
    browser = browser_of(alice, acme)
    with context.enter(acme):
        rule = SuspicionRule.objects.get(rule="burst")
    page = f"/admin/audit/suspicionrule/{rule.pk}/change/"
    given = {"is_on": "on", "threshold": "33", "window_minutes": "20", "factor": "2", "notify_email": ""}

    assert browser.post(page, given).status_code == 302

    with context.enter(acme):
        rule.refresh_from_db()
        assert (rule.threshold, rule.window_minutes, rule.factor) == (33, 20, 2.0)
        assert AuditLog.objects.get(verb="suspicion_rule.change").details["threshold"] == 33
    assert browser.get("/admin/audit/suspicionrule/add/").status_code == 403
    assert browser.post(f"/admin/audit/suspicionrule/{rule.pk}/delete/").status_code == 403
