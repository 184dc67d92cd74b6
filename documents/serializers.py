"""What the API takes and says about documents. Component names carry the API's version."""

from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from documents.models import Document, DocumentVersion
from documents.services import Receipt
from documents.strict import StrictSerializer
from tenants.days import validate_day

State = DocumentVersion.State
_MAX_PEOPLE = 1000


@extend_schema_field(OpenApiTypes.BINARY)
class BinaryFileField(serializers.FileField):
    """A file as part of a form; without this the schema would call it a URL."""

    default_error_messages = {
        "required": "Send the document in a part named file, with a file name in UTF-8.",
    }


def _texts(help_text: str) -> serializers.ListField:
    """A part that may come several times in the form."""
    child = serializers.CharField(max_length=100)
    return serializers.ListField(child=child, required=False, max_length=250, help_text=help_text)


class IngestRequestV1(StrictSerializer):
    file = BinaryFileField(help_text="PDF, DOCX, Markdown, HTML or plain text.")
    is_confidential = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Visible to HR and the owner only. Left out: what the document has; false for a new one.",
    )
    title = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=300, help_text="Left out: the file's name."
    )
    external_id = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=200,
        help_text="Your own key. The same key with another file makes a new version, which takes over when ready.",
    )

    publish = serializers.BooleanField(
        required=False,
        default=True,
        help_text="False keeps it a draft. Where the company requires a review, it waits for that in any case.",
    )
    effective_from = serializers.DateField(
        required=False,
        allow_null=True,
        validators=[validate_day],
        help_text="First day in force. Left out: the day on which it is ready.",
    )
    effective_to = serializers.DateField(
        required=False,
        allow_null=True,
        validators=[validate_day],
        help_text="Last day in force. Left out: until further notice.",
    )
    applies_countries = _texts("To whose people it applies: ISO 3166-1 codes such as DE. Left out: all.")
    applies_sites = _texts("At which sites it applies. Left out: all.")
    applies_employment_types = _texts("To which employment types it applies, such as full_time. Left out: all.")
    audience_roles = _texts("Which roles may read the document. Left out: all.")
    audience_departments = _texts("Which departments may read the document. Left out: all.")
    audience_countries = _texts("Whose people may read the document. Left out: all.")
    audience_sites = _texts("Which sites may read the document. Left out: all.")
    audience_employment_types = _texts("Which employment types may read the document. Left out: all.")
    audience_people = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        max_length=_MAX_PEOPLE,
        help_text="Ids of employees who may read the document whatever the lists say.",
    )
    subject = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Whose own document it is: the id of an employee. Left out: the company's.",
    )

    @classmethod
    def list_parts(cls) -> tuple[str, ...]:
        """The parts that may come several times in the form."""
        return tuple(name for name, part in cls._declared_fields.items() if isinstance(part, serializers.ListField))

    def to_internal_value(self, data: Any) -> Any:
        # An empty part of a form counts as left out, and left out means open to everybody.
        if data.get("subject", None) == "":
            raise ValidationError({"subject": [ErrorDetail("Whose it is, or leave the part out.", code="blank")]})
        return super().to_internal_value(data)


class IngestAcceptedV1(serializers.Serializer):
    id = serializers.UUIDField(help_text="Of this ingestion: of the document's version.")
    document_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=State.values)
    status_url = serializers.CharField(help_text="Path to ask until the status is ready, rejected or failed.")
    recognised = serializers.BooleanField(help_text="These very bytes were known; nothing new was made.")


class IngestErrorV1(serializers.Serializer):
    code = serializers.CharField(help_text="Stable, such as unsupported_type, encrypted or no_text.")
    message = serializers.CharField()


class IngestStatusV1(serializers.Serializer):
    id = serializers.UUIDField()
    document_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=State.values)
    error = IngestErrorV1(allow_null=True)
    chunks = serializers.IntegerField()
    pages = serializers.IntegerField(allow_null=True)


class DocumentV1(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    external_id = serializers.CharField(allow_null=True)
    is_confidential = serializers.BooleanField()
    state = serializers.ChoiceField(choices=State.values, help_text="Of the newest version, for HR and the owner.")
    media_type = serializers.CharField(allow_null=True)
    pages = serializers.IntegerField(allow_null=True)
    size_bytes = serializers.IntegerField(allow_null=True)
    file_url = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class DocumentListQueryV1(serializers.Serializer):
    title = serializers.CharField(required=False, max_length=300, help_text="Part of the title, in any case.")
    state = serializers.ChoiceField(required=False, choices=State.values)


def accepted(receipt: Receipt) -> dict[str, Any]:
    """The body of an IngestAcceptedV1."""
    version = receipt.version
    return {
        "id": version.pk,
        "document_id": version.document_id,
        "status": version.state,
        "status_url": reverse("api-ingest-status", kwargs={"version_id": version.pk}),
        "recognised": receipt.recognised,
    }


def status_of(version: DocumentVersion) -> dict[str, Any]:
    """The body of an IngestStatusV1."""
    error = {"code": version.error_code, "message": version.error_message} if version.error_code else None
    return {
        "id": version.pk,
        "document_id": version.document_id,
        "status": version.state,
        "error": error,
        "chunks": version.chunk_count,
        "pages": version.page_count,
    }


def described(document: Document, *, state: str, version: DocumentVersion | None) -> dict[str, Any]:
    """The body of a DocumentV1; file facts are those of the version that answers come from for this person."""
    return {
        "id": document.pk,
        "title": document.title,
        "external_id": document.external_id,
        "is_confidential": document.is_confidential,
        "state": state,
        "media_type": version.media_type if version else None,
        "pages": version.page_count if version else None,
        "size_bytes": version.size_bytes if version else None,
        "file_url": reverse("api-document-file", kwargs={"document_id": document.pk}) if version else None,
        "created_at": document.created_at,
        "updated_at": document.updated_at,
    }
