"""What the admin's side bar says, by host. Named by dotted path in settings/unfold.py."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from audit import standing
from hr import access
from tenants import context


def site_header(request: HttpRequest) -> str:
    return context.current_tenant().name if context.has_tenant() else "Platform"


def site_subheader(request: HttpRequest) -> str:
    return "HR assistant · console" if context.has_tenant() else "Operator's console"


def site_title(request: HttpRequest) -> str:
    return f"{context.current_tenant().name} · HR assistant" if context.has_tenant() else "HR assistant · platform"


def site_url(request: HttpRequest) -> str | None:
    """`View site` leads to the company's own pages; the platform has none."""
    return "/" if context.has_tenant() else None


def favicon(request: HttpRequest) -> str:
    return static("icons/favicon.svg")


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the side bar."""
    if not context.has_tenant():
        return _platform(request)
    employee = getattr(request.user, "employee", None)
    sees_pay = employee is not None and access.may_manage_pay(employee)
    return [*_company(request), *([_pay()] if sees_pay else [])]


def _company(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"items": [_item("Overview", "dashboard", "index"), _page("Ask a question", "forum", "/")]},
        {
            "title": "Documents",
            "items": [
                _item("Documents", "description", "documents_document_changelist"),
                _item("Versions", "deployed_code_history", "documents_documentversion_changelist"),
                _item("To look after", "event_repeat", "documents_document_look_after"),
                _item("Upload", "upload_file", "documents_document_upload"),
            ],
        },
        {
            "title": "Leave",
            "items": [
                _item("Requests", "event_available", "hr_leaverequest_changelist"),
                _item("Policies", "policy", "hr_leavepolicy_changelist"),
                _item("Adjustments", "exposure", "hr_leaveentitlement_changelist"),
                _item("Holidays", "celebration", "hr_holidaychange_changelist"),
                _item("Working weeks", "calendar_view_week", "hr_workingweek_changelist"),
                _item("Kinds of leave", "category", "hr_leavetype_changelist"),
            ],
        },
        {
            "title": "Assistant",
            "items": [
                _item("Answers", "quick_reference_all", "retrieval_query_changelist"),
                _item("Reports on answers", "rate_review", "retrieval_feedback_changelist"),
                _item("Sensitive topics", "volunteer_activism", "retrieval_sensitivetopictext_changelist"),
                _item("Tool calls", "build", "retrieval_toolcall_changelist"),
            ],
        },
        {
            "title": "Company",
            "items": [
                _item("Employees", "group", "hr_employee_changelist"),
                _item("Service accounts", "smart_toy", "hr_serviceaccount_changelist"),
                _item("Settings", "tune", "company-settings"),
            ],
        },
        {
            "title": "Looking back",
            "items": [
                _findings(request),
                _item("Access patterns", "frame_inspect", "documents_documentaccess_patterns"),
                _item("Audit log", "receipt_long", "audit_auditlog_changelist"),
            ],
        },
    ]


def _pay() -> dict[str, Any]:
    """For HR only; owners do not see what people are paid."""
    return {
        "title": "Pay",
        "items": [
            _item("Paystubs", "payments", "hr_paystub_changelist"),
            _item("Pay codes", "format_list_numbered", "hr_paycode_changelist"),
            _item("Pay details", "account_balance", "hr_paydetails_changelist"),
        ],
    }


def _platform(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"items": [_item("Overview", "dashboard", "index")]},
        {
            "title": "Companies",
            "items": [
                _item("Companies", "apartment", "tenants_tenant_changelist"),
                _item("New company", "add_business", "tenants_tenant_add"),
            ],
        },
        {
            "title": "Safety",
            "items": [
                _item("Incidents", "emergency", "ragsite_incident_changelist"),
                _item("Kill switches", "power_settings_new", "tenants_killswitch_changelist"),
                _findings(request),
                _item("Contacts", "call", "ragsite_oncallcontact_changelist"),
            ],
        },
        {
            "title": "Installation",
            "items": [
                _item("Service status", "monitor_heart", "service-status"),
                _item("Signing keys", "key", "tenants_signingkey_changelist"),
                _item("Service accounts", "smart_toy", "tenants_platformserviceaccount_changelist"),
                _item("Schedules", "schedule", "django_celery_beat_periodictask_changelist"),
                _item("Audit log", "receipt_long", "audit_auditlog_changelist"),
            ],
        },
    ]


def _findings(request: HttpRequest) -> dict[str, Any]:
    """With the number of open ones as its badge, where there are any. One query for each page of the console."""
    item = _item("Findings", "policy_alert", "audit_finding_changelist")
    count = standing.of_request(request).open_findings if request.user.is_authenticated else 0
    return {**item, "badge": str(count), "badge_variant": "danger"} if count else item


def _item(title: str, icon: str, name: str) -> dict[str, Any]:
    return _page(title, icon, reverse(f"admin:{name}"))


def _page(title: str, icon: str, link: str) -> dict[str, Any]:
    def is_active(request: HttpRequest) -> bool:
        """The page itself, or what lies below a list; pages with an item of their own count for that one."""
        below_list = link not in ("/", reverse("admin:index")) and request.path.startswith(link)
        return request.path == link or (below_list and not request.path.endswith(("/upload/", "/add/", "/look-after/")))

    return {"title": title, "icon": icon, "link": link, "active": is_active}
