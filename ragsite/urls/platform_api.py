"""Everything below /api/ on the platform's host."""

from django.urls import include, path, re_path

from ragsite.api.signing_in import ThrottledPlatformSignInView
from ragsite.errors import unknown_route
from tenants.machines import api as machines

v1 = [
    path("auth/token", ThrottledPlatformSignInView.as_view(), name="platform-api-token"),
    path("auth/logout", machines.PlatformLogoutView.as_view(), name="platform-api-logout"),
    path("service-accounts", machines.PlatformServiceAccountListView.as_view(), name="platform-api-service-accounts"),
    path(
        "service-accounts/<int:account_id>/rotate",
        machines.PlatformServiceAccountRotateView.as_view(),
        name="platform-api-service-account-rotate",
    ),
    path(
        "service-accounts/<int:account_id>/revoke",
        machines.PlatformServiceAccountRevokeView.as_view(),
        name="platform-api-service-account-revoke",
    ),
]

urlpatterns = [path("v1/platform/", include(v1)), re_path(r"", unknown_route)]
