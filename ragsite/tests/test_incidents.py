"""Incidents: numbered, followed in the audit logs, closed with a cause, told in a timeline that only grows."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit import actors
from audit import services as audit
from audit.models import AuditLog
from ragsite.incidents import following, playbook, report, services
from ragsite.models import Incident, IncidentStep, TimelineEntry
from tenants import context

PLATFORM = "ragsite.urls.platform"
CONFIRMED = {"confirmed": "1", "reason": "as proposed", "typed_name": "Acme Instruments"}


@pytest.fixture
def operator(db):
    return User.objects.create_superuser("operator@platform.example", "operator@platform.example", "a long password")


@pytest.fixture
def browser(operator):
    client = Client(HTTP_HOST="localhost")
    client.force_login(operator, backend="hr.backends.EmployeeBackend")
    return client


@pytest.fixture
def incident(acme, operator):
    with actors.acting_as(actors.Actor("operator", f"operator:{operator.pk}")):
        return services.open_incident(
            title="Strange downloads", kind="leak", severity="critical", summary="A call at noon.", companies=[acme]
        )


def page(incident, name="change"):
    return reverse(f"admin:ragsite_incident_{name}", args=(incident.pk,), urlconf=PLATFORM)


def step(incident, key):
    return incident.steps.get(key=key)


def test_references_count_by_year(acme):
    now = timezone.now().replace(year=2031)
    given = {"title": "One", "kind": "leak", "severity": "high", "summary": "", "companies": [acme], "now": now}

    refs = [services.open_incident(**given).ref, services.open_incident(**given).ref]
    later = services.open_incident(**{**given, "now": now.replace(year=2032)}).ref

    assert (refs, later) == (["INC-2031-0001", "INC-2031-0002"], "INC-2032-0001")


def test_a_leak_has_the_steps_of_the_runbook_in_its_order(incident):
    phases = [playbook.BY_KEY[row.key].phase for row in incident.steps.order_by("ordinal")]

    assert phases == sorted(phases, key=[phase.key for phase in playbook.PHASES].index)
    assert len(phases) == len(playbook.LEAK)


def test_suspending_from_anywhere_ends_the_step_and_is_told_once(browser, incident, acme, operator):
    address = reverse("admin:tenants_tenant_suspend", args=(acme.pk,), urlconf=PLATFORM)
    browser.post(address, {**CONFIRMED, "reason": "strange downloads"})

    for _ in range(2):
        assert browser.get(page(incident)).status_code == 200

    done = step(incident, "suspend")
    assert (done.state, done.actor, done.result) == ("done", f"operator:{operator.pk}", "strange downloads")
    assert incident.timeline.filter(source="audit").count() == 1


def test_another_companys_suspension_is_not_told(incident, globex):
    with transaction.atomic():
        audit.record(verb="tenant.suspend", target=f"tenant:{globex.uuid}")

    following.follow(incident)

    assert step(incident, "suspend").state == "waiting"


def test_what_was_done_before_it_was_opened_is_not_told(acme, operator):
    with transaction.atomic():
        audit.record(verb="tenant.suspend", target=f"tenant:{acme.uuid}")
    soon = timezone.now() + timedelta(seconds=1)
    incident = services.open_incident(
        title="Later", kind="leak", severity="high", summary="", companies=[acme], now=soon
    )

    following.follow(incident)

    assert step(incident, "suspend").state == "waiting"


def test_a_refused_attempt_is_told_but_ends_nothing(incident, acme):
    audit.record_refusal(verb="tenant.suspend", target=f"tenant:{acme.uuid}", reason="WrongTenantState")

    following.follow(incident)

    assert step(incident, "suspend").state == "waiting"
    assert "refused" in incident.timeline.get(source="audit").text


def test_the_button_brings_the_reason_and_leads_back(browser, incident, acme):
    address = playbook.address_of(playbook.BY_KEY["suspend"], incident=incident, row=step(incident, "suspend"))

    shown = browser.get(address).content.decode()
    answer = browser.post(address, CONFIRMED)

    assert f"{incident.ref}: data leak suspected" in shown
    assert answer["Location"].startswith(page(incident))


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/admin/", "/sign-in/", "javascript:alert(1)"])
def test_the_way_back_stays_in_the_console(browser, incident, acme, back):
    address = reverse("admin:tenants_tenant_suspend", args=(acme.pk,), urlconf=PLATFORM)

    answer = browser.post(f"{address}?back={back}", CONFIRMED)

    assert answer["Location"].startswith("/admin/tenants/tenant/")


def test_steps_are_recorded_and_skipped_in_words(browser, incident):
    first, second = step(incident, "suspend"), step(incident, "last_rows")

    browser.post(step_page(first), {"how": "done", "words": "by the provider"})
    browser.post(step_page(second), {"how": "skip", "words": "nobody was signed in"})
    browser.post(step_page(second), {"how": "done", "words": "too late"})
    browser.post(step_page(first), {"how": "skip", "words": ""})

    first.refresh_from_db(), second.refresh_from_db()
    assert (first.state, second.state, second.result) == ("done", "skipped", "nobody was signed in")
    verbs = AuditLog.objects.filter(target=f"incident:{incident.ref}").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["incident.open", "incident.step", "incident.skip_step"]


def step_page(row):
    return reverse("admin:ragsite_incident_step", args=(row.incident_id, row.pk), urlconf=PLATFORM)


def test_closing_needs_cause_impact_and_an_action_item(browser, incident):
    review = {"confirmed": "1", "reason": "over", "impact": "12 people, one hour", "root_cause": "A shared account"}

    refused = browser.post(page(incident, "close"), {**review, "action_items": "no date"}).content.decode()
    browser.post(page(incident, "close"), {**review, "action_items": "Security; end shared accounts; 2026-12-01"})

    incident.refresh_from_db()
    assert "separated by semicolons" in refused
    assert (incident.state, incident.action_items) == (
        "resolved",
        [["Security", "end shared accounts", "2026-12-01"]],
    )
    with pytest.raises(services.IncidentClosed):
        services.add_note(incident=incident, text="too late")
    with pytest.raises(services.WrongState):
        services.close(incident=incident, reason="twice", impact="x", root_cause="y")


def test_contained_once(incident):
    services.contain(incident=incident, reason="nobody gets in")

    assert incident.mitigated_at is not None
    with pytest.raises(services.WrongState):
        services.contain(incident=incident, reason="again")


def test_report_has_the_headings_of_the_guide(browser, incident):
    services.add_note(incident=incident, text="A call\nfrom the owner")
    services.close(
        incident=incident, reason="over", impact="12 people", root_cause="A | B", worked="the switch",
        action_items=[("Security", "review | readers", "2026-12-01")],
    )  # fmt: skip

    answer = browser.get(page(incident, "report"))

    text = answer.content.decode()
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        f"# {incident.ref}: Strange downloads", "### Summary", "### Timeline (UTC)", "### Impact", "### Root Cause",
        "### Lessons Learned", "### Action Items", "### Tags: security",
    ]  # fmt: skip
    assert "A call from the owner" in text and "- What worked: the switch" in text
    assert "| Owner | Task | Date |\n|-------|------|------|\n| Security | review \\| readers | 2026-12-01 |" in text
    assert "operator@platform.example: Opened" in text
    assert answer["Content-Disposition"] == f'attachment; filename="{incident.ref}.md"'


def test_duration_in_words(incident):
    incident.resolved_at = incident.opened_at + timedelta(hours=2, minutes=5)

    assert report.duration_of(incident) == "2 h 5 min"


def test_a_leak_concerns_a_company(browser, acme):
    answer = browser.post("/admin/ragsite/incident/add/", {"title": "What", "kind": "leak", "severity": "high"})

    assert "Choose the company" in answer.content.decode()
    assert not Incident.objects.exists()


def test_opening_from_a_companys_page_names_it(browser, acme):
    assert (
        "Data leak suspected at Acme" in browser.get(f"/admin/ragsite/incident/add/?company={acme.pk}").content.decode()
    )
    assert browser.get("/admin/ragsite/incident/add/?company=%00x").status_code == 200


def test_incidents_are_the_platforms(acme, alice, incident):
    client = Client(HTTP_HOST="acme.localhost")
    with context.enter(acme):
        client.force_login(alice.user, backend="hr.backends.EmployeeBackend")

    assert client.get("/admin/ragsite/incident/").status_code == 403
    assert client.get(page(incident)).status_code == 403
    assert client.post(page(incident, "note"), {"text": "hello"}).status_code == 403


@pytest.mark.parametrize("statement", ["UPDATE incident_timeline SET text = 'x'", "DELETE FROM incident_timeline"])
def test_the_timeline_only_grows(incident, statement):
    from django.db import connection

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def _broken(**values):
    return lambda incident: Incident.objects.filter(pk=incident.pk).update(**values)


@pytest.mark.parametrize(
    ("constraint", "violate"),
    [
        ("incident_state_known", _broken(state="gone")),
        ("incident_kind_known", _broken(kind="other")),
        ("incident_closed_with_cause_and_impact", _broken(state="resolved")),
        ("incident_step_ended_by_somebody", lambda incident: incident.steps.update(state="done")),
        (
            "incident_step_skipped_for_a_reason",
            lambda incident: incident.steps.update(state="skipped", at=timezone.now(), actor="operator:1"),
        ),
        (
            "one_step_of_a_kind",
            lambda incident: IncidentStep.objects.create(
                incident=incident, company=incident.companies.get(), key="suspend", ordinal=9
            ),
        ),
        (
            "timeline_source_known",
            lambda incident: TimelineEntry.objects.create(
                incident=incident, at=timezone.now(), actor="x", source="rumour", text="x"
            ),
        ),
        (
            "an_audit_row_is_told_once",
            lambda incident: [
                TimelineEntry.objects.create(
                    incident=incident, at=timezone.now(), actor="x", source="audit", text="x", log="platform", row=1
                )
                for _ in range(2)
            ],
        ),
    ],
)
def test_constraints(incident, constraint, violate):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        violate(incident)
