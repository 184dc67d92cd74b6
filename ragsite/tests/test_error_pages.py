"""Error pages: readable, revealing nothing, independent of what is broken."""

from pathlib import Path

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.test import Client, RequestFactory
from psycopg.errors import ConnectionTimeout

from ragsite import contacts, pages
from ragsite.models import OnCallContact
from tenants import context

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.fixture
def visitor(acme) -> Client:
    return Client(headers={"host": "acme.localhost"}, raise_request_exception=False)


def test_unknown_page_is_a_friendly_404_with_the_companys_name(visitor):
    reply = visitor.get("/no/such/page/")

    assert reply.status_code == 404
    assert "There is nothing here" in reply.content.decode()
    assert "Acme Instruments" in reply.content.decode()
    assert "no/such/page" not in reply.content.decode()


def test_fault_of_ours_is_a_500_that_tells_nothing(visitor, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("hr.views.sessions.SignInForm", broken)

    reply = visitor.get("/sign-in/")

    assert reply.status_code == 500
    assert "Something went wrong on our side" in reply.content.decode()
    assert "secret" not in reply.content.decode()


def test_database_that_is_away_is_a_503_with_the_time_to_come_back(visitor, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("connection refused at 10.0.0.1")

    monkeypatch.setattr("tenants.postgresql.compiled.CompiledGet.get", away)

    reply = visitor.get("/")

    assert reply.status_code == 503
    assert int(reply["Retry-After"]) > 0
    assert "Not available right now" in reply.content.decode()
    assert "10.0.0.1" not in reply.content.decode()


def test_session_that_cannot_be_read_is_asked_for_once_and_is_a_503(acme, bob, monkeypatch):
    browser = Client(headers={"host": "acme.localhost"}, raise_request_exception=False)
    with context.enter(acme):
        browser.force_login(bob.user, backend="hr.backends.EmployeeBackend")
    asked = []

    def away(self):
        asked.append(self)
        raise OperationalError("connection timeout expired") from ConnectionTimeout("connection timeout expired")

    monkeypatch.setattr(SessionStore, "load", away)

    reply = browser.get("/")

    assert (reply.status_code, len(asked)) == (503, 1)
    assert "Not available right now" in reply.content.decode()


def _contact(**values):
    row = OnCallContact(kind="on_call", reach="+00 1234", **values)
    contacts.save_contact(row=row)


def test_pages_of_faults_name_whom_to_call(visitor, monkeypatch):
    _contact(name="Night shift", on_error_pages=True)
    _contact(name="Back office")
    request = RequestFactory().get("/")

    fault = pages._page(request, 500).content.decode()
    away = pages._page(request, 503).content.decode()

    assert "Night shift, +00 1234" in fault and "Back office" not in fault
    assert "Night shift" in away  # as it was read last
    assert "Night shift" not in pages._page(request, 404).content.decode()


def test_whom_to_call_is_no_reason_for_another_fault(monkeypatch):
    def away(*args):
        raise OperationalError("gone")

    monkeypatch.setattr("django.core.cache.backends.db.DatabaseCache.get", away)

    assert pages._page(RequestFactory().get("/"), 500).status_code == 500


def test_request_that_cannot_be_read_is_a_400(visitor):
    reply = visitor.post("/sign-in/", b"x" * (2 * 1024 * 1024), content_type="application/x-www-form-urlencoded")

    assert reply.status_code in (400, 403)
    assert reply.content.startswith(b"<!doctype html>")


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_every_error_page_renders_without_tenant_session_or_database(status):
    page = pages._page(RequestFactory().get("/"), status)

    assert page.status_code == status
    assert b"<h1>" in page.content
    assert page["Cache-Control"] == "private, no-store"


def test_error_page_that_cannot_be_rendered_is_plain_text(monkeypatch):
    def broken(*args):
        raise ValueError("no such file in the manifest")

    monkeypatch.setattr("ragsite.pages.render_to_string", broken)

    page = pages._page(RequestFactory().get("/"), 500)

    assert (page.status_code, page["Content-Type"]) == (500, "text/plain")


def test_api_paths_are_refused_in_the_apis_shape():
    refusal = pages.not_found(RequestFactory().get("/api/v1/nothing"))

    assert refusal["Content-Type"] == "application/json"


def test_no_template_for_employees_holds_inline_code():
    folders = (TEMPLATES / "hr", TEMPLATES / "retrieval")
    for template in [*TEMPLATES.glob("*.html"), *(page for folder in folders for page in folder.rglob("*.html"))]:
        text = template.read_text(encoding="utf-8")
        assert "<style" not in text and " style=" not in text, template
        assert " onclick=" not in text and "javascript:" not in text, template
        assert "|safe" not in text and "autoescape off" not in text, template
        assert "http://" not in text and "https://" not in text, template
        for part in text.split("<script")[1:]:
            assert "src=" in part.split(">")[0], template
