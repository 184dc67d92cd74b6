"""The upload page: one or many files, by script and without, with an answer for each."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit.models import AuditLog
from documents import files
from documents.models import Document, DocumentVersion
from tenants import context

URLCONF = "ragsite.urls.tenant"
PAGE = "/admin/documents/document/upload/"


@pytest.fixture(autouse=True)
def no_queue(monkeypatch):
    """Work stays in the outbox; the queue is not the subject here."""
    monkeypatch.setattr("documents.services.outbox._try_to_send", lambda rows, now: 0)


@pytest.fixture
def browser(acme, alice):
    client = Client(HTTP_HOST="acme.localhost")
    with context.enter(acme):
        client.force_login(alice.user, backend="hr.backends.EmployeeBackend")
    return client


def file(name="leave.txt", content=b"Thirty days of leave."):
    return SimpleUploadedFile(name, content)


def send(browser, *uploads, **values):
    """As the page's script sends them."""
    response = browser.post(PAGE, {"files": list(uploads), **values}, headers={"accept": "application/json"})
    return response.json()["files"], response.status_code


def test_file_is_accepted_under_its_title(browser, acme, alice):
    [outcome], status = send(browser, file(), title="Leave policy")

    assert status == 200
    assert (outcome["name"], outcome["outcome"]) == ("leave.txt", "accepted")
    with context.enter(acme):
        document = Document.objects.get()
        assert (document.title, document.is_confidential, document.created_by) == (
            "Leave policy",
            False,
            alice.actor_label,
        )
        assert outcome["url"].endswith(f"/{document.pk}/change/")
        assert AuditLog.objects.filter(verb="document.upload").count() == 1


def test_confidential_is_kept(browser, acme):
    send(browser, file(), is_confidential="on")

    with context.enter(acme):
        assert Document.objects.get().is_confidential


def test_page_asks_for_the_readers_before_anything_is_sent(browser):
    page = browser.get(PAGE).content.decode()

    everybody, confidential = re.findall(r'<input type="radio" name="is_confidential"[^>]*>', page)
    assert "checked" in everybody and "checked" not in confidential
    assert re.search(r'<button[^>]*type="submit"[^>]*>\s*Upload', page)


@pytest.mark.parametrize(("value", "closed"), [("", False), ("on", True)])
def test_both_readers_can_be_chosen_without_a_script(browser, acme, value, closed):
    page = browser.post(PAGE, {"files": [file()], "is_confidential": value}).content.decode()

    assert 'class="ao-outcome ao-accepted"' in page
    with context.enter(acme):
        assert Document.objects.get().is_confidential is closed


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [("on", "", "stays so"), ("", "on", "from now on only HR"), ("", "", ""), ("on", "on", "")],
)
def test_same_bytes_for_other_readers_end_confidential_and_the_page_says_so(browser, acme, first, second, said):
    send(browser, file(), is_confidential=first)
    [outcome], _ = send(browser, file("copy.txt"), is_confidential=second)

    assert outcome["outcome"] == "recognised"
    assert said in outcome["message"]
    with context.enter(acme):
        assert Document.objects.get().is_confidential is ("on" in (first, second))


def test_same_bytes_again_are_recognised(browser, acme):
    send(browser, file())
    [outcome], _ = send(browser, file("copy.txt"))

    assert outcome["outcome"] == "recognised"
    assert "leave" in outcome["message"]
    with context.enter(acme):
        assert DocumentVersion.objects.count() == 1


def test_many_files_without_a_script_get_a_line_each(browser, acme):
    uploads = [file("a.txt", b"first"), file("b.txt", b"second"), file("c.txt", b"first")]

    page = browser.post(PAGE, {"files": uploads, "title": "not for many"}).content.decode()

    assert page.count('class="ao-outcome ao-accepted"') == 2
    assert page.count('class="ao-outcome ao-recognised"') == 1
    with context.enter(acme):
        assert set(Document.objects.values_list("title", flat=True)) == {"a", "b"}


def test_nothing_chosen_is_a_message(browser):
    assert "Choose at least one file" in browser.post(PAGE, {}).content.decode()


def test_too_large_a_file_is_refused_with_the_limit(browser, acme, settings):
    settings.MAX_UPLOAD_BYTES = 1024

    [outcome], status = send(browser, file(content=b"x" * 5000))

    assert status == 413
    assert outcome["outcome"] == "refused"
    assert "1.0 KB" in outcome["message"]
    with context.enter(acme):
        assert not Document.objects.exists()


def test_a_request_far_over_the_limit_is_refused_unread(browser, acme, settings):
    settings.MAX_UPLOAD_BYTES = 1024

    response = browser.post(PAGE, {"files": [file(content=b"x" * 300_000)]})

    assert response.status_code == 400
    with context.enter(acme):
        assert not Document.objects.exists()


def test_too_many_files_are_refused_together(browser, acme):
    [outcome], _ = send(browser, *(file(f"{n}.txt", str(n).encode()) for n in range(21)))

    assert "At most 20" in outcome["message"]
    with context.enter(acme):
        assert not Document.objects.exists()


def test_store_that_is_down_is_a_message_and_nothing_is_recorded(browser, acme, monkeypatch):
    def down(**kwargs):
        raise OSError("no space")

    monkeypatch.setattr(files, "store", down)

    [outcome], status = send(browser, file())

    assert (status, outcome["outcome"]) == (200, "refused")
    assert "try again" in outcome["message"]
    with context.enter(acme):
        assert not Document.objects.exists()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\temp\\x.txt", "e\u0301t\u00e9 \u4f11\u6687.txt", "<b>.txt", "a" * 400 + ".txt"]
)
def test_odd_names_are_data(browser, acme, name):
    page = browser.post(PAGE, {"files": [file(name)]}).content.decode()

    assert "<b>.txt" not in page
    with context.enter(acme):
        stored = DocumentVersion.objects.get()
    assert "/" not in stored.original_name and "\\" not in stored.original_name
    assert stored.storage_key.startswith(str(acme.uuid))


def test_new_version_joins_its_document(browser, acme):
    send(browser, file(), title="Leave policy")
    with context.enter(acme):
        document = Document.objects.get()
    page = reverse("admin:documents_document_upload_version", args=(document.pk,), urlconf=URLCONF)

    response = browser.post(page, {"files": [file("leave-2027.txt", b"Thirty-one days.")], "is_confidential": "on"})

    assert response.status_code == 200
    with context.enter(acme):
        document.refresh_from_db()
        assert [version.number for version in document.versions.order_by("number")] == [1, 2]
        assert (document.title, document.is_confidential) == ("Leave policy", False)


def test_same_bytes_as_the_newest_version_are_recognised_older_ones_are_not(browser, acme):
    send(browser, file(content=b"one"))
    with context.enter(acme):
        document = Document.objects.get()
    page = reverse("admin:documents_document_upload_version", args=(document.pk,), urlconf=URLCONF)

    for content in (b"two", b"two", b"one"):
        browser.post(page, {"files": [file(content=content)]})

    with context.enter(acme):
        assert document.versions.count() == 3


def test_upload_without_the_token_is_refused(acme, alice):
    client = Client(HTTP_HOST="acme.localhost", enforce_csrf_checks=True)
    with context.enter(acme):
        client.force_login(alice.user, backend="hr.backends.EmployeeBackend")

    assert client.post(PAGE, {"files": [file()]}).status_code == 403
    with context.enter(acme):
        assert not Document.objects.exists()


def test_bob_uploads_nothing(acme, bob):
    client = Client(HTTP_HOST="acme.localhost")
    with context.enter(acme):
        client.force_login(bob.user, backend="hr.backends.EmployeeBackend")

    assert client.post(PAGE, {"files": [file()]}, follow=True).status_code == 403
    with context.enter(acme):
        assert not Document.objects.exists()
