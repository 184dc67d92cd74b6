"""Where one is signed in, by API; and ending everything by which another person is."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response
from rest_framework.views import APIView

from hr import access, signed_in
from hr.permissions import ManagesPeople
from hr.tokens.authentication import PersonRequest
from tenants.machines.api import RevocationRequestV1
from tenants.machines.scopes import PEOPLE_ONLY


class PlaceV1(serializers.Serializer):
    ref = serializers.CharField(help_text="Names it when it is ended.")
    kind = serializers.ChoiceField(choices=["browser", "program"])
    browser = serializers.CharField(help_text="In coarse words, such as Firefox on Windows.")
    network = serializers.CharField(help_text="In coarse words, such as 203.0.x.x.")
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField()


class EndSessionRequestV1(serializers.Serializer):
    ref = serializers.CharField(max_length=100)


class EndedV1(serializers.Serializer):
    browsers = serializers.IntegerField(help_text="Signed out.")
    programs = serializers.IntegerField(help_text="Signed out.")


class SessionListView(APIView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="listSessions", tags=["sessions"], responses=PlaceV1(many=True))
    def get(self, request: PersonRequest) -> Response:
        """Where the caller is signed in, last used first."""
        places = signed_in.signed_in_of(user=request.user, now=timezone.now())
        return Response([_body(place) for place in places])


class SessionEndView(APIView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="endSession", tags=["sessions"], request=EndSessionRequestV1, responses={204: None})
    def post(self, request: PersonRequest) -> Response:
        """Sign the caller out in one place, from its next request on. What is not theirs is not there."""
        body = EndSessionRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            signed_in.end_one(user=request.user, ref=body.validated_data["ref"])
        except signed_in.NotSignedIn:
            raise Http404 from None
        return Response(status=status.HTTP_204_NO_CONTENT)


class RevokeTokensView(APIView):
    api_scope = "tokens:write"
    permission_classes = [ManagesPeople]

    @extend_schema(
        operation_id="revokeTokensOfEmployee", tags=["sessions"], request=RevocationRequestV1, responses=EndedV1
    )
    def post(self, request: PersonRequest, employee_id: int) -> Response:
        """End everything by which a person is signed in, from the next request on. For HR and the owner."""
        body = RevocationRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        person = access.people_visible_to(request.employee).filter(pk=employee_id).first()
        if person is None:
            raise Http404
        if not access.may_administer(by=request.employee, employee=person):
            raise PermissionDenied("Only an owner may do this to an owner.")
        ended = signed_in.end_all(employee=person, reason=body.validated_data["reason"])
        return Response({"browsers": ended.browsers, "programs": ended.programs})


def _body(place: signed_in.SignedIn) -> dict[str, Any]:
    names = ("ref", "kind", "browser", "network", "created_at", "last_used_at")
    return {name: getattr(place, name) for name in names}
