"""Documents, their versions, what was read out of them, and the outbox that drives ingestion."""

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from documents.querysets import DocumentQuerySet, DocumentVersionQuerySet, OutboxQuerySet


def keys_field(help_text: str) -> Any:
    """A list of keys (hr.access.key_of); empty restricts nothing."""
    return ArrayField(models.CharField(max_length=100), default=list, blank=True, help_text=help_text)


class Document(models.Model):
    """A family of versions of one policy, with whom it is for.

    Answers come from the versions that are published and in force on the asker's day. `serving_version` is the one that
    stands for the document where one has to be shown: it is kept for lists and files, access never rests on it.
    """

    class Persona(models.TextChoices):
        COMPANY = "company", "The company's"
        PERSONAL = "personal", "One person's own"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=300)
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    is_confidential = models.BooleanField(default=False, help_text="Visible to HR and the owner only.")
    persona = models.CharField(max_length=16, choices=Persona.choices, default=Persona.COMPANY)
    subject = models.ForeignKey(
        "hr.Employee",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="personal_documents",
        help_text="Whose document it is: only they and HR read it.",
    )
    audience_roles = keys_field("Roles that may read it. Empty: all.")
    audience_departments = keys_field("Departments that may read it. Empty: all.")
    audience_countries = keys_field("Countries whose people may read it. Empty: all.")
    audience_sites = keys_field("Sites whose people may read it. Empty: all.")
    audience_employment_types = keys_field("Employment types that may read it. Empty: all.")
    audience_people = ArrayField(
        models.BigIntegerField(), default=list, blank=True, help_text="People who may read it whatever else is said."
    )
    owner = models.ForeignKey(
        "hr.Employee",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="owned_documents",
        help_text="Who keeps it up to date.",
    )
    review_due_date = models.DateField(
        null=True, blank=True, db_index=True, help_text="When somebody has to look again."
    )
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
            models.CheckConstraint(
                condition=~models.Q(title=""),
                name="document_has_a_title",
                violation_error_message="The document needs a title.",
            ),
            models.CheckConstraint(
                condition=~models.Q(external_id=""),
                name="document_external_id_null_not_empty",
                violation_error_message="The external id is a text, or left out.",
            ),
            models.CheckConstraint(
                condition=models.Q(persona="company", subject__isnull=True)
                | models.Q(persona="personal", subject__isnull=False),
                name="document_personal_has_a_subject",
                violation_error_message="A personal document, and no other, says whose it is.",
            ),
        ]

    class Privacy:
        erase = {
            "created_by": "pseudonym of the uploader",
            "subject": "a personal document goes with the person",
            "owner": "who keeps it up to date",
            "audience_people": "names people",
        }
        keep = {
            "persona": "access rule",
            "audience_roles": "access rule",
            "audience_departments": "access rule",
            "audience_countries": "access rule",
            "audience_sites": "access rule",
            "audience_employment_types": "access rule",
            "review_due_date": "company content",
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
        PARSING = "parsing", "Being read"
        CHUNKING = "chunking", "Being cut into passages"
        INDEXING = "indexing", "Being indexed"
        READY = "ready", "Ready"
        REJECTED = "rejected", "Rejected"
        FAILED = "failed", "Failed"

    class Publication(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"

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
    # Apart from `state`: how far HR is with it. A published version answers once it is ready and while it is in force.
    publication = models.CharField(
        max_length=16, choices=Publication.choices, default=Publication.PUBLISHED, db_index=True
    )
    effective_from = models.DateField(
        null=True, blank=True, help_text="First day in force, in the company's time zone."
    )
    effective_to = models.DateField(null=True, blank=True, help_text="Last day in force. Empty: until further notice.")
    applies_countries = keys_field("Countries to whose people it applies. Empty: all.")
    applies_sites = keys_field("Sites to whose people it applies. Empty: all.")
    applies_employment_types = keys_field("Employment types to which it applies. Empty: all.")
    # The three lists as one text (documents.services.publishing), so that a constraint can compare them.
    applies_key = models.CharField(max_length=2000, default="//", editable=False)
    review_requested_at = models.DateTimeField(null=True, blank=True)
    review_requested_by = models.CharField(max_length=120, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.CharField(max_length=120, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=120, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)
    # Why it is a draft again although somebody wanted it published; shown until it is.
    publication_note = models.CharField(max_length=500, blank=True)
    # The last day that was asked for, when the version that begins after it (`ended_by`) made it an earlier one: that
    # one withdrawn before its first day, this one lasts again. Set on a version replaced on its first day, too.
    intended_to = models.DateField(null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="ended_versions", editable=False
    )
    uploaded_by = models.CharField(max_length=120)
    received_at = models.DateTimeField(auto_now_add=True)
    parsed_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentVersionQuerySet.as_manager()

    class Meta:
        db_table = "document_versions"
        indexes = [
            # The order of the console's list, and the codes of its filter.
            models.Index(fields=["-received_at", "id"], name="version_by_arrival"),
            models.Index(fields=["error_code"], condition=~models.Q(error_code=""), name="version_with_error"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="document_version_number_unique"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["received", "parsing", "chunking", "indexing", "ready", "rejected", "failed"]
                ),
                name="document_version_state_known",
                violation_error_message="Choose one of the states.",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["rejected", "failed"]) | ~models.Q(error_code=""),
                name="document_version_refusal_has_a_code",
                violation_error_message="A version that was refused says why.",
            ),
            models.CheckConstraint(
                condition=models.Q(publication__in=["draft", "in_review", "published", "withdrawn"]),
                name="document_version_publication_known",
                violation_error_message="Choose one of the states of publication.",
            ),
            models.CheckConstraint(
                condition=~models.Q(publication="published", state="ready") | models.Q(effective_from__isnull=False),
                name="document_version_in_force_has_a_first_day",
                violation_error_message="A published version has a first day.",
            ),
            models.CheckConstraint(
                condition=models.Q(effective_to__isnull=True)
                | models.Q(effective_from__isnull=True)
                | models.Q(effective_to__gte=models.F("effective_from")),
                name="document_version_ends_after_the_start",
                violation_error_message="It would end before it begins.",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_by="")
                | (
                    ~models.Q(reviewed_by=models.F("uploaded_by"))
                    & ~models.Q(reviewed_by=models.F("review_requested_by"))
                ),
                name="document_version_reviewed_by_another",
                violation_error_message="Nobody reviews what they uploaded or submitted.",
            ),
            # One more, `one_version_in_force`, is an exclusion constraint and stands in migration 0004: two published,
            # ready versions of one document for the same people never share a day.
        ]

    class Privacy:
        erase = dict.fromkeys(
            "uploaded_by review_requested_by reviewed_by published_by".split(), "pseudonym of an HR person"
        )
        keep = dict.fromkeys(
            "publication effective_from effective_to applies_countries applies_sites applies_employment_types "
            "applies_key "
            "review_requested_at reviewed_at published_at withdrawn_at withdrawn_reason publication_note "
            "intended_to ended_by "
            "id document number state error_code error_message sha256 size_bytes original_name media_type "
            "storage_key attempts lease_until page_count chunk_count flags received_at parsed_at ready_at "
            "finished_at".split(),
            "company content or state",
        )

    def __str__(self) -> str:
        return f"{self.document.title}, version {self.number}"


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


class DocumentAccess(models.Model):
    """That somebody was shown a document, or a passage of it: written with the read's row in the audit log.

    Plain columns without foreign keys, as rows outlive what they speak of; the pseudonym is the audit log's. Sources
    that are only named, beside "the documents do not say", leave no row: a message about something sensitive names
    none, and whoever reads these rows must not learn which one was. Kept for ACCESS_HISTORY_DAYS.
    """

    class How(models.TextChoices):
        SEARCH = "search", "Found by a search"
        ANSWER = "answer", "Cited in an answer"
        PASSAGE = "passage", "Opened from an answer"
        PAGE = "page", "Read as a page"
        PREVIEW = "preview", "Read in the console"
        API = "api", "Described to a program"
        DOWNLOAD = "download", "Downloaded"

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=120)
    document_id = models.UUIDField()
    version_id = models.UUIDField(null=True)
    chunk_id = models.UUIDField(null=True)
    how = models.CharField(max_length=16, choices=How.choices)
    query_id = models.UUIDField(null=True, help_text="The question whose answer showed it.")

    class Meta:
        db_table = "document_accesses"
        verbose_name = "access"
        verbose_name_plural = "accesses"
        indexes = [
            models.Index(fields=["actor", "-at"], name="access_of_actor"),
            models.Index(fields=["document_id", "-at"], name="access_of_document"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(how__in=["search", "answer", "passage", "page", "preview", "api", "download"]),
                name="document_access_how_known",
                violation_error_message="Choose one of the ways a document is read.",
            ),
        ]

    class Privacy:
        erase = {"actor": "pseudonym of who read"}
        keep = dict.fromkeys("id at document_id version_id chunk_id how query_id".split(), "not identifying by itself")

    def __str__(self) -> str:
        return f"{self.actor} {self.how} {self.document_id}"
