"""The documents' console: status first, constant queries, previews, and every change through a service."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditLog
from documents import services
from documents.models import Document, DocumentVersion, VersionText
from tenants import context

URLCONF = "ragsite.urls.tenant"
State = DocumentVersion.State


@pytest.fixture(autouse=True)
def no_queue(monkeypatch):
    """Work stays in the outbox; the queue is not the subject here."""
    monkeypatch.setattr("documents.services.outbox._try_to_send", lambda rows, now: 0)


def url(name, *args):
    return reverse(f"admin:documents_{name}", args=args, urlconf=URLCONF)


def browser_of(tenant, person):
    client = Client(HTTP_HOST=f"{tenant.schema_name}.localhost")
    with context.enter(tenant):
        client.force_login(person.user, backend="hr.backends.EmployeeBackend")
    return client


@pytest.fixture
def browser(acme, alice):
    return browser_of(acme, alice)


def make_document(tenant, *, title="Leave policy", content=b"Everybody has 30 days of leave.", **kwargs):
    with context.enter(tenant):
        source = SimpleUploadedFile("leave.txt", content)
        receipt = services.receive(source=source.file, original_name="leave.txt", title=title, **kwargs)
        return Document.objects.get(pk=receipt.version.document_id)


def set_state(tenant, document, **changes):
    with context.enter(tenant):
        DocumentVersion.objects.filter(document=document).update(**changes)


def test_list_shows_state_error_and_what_to_do(browser, acme):
    document = make_document(acme, title="Scanned handbook")
    set_state(acme, document, state=State.REJECTED, error_code="no_text", error_message="…")

    page = browser.get(url("document_changelist")).content.decode()

    for expected in ("Scanned handbook", "Rejected", "no_text", "No text was found", "Upload a corrected file"):
        assert expected in page


def test_list_takes_the_same_number_of_queries_for_more_documents(browser, acme):
    def queries(name):
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(url(name)).status_code == 200
        return len(captured)

    make_document(acme, title="First", content=b"first")
    queries("document_changelist")  # what is looked up once a second, such as switches, is known now
    few = queries("document_changelist"), queries("documentversion_changelist")
    for n in range(7):
        make_document(acme, title=f"Document {n}", content=f"text {n}".encode())

    assert (queries("document_changelist"), queries("documentversion_changelist")) == few


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("ready", True), ("failed", False), ("trouble", False), ("unfinished", False), ("nonsense", True)],
)
def test_filter_by_the_newest_versions_state(browser, acme, wanted, found):
    document = make_document(acme, title="Finished document")
    set_state(acme, document, state=State.READY, effective_from=date(2026, 1, 1))

    page = browser.get(url("document_changelist"), {"state": wanted}).content.decode()

    assert ("Finished document" in page) is found


@pytest.mark.parametrize("name", ["document_changelist", "documentversion_changelist", "document_upload"])
def test_bob_and_charlie_see_nothing(acme, globex, bob, charlie, name):
    make_document(acme)

    assert browser_of(acme, bob).get(url(name), follow=True).status_code == 403
    assert browser_of(globex, charlie).get(url(name), follow=True).status_code == 403


def test_document_of_another_company_is_not_there(acme, globex, browser):
    foreign = make_document(globex, title="Secret of globex")

    for name in ("document_change", "document_delete_documents", "document_upload_version", "document_download"):
        response = browser.get(url(name, foreign.pk), follow=True)
        assert "Secret of globex" not in response.content.decode()


def test_edit_goes_through_the_service(browser, acme):
    document = make_document(acme)

    response = browser.post(url("document_change", document.pk), {"title": " New  title ", "is_confidential": "on"})

    assert response.status_code == 302
    with context.enter(acme):
        document.refresh_from_db()
        assert (document.title, document.is_confidential) == ("New title", True)
        assert AuditLog.objects.filter(verb="document.edit", target=f"document:{document.pk}").count() == 1


@pytest.mark.parametrize("title", ["", "   ", "\u0007"])
def test_a_document_keeps_a_title(browser, acme, title):
    document = make_document(acme)

    assert browser.post(url("document_change", document.pk), {"title": title}).status_code == 200

    with context.enter(acme):
        document.refresh_from_db()
    assert document.title == "Leave policy"


def test_deletion_is_confirmed_with_a_reason_and_audited(browser, acme):
    document = make_document(acme)

    redirect = browser.get(url("document_delete", document.pk))
    assert redirect["Location"] == url("document_delete_documents", document.pk)
    browser.post(url("document_delete", document.pk), {"post": "yes"})
    with context.enter(acme):
        document.refresh_from_db()
    assert document.deleted_at is None

    browser.post(url("document_delete_documents", document.pk), {"confirmed": "1", "reason": "out of date"})
    with context.enter(acme):
        document.refresh_from_db()
        assert document.deleted_at is not None
        assert AuditLog.objects.get(verb="document.delete").reason == "out of date"
    browser.get(url("document_changelist"))  # shows the message about it
    assert "Leave policy" not in browser.get(url("document_changelist")).content.decode()


def test_retry_is_offered_for_failed_ones_only(browser, acme):
    document = make_document(acme)
    assert (
        url("document_retry_documents", document.pk)
        not in browser.get(url("document_change", document.pk)).content.decode()
    )

    set_state(acme, document, state=State.FAILED, error_code="timeout", attempts=3)
    assert (
        url("document_retry_documents", document.pk)
        in browser.get(url("document_change", document.pk)).content.decode()
    )

    browser.post(url("document_retry_documents", document.pk), {"confirmed": "1", "reason": "machine was busy"})
    with context.enter(acme):
        version = document.versions.get()
        assert (version.state, version.attempts) == (State.RECEIVED, 0)
        assert AuditLog.objects.get(verb="document.retry").reason == "machine was busy"


def test_retry_of_a_ready_version_is_a_friendly_refusal(browser, acme):
    document = make_document(acme)
    set_state(acme, document, state=State.READY, effective_from=date(2026, 1, 1))
    with context.enter(acme):
        version = document.versions.get()

    chosen = {"action": "retry_versions", "_selected_action": [str(version.pk)], "confirmed": "1", "reason": "just so"}
    page = browser.post(url("documentversion_changelist"), chosen, follow=True).content.decode()

    assert "only a rejected or failed version" in page


def with_text(tenant, document, blocks):
    """Give the document's version a parsed text of these (kind, level, page, text) blocks."""
    text, rows = "", []
    for kind, level, page, words in blocks:
        start = len(text)
        text += words
        rows.append({"kind": kind, "level": level, "page": page, "heading_path": [], "start": start, "end": len(text)})
        text += "\n\n"
    with context.enter(tenant):
        VersionText.objects.create(version=document.versions.get(), text=text, blocks=rows)


def test_preview_shows_headings_pages_and_text_escaped(browser, acme):
    document = make_document(acme)
    with_text(
        acme,
        document,
        [("heading", 1, 1, "Leave & rest"), ("paragraph", 0, 1, "<script>alert(1)</script>"), ("table", 0, 2, "a | b")],
    )

    page = browser.get(url("document_change", document.pk)).content.decode()

    assert "Leave &amp; rest" in page
    assert "Page 2" in page
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_preview_of_a_long_text_comes_in_pages(browser, acme):
    document = make_document(acme)
    with_text(acme, document, [("paragraph", 0, None, f"Paragraph number {n}.") for n in range(200)])

    first = browser.get(url("document_change", document.pk)).content.decode()
    last = browser.get(url("document_change", document.pk), {"page": "3"}).content.decode()

    assert "Paragraph number 0." in first and "Paragraph number 199." not in first
    assert "Paragraph number 199." in last and "Paragraph number 0." not in last


@pytest.mark.parametrize("query", [{"page": "x"}, {"page": "999"}, {"version": "7"}, {"version": "x"}, {"tab": "?"}])
def test_nonsense_in_the_address_is_no_error(browser, acme, query):
    document = make_document(acme)
    with_text(acme, document, [("paragraph", 0, None, "Only paragraph.")])

    assert browser.get(url("document_change", document.pk), query).status_code == 200


def test_passages_tab_shows_tokens_headings_and_offsets(browser, acme):
    import uuid

    document = make_document(acme)
    with context.enter(acme):
        version = document.versions.get()
        chunks = version.chunks.model
        generation, _ = chunks._meta.get_field("generation").related_model.objects.get_or_create(
            state="live", defaults={"number": 1, "embed_model": "m", "dim": 3, "chunker": "c"}
        )
        chunks.objects.create(
            id=uuid.uuid4(), version=version, generation=generation, ordinal=0, text="Thirty days.",
            heading="Leave > Annual", page_from=4, page_to=5, start=10, end=22, token_count=3, embed_text="x",
            digest="0",
        )  # fmt: skip

    page = browser.get(url("document_change", document.pk), {"tab": "passages"}).content.decode()

    for expected in ("Thirty days.", "Leave &gt; Annual", "3 tokens", "page 4–5", "characters 10–22"):
        assert expected in page


def test_original_is_an_attachment_that_no_browser_opens(browser, acme):
    document = make_document(acme, content=b"<script>alert(1)</script>")

    response = browser.get(url("document_download", document.pk))

    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]


def test_shown_text_and_downloads_are_recorded_refreshes_show_none(browser, acme):
    document = make_document(acme)
    with_text(acme, document, [("paragraph", 0, None, "Only paragraph.")])

    refreshed = browser.get(url("document_change", document.pk), headers={"x-console-refresh": "1"}).content.decode()
    assert "Only paragraph." not in refreshed

    browser.get(url("document_change", document.pk))
    browser.get(url("document_download", document.pk))
    with context.enter(acme):
        rows = AuditLog.objects.filter(target=f"document:{document.pk}").order_by("pk")
        assert [row.verb for row in rows] == ["document.upload", "document.read", "document.download"]


def test_version_row_leads_to_its_document(browser, acme):
    document = make_document(acme)
    with context.enter(acme):
        version = document.versions.get()

    response = browser.get(url("documentversion_change", version.pk))

    assert response["Location"] == f"{url('document_change', document.pk)}?version=1#preview"


@pytest.mark.parametrize("key", ["abc", "999", "00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("name", ["document_change", "documentversion_change", "document_delete_documents"])
def test_unknown_key_is_no_error(browser, name, key):
    assert browser.get(url(name, key), follow=True).status_code == 200


def test_one_very_long_title_leaves_room_for_the_other_columns(browser, acme):
    title = "Handbook " * 33
    document = make_document(acme, title=title.strip())

    for name in ("document_changelist", "documentversion_changelist"):
        page = browser.get(url(name)).content.decode()

        cell = re.search(r'<span class="ao-name" title="Handbook ([^"]*)">([^<]*)</span>', page)
        assert cell is not None and document.title[9:] in cell[1]
        assert len(cell[2]) < 100 and "…" in cell[2]
