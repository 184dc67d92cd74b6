"""Reading a cited passage in its document, the whole document, and its original."""

import html
import io
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditLog
from documents import files
from documents.models import Document, DocumentVersion
from retrieval.models import Citation
from retrieval.tests import stories
from retrieval.tests.browsing import browser_of
from tenants import context

QUOTE = "Parents receive 16 weeks of paid parental leave."


@pytest.fixture
def browser(bob, acme) -> Client:
    return browser_of(bob, acme)


def _marked(page: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(r"<mark[^>]*>(.*?)</mark>", page, re.S)]


def test_cited_passage_is_marked_in_its_document(browser, bob, in_acme):
    query = stories.make_answer(employee=bob, quotes=((stories.make_document(), QUOTE),))

    page = browser.get(f"/passage/{query.pk}/1/").content.decode()

    assert _marked(page) == [QUOTE]
    assert '<mark id="cited">' in page
    assert "<strong>Length</strong>" in page and "page 3" in page
    assert "It is taken within a year of the birth." in page
    assert f'href="/c/{query.conversation_id}/#a-{query.pk}"' in page


def test_mark_runs_across_blocks_and_rows(browser, bob, in_acme):
    query = stories.make_answer(employee=bob, quotes=((stories.make_document(), "Twins: 20 weeks."),))
    Citation.objects.filter(query=query).update(end=10_000)

    page = browser.get(f"/passage/{query.pk}/1/").content.decode()

    assert _marked(page) == ["Twins: 20 weeks.", "Adoption: the same as birth.", "Mother", "16", "Father", "12"]
    assert page.count('id="cited"') == 1


def test_document_reads_like_a_document(browser, bob, in_acme):
    document = stories.make_document()

    page = browser.get(f"/d/{document.pk}/").content.decode()

    assert page.count("Parental leave</h1>") == 1
    assert "<h2>Parental leave</h2>" not in page
    assert "<h3>Length</h3>" in page
    assert "<li>Twins: 20 weeks.</li>" in page
    assert '<th scope="col">Parent</th>' in page and "<td>Mother</td>" in page
    assert "<mark" not in page
    assert AuditLog.objects.filter(verb="document.read", target=f"document:{document.pk}").count() == 1


def test_answer_from_an_older_version_says_so(browser, bob, in_acme):
    document = stories.make_document()
    query = stories.make_answer(employee=bob, quotes=((document, QUOTE),))
    document.serving_version = stories.make_version(
        document=document, number=2, blocks=(("paragraph", 0, "New text."),)
    )
    document.save()

    page = browser.get(f"/passage/{query.pk}/1/").content.decode()

    assert "This answer quotes version 1; a newer version is in force." in page
    assert _marked(page) == [QUOTE]
    assert "New text." in browser.get(f"/d/{document.pk}/").content.decode()
    assert "was in force until 31 December 2020" in browser.get(f"/c/{query.conversation_id}/").content.decode()


def test_large_document_opens_in_the_part_with_the_passage(browser, bob, in_acme):
    filler = tuple(("paragraph", 0, f"Filler {number}. " + "x" * 5_000) for number in range(60))
    document = stories.make_document(blocks=(*filler[:30], ("paragraph", 0, QUOTE), *filler[30:]))
    query = stories.make_answer(employee=bob, quotes=((document, QUOTE),))

    page = browser.get(f"/passage/{query.pk}/1/").content.decode()
    first = browser.get(f"/passage/{query.pk}/1/?part=1").content.decode()

    assert _marked(page) == [QUOTE]
    assert "Part 3 of 6" in page and "Filler 0." not in page
    assert "Filler 0." in first and 'href="?part=3#cited"' in first and _marked(first) == []
    assert len(page) < 200_000


@pytest.mark.parametrize("part", ["0", "-1", "99", "x", "²", "9" * 400, ""])
def test_odd_part_numbers_show_a_part(browser, in_acme, part):
    assert browser.get(f"/d/{stories.make_document().pk}/?part={part}").status_code == 200


def _close(document: Document) -> None:
    Document.objects.filter(pk=document.pk).update(is_confidential=True)


def _delete(document: Document) -> None:
    Document.objects.filter(pk=document.pk).update(deleted_at=timezone.now())


@pytest.mark.parametrize("withdraw", [_close, _delete])
def test_withdrawn_document_is_the_same_404_as_a_missing_one(browser, bob, in_acme, withdraw):
    document = stories.make_document()
    query = stories.make_answer(employee=bob, quotes=((document, QUOTE),))
    version_id = document.serving_version_id
    withdraw(document)

    missing = browser.get(f"/d/{uuid.uuid4()}/")
    for path in (f"/d/{document.pk}/", f"/passage/{query.pk}/1/", f"/original/{version_id}/"):
        reply = browser.get(path)
        assert reply.status_code == 404
        assert reply.content == missing.content


def test_passages_of_others_and_numbers_out_of_range_are_404(bob, alice, charlie, acme, globex):
    with context.enter(acme):
        document = stories.make_document()
        theirs = stories.make_answer(employee=alice, quotes=((document, QUOTE),))
        own = stories.make_answer(employee=bob, quotes=((document, QUOTE),))

    browser = browser_of(bob, acme)
    for path in (f"{theirs.pk}/1/", f"{own.pk}/2/", f"{own.pk}/0/", f"{own.pk}/99999999999999999999/"):
        assert browser.get(f"/passage/{path}").status_code == 404
    charlies = browser_of(charlie, globex)
    for path in (f"/passage/{own.pk}/1/", f"/d/{document.pk}/", f"/original/{document.serving_version_id}/"):
        assert charlies.get(path).status_code == 404


def test_version_that_is_not_ready_is_not_shown(browser, in_acme):
    document = stories.make_document()
    DocumentVersion.objects.filter(document=document).update(state="indexing")

    assert browser.get(f"/d/{document.pk}/").status_code == 404


def test_document_without_a_serving_version_is_404(browser, in_acme):
    document = Document.objects.create(title="Being read", created_by="x")

    assert browser.get(f"/d/{document.pk}/").status_code == 404


def _stored(document: Document, name: str) -> DocumentVersion:
    version = document.serving_version
    version.storage_key = files.key_of_version(version.pk)
    version.original_name, version.size_bytes, version.sha256 = name, 7, "a" * 64
    version.save()
    files.store(key=version.storage_key, source=io.BytesIO(b"%PDF-1."))
    return version


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Leave.pdf", 'attachment; filename="Leave.pdf"'),
        ("Elternzeit für alle.pdf", "attachment; filename*=utf-8''Elternzeit%20f%C3%BCr%20alle.pdf"),
        ('a";b\\c.pdf', 'attachment; filename="a\\";b\\\\c.pdf"'),
    ],
)
def test_original_is_an_attachment_under_its_own_name_and_recorded(browser, bob, in_acme, name, header):
    version = _stored(stories.make_document(), name)

    reply = browser.get(f"/original/{version.pk}/")

    assert b"".join(reply.streaming_content) == b"%PDF-1."
    assert reply["Content-Disposition"] == header
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert reply["Cache-Control"] == "private, no-store"
    assert "sandbox" in reply["Content-Security-Policy"] and "script-src" not in reply["Content-Security-Policy"]
    row = AuditLog.objects.get(verb="document.download")
    assert (row.actor, row.target, row.digest) == (bob.actor_label, f"document:{version.document_id}", "a" * 64)


def test_missing_file_is_404_and_nothing_is_recorded(browser, in_acme):
    version = stories.make_document().serving_version
    DocumentVersion.objects.filter(pk=version.pk).update(storage_key=files.key_of_version(version.pk))

    assert browser.get(f"/original/{version.pk}/").status_code == 404
    assert not AuditLog.objects.filter(verb="document.download").exists()


def test_key_of_another_company_is_refused_and_recorded(browser, in_acme, globex):
    version = stories.make_document().serving_version
    DocumentVersion.objects.filter(pk=version.pk).update(storage_key=f"{globex.uuid}/documents/{version.pk}")

    assert browser.get(f"/original/{version.pk}/").status_code == 404
    assert AuditLog.objects.get(verb="document.download").outcome == "refused"


def test_file_store_that_is_down_is_a_503(browser, in_acme, monkeypatch):
    def down(_):
        raise OSError("no route to host")

    monkeypatch.setattr("documents.files.open_stored", down)

    reply = browser.get(f"/original/{stories.make_document().serving_version_id}/")

    assert (reply.status_code, reply["Retry-After"]) == (503, "30")
