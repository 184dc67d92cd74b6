"""Every upload with its processing: the list to look at when something does not get ready."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import markup
from audit.actions import confirmed
from audit.console import ReadOnlyAdmin
from audit.paging import KeysFirst
from documents import rights, services
from documents.admin import cells
from documents.admin.filters import ErrorFilter
from documents.admin.forms import PublishForm, WindowForm
from documents.models import DocumentVersion
from documents.windows import Window, WindowReversed
from hr import access
from hr.access import Applicability
from tenants import context
from tenants.console import CompanyOnly

Publication = DocumentVersion.Publication
_REFUSALS = (
    services.WrongPublication,
    services.NotReady,
    services.ReviewMissing,
    services.TimelineConflict,
    services.TooManyKeys,
    rights.UnknownValue,
    WindowReversed,
)


@admin.register(DocumentVersion)
class DocumentVersionAdmin(CompanyOnly, ReadOnlyAdmin):
    """Versions in the order of their upload. A row leads to the version on its document's page."""

    empty_text = "Each uploaded file is a version of its document."
    list_display = ["state_now", "name", "version", "in_force", "problem", "next_step", "content", "received"]
    list_display_links = ["name"]
    list_filter = ["state", "publication", ErrorFilter, "received_at"]
    list_select_related = ["document"]
    show_full_result_count = False
    paginator = KeysFirst
    search_fields = ["document__title", "original_name", "=sha256"]
    ordering = ["-received_at", "pk"]
    actions = ["retry_versions"]
    # Their routes; see get_actions_detail.
    actions_detail = [
        "submit_version",
        "approve_version",
        "return_version",
        "publish_version",
        "change_days",
        "withdraw_version",
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        scope = access.scope_of(request.user.employee)  # type: ignore[union-attr]
        return DocumentVersion.objects.visible_to(scope).select_related("document")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return self.belongs_here() and request.user.has_perm("documents.change_documentversion")

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return self.has_retry_permission(request)

    @display(description="State", ordering="state")
    def state_now(self, version: DocumentVersion) -> SafeString | str:
        return cells.state_cell(version)

    @display(description="File", ordering="original_name")
    def name(self, version: DocumentVersion) -> SafeString:
        return cells.name_cell(version.original_name)

    @display(description="Document", ordering="document__title")
    def version(self, version: DocumentVersion) -> SafeString:
        return cells.name_cell(version.document.title, suffix=f", version {version.number}")

    @display(description="In force", ordering="effective_from")
    def in_force(self, version: DocumentVersion) -> SafeString | str:
        return cells.publication_cell(version, today=context.local_today())

    @display(description="Last error", ordering="error_code")
    def problem(self, version: DocumentVersion) -> SafeString | str:
        return cells.problem_cell(version)

    @display(description="Next")
    def next_step(self, version: DocumentVersion) -> str:
        return cells.next_step(version)

    @display(description="Content", ordering="size_bytes")
    def content(self, version: DocumentVersion) -> SafeString | str:
        return cells.content_cell(version)

    @display(description="Received", ordering="received_at")
    def received(self, version: DocumentVersion) -> SafeString | str:
        return markup.when(version.received_at)

    @confirmed(
        description="Retry",
        consequence="They are processed again from the start.",
        verb="document.retry",
        permission="retry",
        button="Retry",
        done="Waiting to be processed again",
        icon="refresh",
        refusals=(services.NotRetryable,),
    )
    def retry_versions(self, request: HttpRequest, version: DocumentVersion, *, reason: str) -> None:
        services.retry_version(version=version, reason=reason)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Their buttons stand in the list of versions on the document's page."""
        return []

    @confirmed(
        description="Submit for review",
        consequence="A second HR person has to look at it before it is published.",
        verb="document.version_submit",
        permission="publish",
        button="Submit",
        icon="rate_review",
        refusals=(services.WrongPublication,),
    )
    def submit_version(self, request: HttpRequest, version: DocumentVersion, *, reason: str) -> HttpResponse:
        services.submit_for_review(version=version, reason=reason)
        return _back(request, version, "Submitted for review.")

    @confirmed(
        description="Approve",
        consequence="You say that you have read this version and that it may be published.",
        verb="document.version_approve",
        permission="publish",
        button="Approve",
        icon="verified",
        refusals=(services.WrongPublication, services.OwnReview),
    )
    def approve_version(self, request: HttpRequest, version: DocumentVersion, *, reason: str) -> HttpResponse:
        services.approve(version=version, reason=reason)
        return _back(request, version, "Approved; it can be published now.")

    @confirmed(
        description="Send back",
        consequence="It becomes a draft again, with your reason shown on it.",
        verb="document.version_return",
        permission="publish",
        button="Send back",
        icon="undo",
        refusals=(services.WrongPublication,),
    )
    def return_version(self, request: HttpRequest, version: DocumentVersion, *, reason: str) -> HttpResponse:
        services.return_to_draft(version=version, reason=reason)
        return _back(request, version, "Sent back to draft.")

    @confirmed(
        description="Publish or schedule",
        consequence="From its first day on, at midnight in the company's time zone, answers come from it. An earlier "
        "version for the same people ends the day before.",
        verb="document.version_publish",
        permission="publish",
        button="Publish",
        icon="publish",
        form_class=PublishForm,
        refusals=_REFUSALS,
    )
    def publish_version(
        self, request: HttpRequest, version: DocumentVersion, *, reason: str, **terms: Any
    ) -> HttpResponse:
        placement = services.publish_version(version=version, reason=reason, **_terms(terms))
        return _back(request, version, f"Version {version.number} is published. {placement}")

    @confirmed(
        description="Change days",
        consequence="What a published version had ended early lasts again as it was meant to, up to the new first day.",
        verb="document.version_window",
        permission="publish",
        button="Change",
        icon="event",
        form_class=WindowForm,
        refusals=_REFUSALS,
    )
    def change_days(self, request: HttpRequest, version: DocumentVersion, *, reason: str, **terms: Any) -> HttpResponse:
        placement = services.change_window(version=version, reason=reason, **_terms(terms))
        return _back(request, version, f"Version {version.number} was changed. {placement}")

    @confirmed(
        description="Withdraw",
        consequence="No answer cites it from now on, for whatever day is asked, and employees cannot open it. One that "
        "has not begun gives its days back to the version before; after one in force nothing comes back by itself.",
        verb="document.version_withdraw",
        permission="publish",
        button="Withdraw",
        icon="block",
        danger=True,
        refusals=(services.WrongPublication,),
    )
    def withdraw_version(self, request: HttpRequest, version: DocumentVersion, *, reason: str) -> HttpResponse:
        longer = services.withdraw_version(version=version, reason=reason)
        said = "".join(f" Version {number} lasts longer again." for number in longer)
        return _back(request, version, f"Version {version.number} is withdrawn.{said}")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        version = self.get_object(request, object_id)
        if version is None or not self.has_view_permission(request, version):
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        page = reverse("admin:documents_document_change", args=(version.document_id,))
        return HttpResponseRedirect(f"{page}?{urlencode({'version': version.number})}#preview")

    def page_after_action(self, version: DocumentVersion) -> str:
        """Where a confirmed action of one version leads, also when it was refused."""
        return _document_page(version)


def buttons_of(version: DocumentVersion) -> tuple[str, ...]:
    """The actions that a version's state allows, by the names of their methods above."""
    if version.publication == Publication.WITHDRAWN:
        return ()
    if version.publication == Publication.PUBLISHED:
        return ("change_days", "withdraw_version")
    is_ready = version.state == DocumentVersion.State.READY
    publish = ("publish_version",) if is_ready and _may_be_published(version) else ()
    if version.publication == Publication.DRAFT:
        return ("submit_version", *publish, "change_days", "withdraw_version")
    approve = () if version.reviewed_at else ("approve_version",)
    return (*approve, *publish, "return_version", "change_days", "withdraw_version")


def _may_be_published(version: DocumentVersion) -> bool:
    return version.reviewed_at is not None or not context.current_tenant().requires_review


def _terms(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "window": Window(given["effective_from"], given["effective_to"]),
        "applicability": Applicability(
            countries=frozenset(given["applies_countries"]),
            sites=frozenset(given["applies_sites"]),
            employment_types=frozenset(given["applies_employment_types"]),
        ),
    }


def _back(request: HttpRequest, version: DocumentVersion, said: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(_document_page(version))


def _document_page(version: DocumentVersion) -> str:
    page = reverse("admin:documents_document_change", args=(version.document_id,))
    return f"{page}?{urlencode({'version': version.number})}#ao-versions"
