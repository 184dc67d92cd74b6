"""Start pages: counts with a way to what they count, cheap however many companies there are, drawn on the server."""

import re
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Finding
from ragsite import readiness
from ragsite.dashboard import company as company_page
from ragsite.dashboard.charts import Series, stacked
from ragsite.incidents import services as incidents
from retrieval.models import Conversation, Query
from tenants import context

# What the host, the session, the person and their second factor cost before the page begins.
_BEFORE = 5


@pytest.fixture
def company(acme, alice):
    client = Client(HTTP_HOST="acme.localhost")
    with context.enter(acme):
        client.force_login(alice.user, backend="hr.backends.EmployeeBackend")
    return client


@pytest.fixture
def platform(db):
    operator = User.objects.create_superuser("operator@platform.example", "operator@platform.example", "long password")
    client = Client(HTTP_HOST="localhost")
    client.force_login(operator, backend="hr.backends.EmployeeBackend")
    return client


def ask(person, *, outcome, confidence):
    conversation = Conversation.objects.create(employee=person, title="PRIVATE", updated_at=timezone.now())
    return Query.objects.create(
        conversation=conversation, employee=person, asked_at=timezone.now(), question="PRIVATE", outcome=outcome,
        generator="extractive", confidence=confidence, threshold=0.5, prompt_version="1", embed_model="m",
    )  # fmt: skip


def overview(client):
    return client.get("/admin/").context["overview"]


def figure(shown, label):
    return next(one for section in shown.sections for one in section.figures if one.label == label)


def test_chart_is_arithmetic():
    chart = stacked(
        key="k", title="T", unit="things", heading="Day", series=(Series("a", "a"), Series("b", "b")),
        rows=[("Mon", (2, 0)), ("Tue", (3, 1))], empty="",
    )  # fmt: skip

    assert (chart.total, chart.top, chart.description) == (6, 4, "6 things in all, most of them (4) at Tue.")
    low, high = chart.columns[1].rects
    assert (low.height, low.y, high.height, high.y) == (90, 30, 30, 0)
    assert chart.columns[0].rects[0].height == 60


def test_last_thirty_days_are_drawn_and_nothing_is_an_empty_chart():
    chart = company_page.chart_of_questions({date(2026, 6, 30): (3, 1)}, today=date(2026, 6, 30))

    assert (len(chart.columns), chart.columns[-1].values, chart.columns[0].label) == (30, (3, 1), "2026-06-01")
    assert company_page.chart_of_questions({}, today=date(2026, 6, 30)).total == 0


def test_confidence_is_counted_by_tenths(company, acme, bob):
    with context.enter(acme):
        for confidence in (0.0, 0.72, 0.79, 1.0):
            ask(bob, outcome="answered", confidence=confidence)
        ask(bob, outcome="abstained", confidence=0.1)

    chart = overview(company).sections[0].charts[1]

    assert [column.total for column in chart.columns] == [1, 0, 0, 0, 0, 0, 0, 2, 0, 1]


def test_sensitive_and_refused_questions_are_in_no_figure(company, acme, bob):
    with context.enter(acme):
        ask(bob, outcome="sensitive", confidence=0.9)
        ask(bob, outcome="denied", confidence=0.9)

    shown = overview(company)

    assert figure(shown, "Questions in 30 days").value == "0"
    assert all(chart.total == 0 for chart in shown.sections[0].charts)


def test_open_findings_are_counted_for_the_company_and_for_the_operator(company, platform, acme):
    now = timezone.now()
    with context.enter(acme):
        Finding.objects.create(rule="burst", subject="employee:1", first_at=now, last_at=now, count=9, found_at=now)

    assert figure(overview(company), "Open findings").value == "1"
    of_all = figure(overview(platform), "Open findings")
    assert (of_all.value, of_all.note) == ("1", "in 1 companies")


def test_open_incidents_come_first(platform, acme):
    incidents.open_incident(title="Strange downloads", kind="leak", severity="high", summary="", companies=[acme])

    shown = overview(platform)

    assert "Strange downloads" in shown.concerns[0].text
    assert figure(shown, "Open incidents").value == "1"


@pytest.mark.parametrize("which", ["company", "platform"])
def test_every_figure_leads_to_what_it_counts(which, request):
    client = request.getfixturevalue(which)

    for section in overview(client).sections:
        for one in section.figures:
            assert one.url, one.label
            if not one.url.startswith("#"):
                assert client.get(one.url).status_code in (200, 302), one.url


def test_pages_ask_at_most_twelve_queries(company, platform, django_assert_max_num_queries):
    """Without what the parts are asked, which is measured beside it."""
    company.get("/admin/"), platform.get("/admin/")
    with CaptureQueriesContext(connection) as health:
        readiness.check_parts()
    with django_assert_max_num_queries(12 + _BEFORE):
        company.get("/admin/")
    with django_assert_max_num_queries(12 + _BEFORE + len(health)):
        platform.get("/admin/")


@pytest.mark.parametrize("which", ["company", "platform"])
def test_charts_are_readable_without_seeing_them(which, request, acme, bob):
    with context.enter(acme):
        ask(bob, outcome="answered", confidence=0.5)
    page = request.getfixturevalue(which).get("/admin/").content.decode()

    for drawing in re.findall(r'<svg class="ao-chart".*?</svg>', page, re.S):
        title, description = re.search(r'aria-labelledby="(\S+) (\S+)"', drawing).groups()
        assert f'<title id="{title}">' in drawing and f'<desc id="{description}">' in drawing
    assert page.count("<caption") == page.count('<svg class="ao-chart"')


def test_an_empty_company_is_told_what_to_do(platform, settings):
    from tenants import services as tenants

    fresh = tenants.onboard(name="Initech", domain="initech.localhost", admin_email="owner@initech.example").tenant
    with context.enter(fresh):
        from hr.models import Employee

        client = Client(HTTP_HOST="initech.localhost")
        client.force_login(Employee.objects.get().user, backend="hr.backends.EmployeeBackend")

    page = client.get("/admin/").content.decode()

    assert "upload the first ones" in page and "Invite people" in page and "No answers yet" in page
