"""Who may read a document, and why one person may or may not, for programs."""

from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from documents import explaining, rights, services
from documents.api import bodies
from documents.api.documents import document_or_404
from documents.services import originals
from hr.permissions import ManagesDocuments
from hr.tokens.authentication import PersonRequest


class DocumentAccessView(APIView):
    api_scope = "documents:write"
    permission_classes = [ManagesDocuments]

    @extend_schema(
        operation_id="explainAccess",
        tags=["documents"],
        parameters=[bodies.AccessQueryV1],
        responses=bodies.DocumentAccessV1,
    )
    def get(self, request: PersonRequest, document_id: UUID) -> Response:
        """Who may read a document; with `employee`, which rule allows or blocks that person. For HR and the owner."""
        document = document_or_404(request, document_id)
        query = bodies.AccessQueryV1(data=request.query_params)
        query.is_valid(raise_exception=True)
        employee, explanation = None, None
        if named := query.validated_data.get("employee"):
            try:
                employee = explaining.find_person(named)
            except explaining.NoSuchPerson:
                raise Http404 from None
            as_of = query.validated_data.get("as_of")
            explanation = explaining.explain(employee=employee, document=document, as_of=as_of)
            explaining.record_explanation(employee=employee, document=document, explanation=explanation)
        readers = explaining.readers_of(document)
        if employee is None:
            originals.record_list_of_readers(document=document, readers=len(readers.people))
        return Response(bodies.access_body(document, readers=readers, employee=employee, explanation=explanation))

    @extend_schema(
        operation_id="changeAccess",
        tags=["documents"],
        request=bodies.AudienceChangeV1,
        responses=bodies.DocumentAccessV1,
    )
    def patch(self, request: PersonRequest, document_id: UUID) -> Response:
        """Change who may read a document, from the next request on; what is left out stays. For HR and the owner."""
        document = document_or_404(request, document_id)
        body = bodies.AudienceChangeV1(data=request.data)
        body.is_valid(raise_exception=True)
        audience = bodies.changed_audience(rights.audience_of(document), body.validated_data)
        services.change_access(document=document, audience=audience, reason=body.validated_data["reason"])
        readers = explaining.readers_of(document)
        return Response(bodies.access_body(document, readers=readers, employee=None, explanation=None))
