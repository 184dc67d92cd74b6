"""The ingestion state machine: every way through it, and everything that can go wrong on the way."""

import io
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from audit.models import AuditLog
from documents import files, services, tasks
from documents.models import Document, DocumentVersion, Outbox
from documents.services import outbox, processing
from retrieval.models import Chunk

TEXT = b"# Travel\n\nTrain journeys above four hours may be booked in first class.\n"
State = DocumentVersion.State


def receive(content: bytes = TEXT, name: str = "travel.md", **kwargs) -> DocumentVersion:
    return services.receive(source=io.BytesIO(content), original_name=name, **kwargs).version


def process(version: DocumentVersion) -> DocumentVersion:
    services.process_version(version_id=version.pk)
    version.refresh_from_db()
    return version


def test_received_file_waits_in_the_outbox(in_acme):
    version = receive()

    assert version.state == State.RECEIVED
    assert Outbox.objects.get(kind="process_version", target_id=version.pk).sent_at is None
    assert files.exists(version.storage_key)
    assert AuditLog.objects.filter(verb="document.upload", target=f"document:{version.document_id}").count() == 1


def test_processed_version_serves_and_leaves_the_outbox(in_acme):
    version = process(receive())

    assert version.state == State.READY
    assert version.document.serving_version_id == version.pk
    assert version.chunk_count == Chunk.objects.filter(version=version).count() > 0
    assert not Outbox.objects.filter(target_id=version.pk).exists()


def test_processing_twice_changes_nothing(in_acme):
    version = process(receive())
    before = list(Chunk.objects.values_list("pk", flat=True))

    process(version)

    assert version.attempts == 1
    assert list(Chunk.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "empty.md", "empty"),
        (b"   \n\n", "blank.txt", "empty"),
        (b"%PDF-1.7 this is no pdf", "broken.pdf", "malformed"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "picture.png", "unsupported_type"),
        (b"PK\x03\x04 not a zip", "letter.docx", "malformed"),
    ],
)
def test_unreadable_file_is_rejected_with_a_code_and_advice(in_acme, content, name, code):
    version = process(receive(content, name))

    assert (version.state, version.error_code) == (State.REJECTED, code)
    assert version.error_message
    assert version.document.serving_version is None
    assert not Outbox.objects.filter(kind="process_version", target_id=version.pk).exists()
    assert AuditLog.objects.filter(verb="document.rejected", details__code=code).exists()


def test_rejected_version_can_be_tried_again(in_acme):
    version = process(receive(b"", "empty.md"))

    services.retry_version(version=version)
    version.refresh_from_db()

    assert (version.state, version.attempts, version.error_code) == (State.RECEIVED, 0, "")
    assert Outbox.objects.filter(kind="process_version", target_id=version.pk).exists()
    assert not Outbox.objects.filter(kind="forget_version", target_id=version.pk).exists()


def test_ready_version_cannot_be_tried_again(in_acme):
    version = process(receive())

    with pytest.raises(services.NotRetryable):
        services.retry_version(version=version)


def test_version_of_a_dead_worker_is_taken_back_and_finished(in_acme):
    version = receive()
    DocumentVersion.objects.filter(pk=version.pk).update(
        state=State.INDEXING, attempts=1, lease_until=timezone.now() - timedelta(seconds=1)
    )

    assert services.sweep(now=timezone.now()) == 1
    process(version)

    assert (version.state, version.attempts) == (State.READY, 2)


def test_version_that_takes_three_workers_with_it_fails_with_a_reason(in_acme, settings):
    version = receive()
    DocumentVersion.objects.filter(pk=version.pk).update(
        state=State.PARSING, attempts=settings.INGEST_MAX_ATTEMPTS, lease_until=timezone.now() - timedelta(seconds=1)
    )

    services.sweep(now=timezone.now())
    version.refresh_from_db()

    assert (version.state, version.error_code) == (State.FAILED, "interrupted")
    assert not Outbox.objects.filter(kind="process_version", target_id=version.pk).exists()


def test_live_lease_is_left_alone(in_acme):
    version = receive()
    DocumentVersion.objects.filter(pk=version.pk).update(
        state=State.PARSING, attempts=1, lease_until=timezone.now() + timedelta(seconds=30)
    )

    assert services.sweep(now=timezone.now()) == 0
    assert process(version).state == State.PARSING


def test_waiting_version_without_an_outbox_row_gets_one(in_acme):
    version = receive()
    Outbox.objects.all().delete()

    assert services.sweep(now=timezone.now()) == 1
    assert Outbox.objects.filter(kind="process_version", target_id=version.pk).exists()


def test_worker_whose_lease_was_taken_publishes_nothing(in_acme, monkeypatch):
    version = receive()
    chunk = processing._chunk

    def chunk_while_the_sweeper_comes(held, lease):
        chunk(held, lease)
        DocumentVersion.objects.filter(pk=held.pk).update(attempts=2)

    monkeypatch.setattr(processing, "_chunk", chunk_while_the_sweeper_comes)
    process(version)

    assert version.state == State.INDEXING
    assert version.document.serving_version is None


def test_fault_of_ours_gives_the_version_back(in_acme, monkeypatch):
    version = receive()
    monkeypatch.setattr(files, "local_copy", _store_is_down)

    with pytest.raises(OSError, match="store is down"):
        process(version)
    version.refresh_from_db()

    assert version.state == State.PARSING
    assert version.lease_until <= timezone.now()


def test_database_error_while_processing_reaches_the_worker(in_acme, monkeypatch):
    def broken(version, lease):
        raise DatabaseError("gone")

    monkeypatch.setattr(processing, "_index", broken)
    with pytest.raises(DatabaseError):
        process(receive())


def test_newer_version_wins_although_the_older_one_finishes_later(in_acme):
    older = receive(external_id="travel")
    newer = receive(TEXT.replace(b"four", b"five"), external_id="travel")

    process(newer)
    process(older)

    document = Document.objects.get(external_id="travel")
    assert document.serving_version_id == newer.pk
    assert Outbox.objects.filter(kind="forget_version", target_id=older.pk).exists()


def test_superseded_version_is_forgotten(in_acme):
    older = process(receive(external_id="travel"))
    process(receive(TEXT.replace(b"four", b"five"), external_id="travel"))

    tasks.forget_version.run(str(older.pk))

    assert not Chunk.objects.filter(version=older).exists()
    assert not Outbox.objects.filter(kind="forget_version").exists()


def test_serving_version_is_never_forgotten(in_acme):
    version = process(receive())

    tasks.forget_version.run(str(version.pk))

    assert Chunk.objects.filter(version=version).exists()


def test_deleted_document_is_not_processed(in_acme):
    version = receive()
    services.delete_document(document=version.document)

    assert process(version).state == State.RECEIVED
    services.remove_document(document_id=version.document_id)
    services.process_version(version_id=version.pk)  # a vanished row is a quiet return

    assert not files.exists(version.storage_key)
    assert not Outbox.objects.filter(target_id__in=[version.pk, version.document_id]).exists()


def test_deleting_twice_is_one_deletion(in_acme):
    version = process(receive())

    services.delete_document(document=version.document)
    services.delete_document(document=version.document)
    services.remove_document(document_id=version.document_id)
    services.remove_document(document_id=version.document_id)

    assert AuditLog.objects.filter(verb="document.delete", target=f"document:{version.document_id}").count() == 1


def test_upload_leaves_no_row_when_the_store_is_down(in_acme, monkeypatch):
    monkeypatch.setattr(files, "store", _store_is_down)

    with pytest.raises(services.StorageUnavailable):
        receive()

    assert not Document.objects.exists()


def test_upload_leaves_no_file_when_it_cannot_be_recorded(in_acme, monkeypatch):
    from audit import services as audit

    def refuse(**kwargs):
        raise DatabaseError("no audit, no action")

    monkeypatch.setattr(audit, "record", refuse)
    before = set(files.all_keys())

    with pytest.raises(DatabaseError), transaction.atomic():
        receive()

    assert set(files.all_keys()) == before
    assert not Document.objects.exists()


def test_file_over_the_limit_is_refused(in_acme, settings):
    settings.MAX_UPLOAD_BYTES = 10

    with pytest.raises(services.UploadTooLarge):
        receive()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\bob\\leave.pdf", "leave.pdf"),
        ("a\x00b\x1b.md", "ab.md"),
        ("x" * 400 + ".md", "x" * 252 + ".md"),
        ("\udcff\udcfe.txt", ".txt"),
        ("///", "document"),
        ("", "document"),
    ],
)
def test_file_name_is_data_and_never_a_path(in_acme, given, kept):
    version = receive(name=given)

    assert version.original_name == kept
    assert version.storage_key.endswith(f"/documents/{version.pk}")


def test_key_of_another_company_is_refused(in_acme, globex):
    from tenants import context

    version = receive()

    with context.enter(globex), pytest.raises(files.ForeignFile):
        files.open_stored(version.storage_key)


def test_changed_confidentiality_reaches_the_vectors(in_acme):
    from retrieval import generations
    from retrieval.stores import get_store
    from retrieval.stores.filters import filter_of

    version = process(receive())

    services.edit_document(document=version.document, title="Travel", is_confidential=True)
    tasks.refilter_document.run(str(version.document_id))

    space = generations.space_of(generations.live())
    current = filter_of(type(version).objects.select_related("document").get(pk=version.pk))
    # None: this store keeps no copy, it asks the documents.
    assert {digest for *_, digest in get_store().points(space=space)} <= {None, current.digest}
    assert not Outbox.objects.filter(kind="refilter_document").exists()


def test_due_work_reaches_the_queue_once(in_acme):
    version = receive()
    now = timezone.now()

    assert services.send_due(now=now) == 1
    assert services.send_due(now=now) == 0
    assert services.send_due(now=now + timedelta(minutes=5)) == 1
    assert Outbox.objects.get(target_id=version.pk).attempts == 2


def test_readers_of_a_processed_version_are_not_left_to_another_task(in_acme):
    version = process(receive())

    assert not Outbox.objects.filter(target_id=version.document_id).exists()


def test_work_taken_on_is_sent_when_it_was_not_done_after_all(in_acme):
    version = receive()
    outbox.enqueue(kind=Outbox.Kind.REFILTER_DOCUMENT, target_id=version.document_id)
    outbox.take_on(kind=Outbox.Kind.REFILTER_DOCUMENT, target_id=version.document_id)
    row = Outbox.objects.get(kind="refilter_document")
    now = timezone.now()

    assert row not in Outbox.objects.due(now)
    assert row in Outbox.objects.due(now + timedelta(minutes=5))


def test_work_enqueued_while_somebody_is_at_it_is_sent_again(in_acme):
    version = receive()
    outbox.take_on(kind=Outbox.Kind.PROCESS_VERSION, target_id=version.pk)

    outbox.enqueue(kind=Outbox.Kind.PROCESS_VERSION, target_id=version.pk)

    assert Outbox.objects.get(target_id=version.pk).sent_at is None


def test_broken_queue_keeps_the_work_in_the_outbox(in_acme, monkeypatch):
    version = receive()

    def no_broker(*args, **kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.process_version, "apply_async", no_broker)

    assert services.send_due(now=timezone.now()) == 0
    assert Outbox.objects.get(target_id=version.pk).sent_at is None


@pytest.mark.parametrize(
    "changes",
    [{"state": "lost"}, {"state": "failed", "error_code": ""}, {"number": None}],
)
def test_database_refuses_impossible_versions(in_acme, changes):
    version = receive()

    with pytest.raises(IntegrityError), transaction.atomic():
        DocumentVersion.objects.filter(pk=version.pk).update(**changes)


def _store_is_down(*args, **kwargs):
    raise OSError("the store is down")
