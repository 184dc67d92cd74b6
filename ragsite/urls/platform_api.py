"""Everything below /api/ on the platform's host."""

from django.urls import include, path, re_path

from ragsite.api.docs import platform_schema
from ragsite.api.signing_in import ThrottledPlatformSignInView
from ragsite.errors import unknown_route
from tenants import key_api as keys
from tenants import looking_back_api as looking_back
from tenants.kill_switches import api as switches
from tenants.machines import api as machines

v1 = [
    path("tenants", switches.PlatformTenantListView.as_view(), name="platform-api-tenants"),
    path("tenants/<uuid:tenant_id>", switches.PlatformTenantView.as_view(), name="platform-api-tenant"),
    *[
        path(f"tenants/<uuid:tenant_id>/{move}", view.as_view(), name=f"platform-api-tenant-{move}")
        for move, view in (
            ("suspend", switches.PlatformTenantSuspendView),
            ("request-resume", switches.PlatformTenantRequestResumeView),
            ("resume", switches.PlatformTenantResumeView),
        )
    ],
    path("kill-switches", switches.KillSwitchListView.as_view(), name="platform-api-kill-switches"),
    path("kill-switches/<int:switch_id>", switches.KillSwitchView.as_view(), name="platform-api-kill-switch"),
    *[
        path(f"kill-switches/<int:switch_id>/{move}", view.as_view(), name=f"platform-api-kill-switch-{move}")
        for move, view in (
            ("request-release", switches.KillSwitchRequestReleaseView),
            ("release", switches.KillSwitchReleaseView),
        )
    ],
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
    path("keys", keys.SigningKeyListView.as_view(), name="platform-api-keys"),
    path("keys/rotate", keys.SigningKeyRotateView.as_view(), name="platform-api-key-rotate"),
    path("keys/<str:kid>/revoke", keys.SigningKeyRevokeView.as_view(), name="platform-api-key-revoke"),
    path("tokens/revoke", keys.PlatformRevokeTokensView.as_view(), name="platform-api-tokens-revoke"),
    path("audit", looking_back.PlatformAuditListView.as_view(), name="platform-api-audit"),
    path("audit/export", looking_back.PlatformAuditExportView.as_view(), name="platform-api-audit-export"),
    path("findings", looking_back.PlatformFindingListView.as_view(), name="platform-api-findings"),
    *[
        path(f"findings/<int:finding_id>/{move}", view.as_view(), name=f"platform-api-finding-{move}")
        for move, view in (
            ("acknowledge", looking_back.PlatformFindingAcknowledgeView),
            ("dismiss", looking_back.PlatformFindingDismissView),
        )
    ],
    path("schema/", platform_schema, name="platform-api-schema"),
]

urlpatterns = [path("v1/platform/", include(v1)), re_path(r"", unknown_route)]
