"""Evidence from the console: a company's log as a signed file, and what a changed byte does to it."""

import io

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit.models import AuditLog
from tenants import context


@pytest.fixture
def browser(db):
    operator = User.objects.create_superuser("operator@platform.example", "operator@platform.example", "long password")
    client = Client(HTTP_HOST="localhost")
    client.force_login(operator, backend="hr.backends.EmployeeBackend")
    return client


def page(tenant, name):
    return f"/admin/tenants/tenant/{tenant.pk}/{name}/"


def export(browser, tenant):
    answer = browser.post(page(tenant, "export-log"), {"reason": "INC-2026-0001"})
    return answer, b"".join(answer.streaming_content)


def verify(browser, tenant, content):
    upload = io.BytesIO(content)
    upload.name = "evidence.zip"
    return browser.post(page(tenant, "verify-export"), {"reason": "INC-2026-0001", "file": upload}).content.decode()


def verbs(prefix):
    rows = AuditLog.objects.filter(verb__startswith=prefix).order_by("pk")
    return [(row.verb, row.outcome) for row in rows]


def test_export_is_a_file_recorded_in_both_logs(browser, acme, alice):
    answer, content = export(browser, acme)

    assert answer["Content-Disposition"].startswith('attachment; filename="audit-acme-')
    assert content[:2] == b"PK"
    assert verbs("tenant.export") == [("tenant.export_audit", "success")]
    with context.enter(acme):
        assert verbs("audit.export") == [("audit.export", "success")]


def test_what_was_exported_is_sound_and_one_changed_byte_is_seen(browser, acme, globex, alice):
    content = export(browser, acme)[1]
    changed = bytearray(content)
    changed[len(changed) // 2] ^= 1

    sound = verify(browser, acme, content)
    broken = verify(browser, acme, bytes(changed))
    other = verify(browser, globex, content)

    assert "is exactly what was exported" in sound
    assert "is no evidence" in broken
    assert "It is the log of acme, not of globex." in other
    assert [outcome for _, outcome in verbs("tenant.verify")] == ["success", "failed", "failed"]


def test_a_reason_is_needed(browser, acme):
    assert "required" in browser.post(page(acme, "export-log"), {}).content.decode()
    assert verbs("tenant.export") == []


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive", b"\x00" * 100])
def test_any_file_gets_an_answer(browser, acme, content):
    assert "no evidence" in verify(browser, acme, content) or content == b""
