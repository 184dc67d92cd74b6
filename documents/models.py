"""Documents, their versions, what was read out of them, and the outbox that drives ingestion."""

import uuid

from django.db import models

from documents.querysets import DocumentQuerySet, DocumentVersionQuerySet, OutboxQuerySet


class Document(models.Model):
    """A family of versions. Answers come from `serving_version` only, which moves in one step."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=300)
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    is_confidential = models.BooleanField(default=False, help_text="Visible to HR and the owner only.")
    serving_version = models.ForeignKey(
        "DocumentVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="served_documents"
    )
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    created_by = models.CharField(max_length=120, help_text="Audit pseudonym of the person who uploaded it.")
    updated_at = models.DateTimeField(auto_now=True)
    # Set in the transaction that decides the deletion; from then on nothing shows it, and a task removes the rest.
    deleted_at = models.DateTimeField(null=True, blank=True, db_index=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        db_table = "documents"
        constraints = [
            models.CheckConstraint(condition=~models.Q(title=""), name="document_has_a_title"),
            models.CheckConstraint(condition=~models.Q(external_id=""), name="document_external_id_null_not_empty"),
        ]

    class Privacy:
        erase = {"created_by": "pseudonym of the uploader"}
        keep = {
            "id": "row id",
            "title": "company content",
            "external_id": "company content",
            "is_confidential": "access rule",
            "serving_version": "state",
            "created_at": "state",
            "updated_at": "state",
            "deleted_at": "state",
        }

    def __str__(self) -> str:
        return self.title


class DocumentVersion(models.Model):
    """One file as it was uploaded, and how far its ingestion is. The unit of the state machine (docs/ingestion.md)."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        PARSING = "parsing", "Parsing"
        CHUNKING = "chunking", "Chunking"
        INDEXING = "indexing", "Indexing"
        READY = "ready", "Ready"
        REJECTED = "rejected", "Rejected"
        FAILED = "failed", "Failed"

    WORKING = (State.PARSING, State.CHUNKING, State.INDEXING)
    FINAL = (State.READY, State.REJECTED, State.FAILED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.RECEIVED, db_index=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField()
    original_name = models.CharField(max_length=255, help_text="As the browser sent it; data, never a path.")
    media_type = models.CharField(max_length=100, blank=True)
    storage_key = models.CharField(max_length=300)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Whoever claimed the version holds it until then; the sweeper takes back what is older.
    lease_until = models.DateTimeField(null=True, blank=True)
    page_count = models.PositiveIntegerField(null=True, blank=True)
    chunk_count = models.PositiveIntegerField(default=0)
    flags = models.JSONField(default=list, blank=True, help_text="What parsing found odd, such as hidden_text.")
    uploaded_by = models.CharField(max_length=120)
    received_at = models.DateTimeField(auto_now_add=True)
    parsed_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentVersionQuerySet.as_manager()

    class Meta:
        db_table = "document_versions"
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="document_version_number_unique"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["received", "parsing", "chunking", "indexing", "ready", "rejected", "failed"]
                ),
                name="document_version_state_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["rejected", "failed"]) | ~models.Q(error_code=""),
                name="document_version_refusal_has_a_code",
            ),
        ]

    class Privacy:
        erase = {"uploaded_by": "pseudonym of the uploader"}
        keep = dict.fromkeys(
            "id document number state error_code error_message sha256 size_bytes original_name media_type "
            "storage_key attempts lease_until page_count chunk_count flags received_at parsed_at ready_at "
            "finished_at".split(),
            "company content or state",
        )

    def __str__(self) -> str:
        return f"{self.document_id} v{self.number} ({self.state})"


class VersionText(models.Model):
    """What was read out of a version: blocks in order, and their text joined by blank lines.

    `blocks` is a list of {kind, level, page, heading_path, start, end}; the last two are character offsets into `text`.
    """

    version = models.OneToOneField(DocumentVersion, on_delete=models.CASCADE, primary_key=True, related_name="parsed")
    text = models.TextField()
    blocks = models.JSONField()

    class Meta:
        db_table = "document_texts"

    class Privacy:
        erase: dict[str, str] = {}
        keep = {"version": "row id", "text": "company content", "blocks": "company content"}


class Outbox(models.Model):
    """Work that a transaction decided. Sent to the queue after the commit, and again by beat when that was lost."""

    class Kind(models.TextChoices):
        PROCESS_VERSION = "process_version", "Process a version"
        FORGET_VERSION = "forget_version", "Remove a version from search"
        DELETE_DOCUMENT = "delete_document", "Delete a document's rows and files"
        REFILTER_DOCUMENT = "refilter_document", "Rewrite a document's access filter"

    kind = models.CharField(max_length=32, choices=Kind.choices)
    target_id = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)
    # When it was last handed to the queue. The row is deleted by the task that did the work, never by the sender.
    sent_at = models.DateTimeField(null=True, db_index=True)
    attempts = models.PositiveIntegerField(default=0)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        db_table = "outbox"
        constraints = [models.UniqueConstraint(fields=["kind", "target_id"], name="outbox_once_per_target")]

    class Privacy:
        erase: dict[str, str] = {}
        keep = dict.fromkeys("id kind target_id created_at sent_at attempts".split(), "state")
