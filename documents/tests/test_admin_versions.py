"""The way of a version in the console: buttons by state, forms that say what does not fit, reasons in the audit log."""

from datetime import date

import pytest

from audit.models import AuditLog
from documents.admin.versions import buttons_of
from documents.models import Document, DocumentVersion
from documents.tests.timelines import make_document, make_person, make_version
from retrieval.tests.browsing import browser_of
from tenants import context
from tenants.models import Tenant

WHY = {"confirmed": "1", "reason": "for the test"}


@pytest.fixture(autouse=True)
def no_queue(monkeypatch):
    """Work stays in the outbox; the queue is not the subject here."""
    monkeypatch.setattr("documents.services.outbox._try_to_send", lambda rows, now: 0)


@pytest.fixture
def browser(acme, alice):
    return browser_of(alice, acme)


@pytest.fixture
def document(acme):
    with context.enter(acme):
        return make_document()


def version_of(tenant, document, **fields):
    with context.enter(tenant):
        return make_version(document, **fields)


def act(browser, version, action, **body):
    path = f"/admin/documents/documentversion/{version.pk}/{action}/"
    return browser.post(path, {**WHY, **body}, follow=True).content.decode()


def state_of(tenant, version):
    with context.enter(tenant):
        version.refresh_from_db()
    return version.publication


def test_version_is_published_moved_and_withdrawn_with_reasons(browser, acme, document):
    version = version_of(acme, document)

    page = act(browser, version, "publish-version", effective_from="2026-01-01", applies_countries=["de"])
    assert "Version 1 is published. In force from 2026-01-01 until further notice." in page
    assert "Germany" in page and "Withdraw" in page

    assert "was changed" in act(browser, version, "change-days", effective_to="2030-12-31", applies_countries=["de"])
    with context.enter(acme):
        version.refresh_from_db()
        assert (version.effective_from, version.effective_to) == (date(2026, 1, 1), date(2030, 12, 31))

    assert "Version 1 is withdrawn." in act(browser, version, "withdraw-version")
    assert state_of(acme, version) == "withdrawn"
    with context.enter(acme):
        rows = AuditLog.objects.filter(verb__startswith="document.version_").order_by("pk")
        assert [(row.verb, row.reason) for row in rows] == [
            ("document.version_publish", "for the test"),
            ("document.version_window", "for the test"),
            ("document.version_withdraw", "for the test"),
        ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"effective_from": "2026-06-01", "applies_countries": ["de"]}, "Give version 1 a last day before 2026-06-01"),
        ({"effective_from": "2026-06-01", "effective_to": "2026-01-01"}, "is before the first one"),
        ({"effective_from": "2025-01-01", "effective_to": "2026-06-01"}, "Version 1 begins on 2026-01-01"),
        ({"applies_countries": ["xx"]}, "Select a valid choice"),
    ],
)
def test_form_says_what_does_not_fit_and_nothing_is_saved(browser, acme, document, body, said):
    version_of(acme, document, first=date(2026, 1, 1), publication="published")
    version = version_of(acme, document)

    assert said in act(browser, version, "publish-version", **body)
    assert state_of(acme, version) == "draft"


def test_list_says_what_is_in_force_and_what_comes(browser, acme, document):
    version_of(acme, document, first=date(2026, 1, 1), last=date(2029, 12, 31), publication="published")
    version_of(acme, document, first=date(2030, 1, 1), publication="published")

    page = browser.get("/admin/documents/document/").content.decode()

    assert "since 2026-01-01; version 2: scheduled from 2030-01-01" in page


def test_reason_is_required(browser, acme, document):
    version = version_of(acme, document, first=date(2026, 1, 1), publication="published")

    assert "This field is required" in act(browser, version, "withdraw-version", reason="")
    assert state_of(acme, version) == "published"


def test_review_takes_two_people(acme, alice, browser, document):
    Tenant.objects.filter(pk=acme.pk).update(requires_review=True)
    version = version_of(acme, document, uploaded_by=alice.actor_label)

    page = browser.get(f"/admin/documents/document/{document.pk}/change/").content.decode()
    assert "Submit for review" in page and "Publish or schedule" not in page
    assert "Submitted for review." in act(browser, version, "submit-version")
    assert "Somebody else than the person who uploaded or submitted it" in act(browser, version, "approve-version")
    assert "Sent back to draft." in act(browser, version, "return-version", reason="Page 2 is missing")
    assert (
        "Sent back: Page 2 is missing"
        in browser.get(f"/admin/documents/document/{document.pk}/change/").content.decode()
    )


def test_buttons_follow_the_state(in_acme, document):
    def buttons(**fields):
        return buttons_of(make_version(document, first=date(2026, 1, 1), **fields))

    assert buttons(publication="draft") == ("submit_version", "publish_version", "change_days", "withdraw_version")
    assert "publish_version" not in buttons(publication="draft", state="parsing")
    assert buttons(publication="in_review")[0] == "approve_version"
    assert buttons(publication="published", countries=("de",)) == ("change_days", "withdraw_version")
    assert buttons(publication="withdrawn") == ()


def test_readers_are_changed_with_a_reason(browser, acme, document):
    path = f"/admin/documents/document/{document.pk}/change/"
    with context.enter(acme):
        person = make_person(1, department="Sales")
    wanted = {"title": "Travel", "audience_countries": ["de"], "audience_departments": ["sales"]}

    assert "Say why the readers change." in browser.post(path, wanted).content.decode()
    answer = browser.post(path, {**wanted, "audience_people": [person.pk], "reason": "Sales only"})
    assert answer.status_code == 302
    with context.enter(acme):
        document.refresh_from_db()
        assert (document.audience_countries, document.audience_departments) == (["de"], ["sales"])
        assert document.audience_people == [person.pk]
        assert AuditLog.objects.filter(verb="document.edit", reason="Sales only").exists()


def test_personal_document_with_readers_is_refused_in_the_form(browser, acme, bob, document):
    body = {"title": "Travel", "subject": bob.pk, "audience_roles": ["manager"], "reason": "his"}
    path = f"/admin/documents/document/{document.pk}/change/"

    assert "A personal document is for its subject and HR only" in browser.post(path, body).content.decode()
    body.pop("audience_roles")
    assert browser.post(path, body).status_code == 302
    with context.enter(acme):
        assert Document.objects.get(pk=document.pk).persona == "personal"


def test_upload_with_days_readers_and_as_a_draft(browser, acme):
    from django.core.files.uploadedfile import SimpleUploadedFile

    def send(**body):
        files = [SimpleUploadedFile("travel.txt", b"First class.")]
        answer = browser.post(
            "/admin/documents/document/upload/", {"files": files, **body}, headers={"accept": "application/json"}
        )
        return answer.json()["files"][0]

    assert "is before the first one" in send(effective_from="2030-02-01", effective_to="2030-01-01")["message"]
    assert send(effective_from="2030-01-01", audience_roles=["manager"], keep_as_draft="on")["outcome"] == "accepted"
    with context.enter(acme):
        version = DocumentVersion.objects.get()
        assert (version.publication, str(version.effective_from)) == ("draft", "2030-01-01")
        assert version.document.audience_roles == ["manager"]


def test_others_find_no_buttons(acme, globex, bob, charlie, document):
    version = version_of(acme, document)

    for person, tenant in ((bob, acme), (charlie, globex)):
        answer = browser_of(person, tenant).post(f"/admin/documents/documentversion/{version.pk}/publish-version/", WHY)
        assert answer.status_code in (302, 403)
    assert state_of(acme, version) == "draft"
