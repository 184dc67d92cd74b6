"""A document's versions for programs: which there are, and their way from draft to withdrawn."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import services as audit
from documents import rights, services
from documents.api import bodies
from documents.api.documents import document_or_404
from documents.models import DocumentVersion
from documents.services import accesses
from documents.windows import Window
from hr import access
from hr.permissions import ManagesDocuments
from hr.tokens.authentication import PersonRequest
from tenants import context
from tenants.machines.scopes import PEOPLE_ONLY


class VersionListView(APIView):
    api_scope = "documents:read"

    @extend_schema(operation_id="listVersions", tags=["versions"], responses=bodies.VersionV1(many=True))
    def get(self, request: PersonRequest, document_id: UUID) -> Response:
        """A document's versions, newest first: those that this person may open; all for HR and the owner."""
        document = document_or_404(request, document_id)
        manages = access.may_manage_documents(request.employee)
        versions: Any = document.versions  # type: ignore[attr-defined]
        if not manages:
            versions = versions.open_to(request.scope, today=context.local_today())
        with transaction.atomic():
            audit.record(verb="document.read", target=f"document:{document.pk}")
            accesses.note(shown=[accesses.Shown(document_id=document.pk)], how=accesses.How.API)
        return Response([bodies.version_body(one, for_managers=manages) for one in versions.order_by("-number")])


class _VersionAction(APIView):
    """One move of a version; each subclass makes one service call."""

    api_scope = "documents:write"
    permission_classes = [ManagesDocuments]

    def version(self, request: PersonRequest, document_id: UUID, version_id: UUID) -> DocumentVersion:
        document = document_or_404(request, document_id)
        found: DocumentVersion | None = document.versions.filter(pk=version_id).first()  # type: ignore[attr-defined]
        if found is None:
            raise Http404
        return found

    def answer(self, version: DocumentVersion) -> Response:
        return Response(bodies.version_body(version, for_managers=True))


class VersionPublishView(_VersionAction):
    @extend_schema(
        operation_id="publishVersion",
        tags=["versions"],
        request=bodies.PublishRequestV1,
        responses=bodies.VersionV1,
    )
    def post(self, request: PersonRequest, document_id: UUID, version_id: UUID) -> Response:
        """Publish a ready draft or reviewed version, now or on a day to come. For HR and the owner."""
        version = self.version(request, document_id, version_id)
        given = _validated(bodies.PublishRequestV1, request)
        services.publish_version(version=version, reason=given["reason"], **_terms(version, given))
        return self.answer(version)


class VersionWindowView(_VersionAction):
    @extend_schema(
        operation_id="changeVersionWindow",
        tags=["versions"],
        request=bodies.PublishRequestV1,
        responses=bodies.VersionV1,
    )
    def post(self, request: PersonRequest, document_id: UUID, version_id: UUID) -> Response:
        """Give a version other days or other people. For HR and the owner."""
        version = self.version(request, document_id, version_id)
        given = _validated(bodies.PublishRequestV1, request)
        services.change_window(version=version, reason=given["reason"], **_terms(version, given))
        return self.answer(version)


class VersionSubmitView(_VersionAction):
    @extend_schema(
        operation_id="submitVersion",
        tags=["versions"],
        request=bodies.OptionalReasonRequestV1,
        responses=bodies.VersionV1,
    )
    def post(self, request: PersonRequest, document_id: UUID, version_id: UUID) -> Response:
        """Ask a second HR person to review a draft. For HR and the owner."""
        version = self.version(request, document_id, version_id)
        services.submit_for_review(version=version, **_validated(bodies.OptionalReasonRequestV1, request))
        return self.answer(version)


class VersionApproveView(_VersionAction):
    api_scope = PEOPLE_ONLY  # the second pair of eyes

    @extend_schema(
        operation_id="approveVersion",
        tags=["versions"],
        request=bodies.OptionalReasonRequestV1,
        responses=bodies.VersionV1,
    )
    def post(self, request: PersonRequest, document_id: UUID, version_id: UUID) -> Response:
        """Say that you reviewed a version that somebody else uploaded and submitted. For HR and the owner."""
        version = self.version(request, document_id, version_id)
        services.approve(version=version, **_validated(bodies.OptionalReasonRequestV1, request))
        return self.answer(version)


class VersionReturnView(_VersionAction):
    api_scope = PEOPLE_ONLY

    @extend_schema(
        operation_id="returnVersion",
        tags=["versions"],
        request=bodies.ReasonRequestV1,
        responses=bodies.VersionV1,
    )
    def post(self, request: PersonRequest, document_id: UUID, version_id: UUID) -> Response:
        """Send a version in review back to draft. For HR and the owner."""
        version = self.version(request, document_id, version_id)
        services.return_to_draft(version=version, **_validated(bodies.ReasonRequestV1, request))
        return self.answer(version)


class VersionWithdrawView(_VersionAction):
    @extend_schema(
        operation_id="withdrawVersion",
        tags=["versions"],
        request=bodies.ReasonRequestV1,
        responses=bodies.VersionV1,
    )
    def post(self, request: PersonRequest, document_id: UUID, version_id: UUID) -> Response:
        """Take a version back: no answer cites it from now on. For HR and the owner."""
        version = self.version(request, document_id, version_id)
        services.withdraw_version(version=version, **_validated(bodies.ReasonRequestV1, request))
        return self.answer(version)


def _validated(kind: Any, request: PersonRequest) -> dict[str, Any]:
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _terms(version: DocumentVersion, given: dict[str, Any]) -> dict[str, Any]:
    asked = version.intended_to if version.ended_by_id else version.effective_to
    return {
        "window": bodies.window_of(given, default=Window(version.effective_from, asked)),
        "applicability": bodies.applicability_of(given, default=rights.applicability_of(version)),
    }
