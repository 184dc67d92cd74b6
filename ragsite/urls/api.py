"""Everything below /api/."""

from django.urls import include, path, re_path

from documents import api as documents
from hr import api as people
from hr.api import leave, looking_back, pay, service_accounts, sessions
from ragsite.api.docs import DocsView, schema
from ragsite.api.importing import EmployeeImportRoute
from ragsite.api.signing_in import ThrottledSignInView
from ragsite.errors import unknown_route
from retrieval import api as questions

v1 = [
    path("auth/token", ThrottledSignInView.as_view(), name="api-token"),
    path("auth/token/refresh", people.RefreshView.as_view(), name="api-token-refresh"),
    path("auth/logout", people.LogoutView.as_view(), name="api-logout"),
    path("ingest", documents.IngestView.as_view(), name="api-ingest"),
    path("ingest/<uuid:version_id>", documents.IngestStatusView.as_view(), name="api-ingest-status"),
    path("documents", documents.DocumentListView.as_view(), name="api-documents"),
    path("documents/<uuid:document_id>", documents.DocumentView.as_view(), name="api-document"),
    path("documents/<uuid:document_id>/file", documents.DocumentFileView.as_view(), name="api-document-file"),
    path("documents/<uuid:document_id>/access", documents.DocumentAccessView.as_view(), name="api-document-access"),
    path("documents/<uuid:document_id>/versions", documents.VersionListView.as_view(), name="api-versions"),
    *[
        path(
            f"documents/<uuid:document_id>/versions/<uuid:version_id>/{move}",
            view.as_view(),
            name=f"api-version-{move}",
        )
        for move, view in (
            ("publish", documents.VersionPublishView),
            ("window", documents.VersionWindowView),
            ("submit", documents.VersionSubmitView),
            ("approve", documents.VersionApproveView),
            ("return", documents.VersionReturnView),
            ("withdraw", documents.VersionWithdrawView),
        )
    ],
    path("search", questions.SearchView.as_view(), name="api-search"),
    path("query", questions.QueryView.as_view(), name="api-query"),
    path("query/stream", questions.QueryStreamView.as_view(), name="api-query-stream"),
    path("queries/<uuid:query_id>", questions.AnswerRecordView.as_view(), name="api-answer-record"),
    path("queries/<uuid:query_id>/readers", questions.ReadersView.as_view(), name="api-readers"),
    path("queries/<uuid:query_id>/feedback", questions.FeedbackView.as_view(), name="api-feedback"),
    path("proposals/<uuid:proposal_id>/confirm", questions.ProposalConfirmView.as_view(), name="api-proposal-confirm"),
    path("employees", people.EmployeeListView.as_view(), name="api-employees"),
    path("employees/import", EmployeeImportRoute.as_view(), name="api-employees-import"),
    path("employees/<int:employee_id>", people.EmployeeView.as_view(), name="api-employee"),
    path("sessions", sessions.SessionListView.as_view(), name="api-sessions"),
    path("sessions/end", sessions.SessionEndView.as_view(), name="api-session-end"),
    path("employees/<int:employee_id>/revoke-tokens", sessions.RevokeTokensView.as_view(), name="api-revoke-tokens"),
    path("service-accounts", service_accounts.ServiceAccountListView.as_view(), name="api-service-accounts"),
    path(
        "service-accounts/<int:account_id>/rotate",
        service_accounts.ServiceAccountRotateView.as_view(),
        name="api-service-account-rotate",
    ),
    path(
        "service-accounts/<int:account_id>/revoke",
        service_accounts.ServiceAccountRevokeView.as_view(),
        name="api-service-account-revoke",
    ),
    path("paystubs", pay.PaystubListView.as_view(), name="api-paystubs"),
    path("paystubs/<uuid:paystub_id>", pay.PaystubView.as_view(), name="api-paystub"),
    path("paystubs/<uuid:paystub_id>/pdf", pay.PaystubPdfView.as_view(), name="api-paystub-pdf"),
    path("leave/balance", leave.LeaveBalanceView.as_view(), name="api-leave-balance"),
    path("leave/requests", leave.LeaveRequestListView.as_view(), name="api-leave-requests"),
    path("leave/requests/<int:request_id>/cancel", leave.LeaveCancelView.as_view(), name="api-leave-cancel"),
    path("leave/requests/<int:request_id>/approve", leave.LeaveApproveView.as_view(), name="api-leave-approve"),
    path("leave/requests/<int:request_id>/reject", leave.LeaveRejectView.as_view(), name="api-leave-reject"),
    path("leave/team", leave.LeaveTeamView.as_view(), name="api-leave-team"),
    path("audit", looking_back.AuditListView.as_view(), name="api-audit"),
    path("audit/export", looking_back.AuditExportView.as_view(), name="api-audit-export"),
    path("findings", looking_back.FindingListView.as_view(), name="api-findings"),
    path(
        "findings/<int:finding_id>/acknowledge",
        looking_back.FindingAcknowledgeView.as_view(),
        name="api-finding-acknowledge",
    ),
    path("findings/<int:finding_id>/dismiss", looking_back.FindingDismissView.as_view(), name="api-finding-dismiss"),
    path("schema/", schema, name="api-schema"),
    path("docs/", DocsView.as_view(), name="api-docs"),
]

urlpatterns = [path("v1/", include(v1)), re_path(r"", unknown_route)]
