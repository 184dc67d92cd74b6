"""Verifying an export on a company's page of the operators' console: it has to be that company's, and recent enough."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit import export
from audit.models import AuditLog
from ragsite.incidents import following, services
from tenants import context

WHY = "INC-2026-0001: data leak suspected"


@pytest.fixture
def browser(db):
    operator = User.objects.create_superuser("o@platform.example", "o@platform.example", "a long password")
    client = Client(HTTP_HOST="localhost")
    client.force_login(operator, backend="hr.backends.EmployeeBackend")
    return client


def exported(tenant=None):
    out = io.BytesIO()
    with context.enter(tenant) if tenant is not None else context.enter_platform():
        export.write_archive(out=out, reason="evidence")
    return out.getvalue()


def opened(company, *, at):
    return services.open_incident(
        title="Strange downloads", kind="leak", severity="critical", summary="", companies=[company], now=at
    )


def verified(browser, company, content):
    address = reverse("admin:tenants_tenant_verify_export", args=(company.pk,), urlconf="ragsite.urls.platform")
    return browser.post(address, {"reason": WHY, "file": io.BytesIO(content)}).content.decode()


def rows_in(company, verb):
    with context.enter(company) if company is not None else context.enter_platform():
        return list(AuditLog.objects.filter(verb=verb).values_list("outcome", "reason", "target", "details"))


def test_a_companys_own_export_is_accepted_in_both_logs_and_ends_the_step(browser, acme):
    content = exported(acme)
    incident = opened(acme, at=timezone.now() - timedelta(hours=1))

    page = verified(browser, acme, content)

    assert "Every byte is as it was exported" in page and "<td>Acme Instruments</td>" in page
    assert "it shows nothing of what happened since" not in page
    [(outcome, reason, target, details)] = rows_in(None, "tenant.verify_export")
    assert (outcome, reason, target) == ("success", WHY, f"tenant:{acme.uuid}")
    assert details["owner"] == str(acme.uuid) and details["first_sequence"] == 1 and details["exported_at"]
    [in_company] = rows_in(acme, "audit.verify_export")
    assert in_company[:3] == ("success", WHY, f"audit_logs:1-{details['last_sequence']}")
    following.follow(incident)
    told = incident.timeline.get(source="audit")
    assert WHY in told.text and told.link
    assert incident.steps.get(key="verify").state == "done"


@pytest.mark.parametrize(("whose", "words"), [("acme", "Acme Instruments"), ("platform", "Platform")])
def test_another_logs_sound_export_is_refused_and_ends_no_step(browser, acme, globex, whose, words):
    content = exported(acme if whose == "acme" else None)
    incident = opened(globex, at=timezone.now() - timedelta(hours=1))

    page = verified(browser, globex, content)

    assert f"Sound, but it is the log of {words}, not of this company" in page
    assert "Every byte is as it was exported" not in page
    assert [row[0] for row in rows_in(None, "tenant.verify_export")] == ["refused"]
    assert [(row[0], row[2]) for row in rows_in(globex, "audit.verify_export")] == [("refused", "")]
    following.follow(incident)
    assert incident.steps.get(key="verify").state == "waiting"


def test_a_file_from_before_the_incident_is_warned_of(browser, acme):
    content = exported(acme)
    incident = opened(acme, at=timezone.now())

    assert f"exported before {incident.ref} was opened" in verified(browser, acme, content)


def test_on_a_companys_own_console_another_companys_file_is_refused_without_its_name(acme, globex, alice):
    from audit.tests.test_reading import browser_of, confirmed

    browser = confirmed(browser_of(alice, acme), acme)
    page = browser.post(
        "/admin/audit/auditlog/verify-export/", {"reason": WHY, "file": io.BytesIO(exported(globex))}
    ).content.decode()

    assert "the log of another company, not of this company" in page and "Globex" not in page
    assert [row[0] for row in rows_in(acme, "audit.verify_export")] == ["refused"]
