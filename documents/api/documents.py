"""Documents for programs: put in, follow, list, read, fetch, delete."""

from collections.abc import Iterable
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, Subquery, Value
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from audit import services as audit
from documents import files, services
from documents.api import bodies
from documents.models import Document, DocumentVersion
from documents.multipart import UploadParser
from documents.parsing.formats import MEDIA_TYPES
from documents.querysets import DocumentQuerySet
from documents.serializers import (
    DocumentListQueryV1,
    DocumentV1,
    IngestAcceptedV1,
    IngestRequestV1,
    IngestStatusV1,
    accepted,
    described,
    status_of,
)
from documents.services import accesses, refusals
from hr import access
from hr.access import Audience
from hr.permissions import IsActiveEmployee, ManagesDocuments
from hr.tokens.authentication import PersonRequest
from hr.tokens.metrics import TENANT_DISAGREEMENTS

State = DocumentVersion.State
# A download runs no script and loads nothing, even when a browser is talked into showing it.
_FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
# Until a file was read it is of no type that anybody vouches for.
_FILE_TYPES = (*sorted(MEDIA_TYPES.values()), "application/octet-stream")


class IngestView(APIView):
    api_scope = "documents:write"
    permission_classes = [ManagesDocuments]
    parser_classes = [UploadParser]
    repeated_parts = IngestRequestV1.list_parts()
    throttle_scope = "uploads"

    @extend_schema(
        operation_id="ingestDocument", tags=["documents"], request=IngestRequestV1, responses={202: IngestAcceptedV1}
    )
    def post(self, request: PersonRequest) -> Response:
        """Put a document in. It answers questions once its status is `ready`. For HR and the owner."""
        body = IngestRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        receipt = services.receive(
            source=cast(BinaryIO, given["file"]),
            original_name=given["file"].name,
            title=given["title"],
            external_id=given["external_id"],
            is_confidential=given["is_confidential"],
            audience=_audience(given),
            terms=bodies.terms_of(given),
        )
        answer = accepted(receipt)
        return Response(answer, status=status.HTTP_202_ACCEPTED, headers={"Location": answer["status_url"]})


class IngestStatusView(APIView):
    api_scope = "documents:write"
    permission_classes = [ManagesDocuments]

    @extend_schema(operation_id="getIngestion", tags=["documents"], responses=IngestStatusV1)
    def get(self, request: PersonRequest, version_id: UUID) -> Response:
        """How far an ingestion is. For HR and the owner."""
        version = DocumentVersion.objects.visible_to(request.scope).filter(pk=version_id).first()
        if version is None:
            raise Http404
        return Response(status_of(version))


class DocumentListView(APIView):
    api_scope = "documents:read"

    @extend_schema(
        operation_id="listDocuments",
        tags=["documents"],
        parameters=[DocumentListQueryV1],
        responses=DocumentV1(many=True),
    )
    def get(self, request: PersonRequest) -> Response:
        """Documents that this person may read, newest first. HR and the owner also see those that are not ready."""
        query = DocumentListQueryV1(data=request.query_params)
        query.is_valid(raise_exception=True)
        documents = _shown_to(request).order_by("-created_at", "pk")
        if title := query.validated_data.get("title"):
            documents = documents.filter(title__icontains=title)
        if state := query.validated_data.get("state"):
            documents = documents.filter(shown_state=state)
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(documents, request, view=self)
        versions = _shown_versions(page or ())
        bodies = [described(row, state=row.shown_state, version=versions.get(row.shown_version)) for row in page or ()]
        return paginator.get_paginated_response(bodies)

    # Read by the schema generator, too.
    pagination_class: Any = api_settings.DEFAULT_PAGINATION_CLASS


class DocumentView(APIView):
    api_scope = {"GET": "documents:read", "DELETE": "documents:write"}

    def get_permissions(self) -> list[Any]:
        return [ManagesDocuments() if self.request.method == "DELETE" else IsActiveEmployee()]

    @extend_schema(operation_id="getDocument", tags=["documents"], responses=DocumentV1)
    def get(self, request: PersonRequest, document_id: UUID) -> Response:
        """One document. What this person may not read is not there."""
        document = document_or_404(request, document_id)
        with transaction.atomic():
            audit.record(verb="document.read", target=f"document:{document.pk}")
            accesses.note(shown=[accesses.Shown(document_id=document.pk)], how=accesses.How.API)
        state: str = document.shown_state  # type: ignore[attr-defined]  # annotated by _shown_to
        return Response(described(document, state=state, version=_shown_version(document)))

    @extend_schema(operation_id="deleteDocument", tags=["documents"], responses={204: None})
    def delete(self, request: PersonRequest, document_id: UUID) -> Response:
        """Delete a document: nothing shows it any more; rows, file and vectors follow. For HR and the owner."""
        services.delete_document(document=document_or_404(request, document_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class DocumentFileView(APIView):
    api_scope = "documents:read"

    @extend_schema(
        operation_id="downloadDocument",
        tags=["documents"],
        responses={(200, media): OpenApiTypes.BINARY for media in _FILE_TYPES},
    )
    def get(self, request: PersonRequest, document_id: UUID) -> FileResponse:
        """The original file, as an attachment."""
        document = document_or_404(request, document_id)
        version = _shown_version(document)
        if version is None:
            raise Http404
        source = _open(version)
        try:
            with transaction.atomic():
                audit.record(
                    verb="document.download",
                    target=f"document:{document.pk}",
                    digest=version.sha256,
                    details={"version": version.number},
                )
                accesses.note(
                    shown=[accesses.Shown(document_id=document.pk, version_id=version.pk)], how=accesses.How.DOWNLOAD
                )
        except BaseException:
            source.close()
            raise
        response = FileResponse(
            source,
            as_attachment=True,
            filename=version.original_name,
            content_type=version.media_type or "application/octet-stream",
        )
        response["Content-Length"] = str(version.size_bytes)
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = _FILE_POLICY
        response["Cache-Control"] = "private, no-store"
        return response


def _audience(given: dict[str, Any]) -> Audience | None:
    """The readers of an upload, when any were given. A new version leaves its document's readers as they are."""
    named = {name.removeprefix("audience_"): given[name] for name in given if name.startswith("audience_")}
    named |= {"subject": given["subject"]} if "subject" in given else {}
    if not named:
        return None
    return bodies.changed_audience(Audience(is_confidential=bool(given["is_confidential"])), named)


def _shown_to(request: PersonRequest) -> DocumentQuerySet:
    """Readable documents with their `shown_state` and `shown_version`: the one in force for this person.

    Work in progress and what is not in force are shown to those who manage documents only; for them the version shown
    is the one that stands for the document.
    """
    if not access.may_manage_documents(request.employee):
        answering = Document.objects.answering_for(request.scope)
        return answering.annotate(shown_state=Value(State.READY.value), shown_version=F("own_version"))
    newest = DocumentVersion.objects.filter(document=OuterRef("pk")).order_by("-number")
    readable = Document.objects.visible_to(request.scope)
    return readable.annotate(shown_state=Subquery(newest.values("state")[:1]), shown_version=F("serving_version"))


def _shown_versions(documents: Iterable[Any]) -> dict[UUID, DocumentVersion]:
    return DocumentVersion.objects.in_bulk([row.shown_version for row in documents if row.shown_version])


def _shown_version(document: Document) -> DocumentVersion | None:
    return next(iter(_shown_versions([document]).values()), None)


def document_or_404(request: PersonRequest, document_id: UUID) -> Document:
    """The document; foreign, confidential and missing are the same 404."""
    document = _shown_to(request).filter(pk=document_id).first()
    if document is None:
        refusals.record_refused_document(scope=request.scope, document_id=document_id)
        raise Http404
    return document


def _open(version: DocumentVersion) -> Any:
    """The stored original.

    :raises files.ForeignFile: when its key is another company's, after that was counted and recorded.
    :raises services.StorageUnavailable: when the store does not answer.
    """
    try:
        return files.open_stored(version.storage_key)
    except files.ForeignFile:
        TENANT_DISAGREEMENTS.inc()
        audit.record_refusal(
            verb="document.download", target=f"document:{version.document_id}", reason="tenant_disagrees"
        )
        raise
    except files.FileMissing:
        raise
    except Exception as error:  # folder, S3: each backend has its own classes
        raise services.StorageUnavailable("the file store did not give the file") from error
