"""Every upload with its processing: the list to look at when something does not get ready."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import markup
from audit.actions import confirmed
from audit.console import ReadOnlyAdmin
from documents import services
from documents.admin import cells
from documents.models import DocumentVersion
from hr import access
from tenants.console import CompanyOnly


@admin.register(DocumentVersion)
class DocumentVersionAdmin(CompanyOnly, ReadOnlyAdmin):
    """Versions in the order of their upload. A row leads to the version on its document's page."""

    list_display = ["state_now", "name", "version", "problem", "next_step", "content", "received"]
    list_display_links = ["name"]
    list_filter = ["state", "error_code", "received_at"]
    list_select_related = ["document"]
    search_fields = ["document__title", "original_name", "=sha256"]
    ordering = ["-received_at", "pk"]
    actions = ["retry_versions"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return DocumentVersion.objects.visible_to(access.scope_of(request.user.employee))  # type: ignore[union-attr]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return self.belongs_here() and request.user.has_perm("documents.change_documentversion")

    @display(description="State", ordering="state")
    def state_now(self, version: DocumentVersion) -> SafeString | str:
        return cells.state_cell(version)

    @display(description="File", ordering="original_name")
    def name(self, version: DocumentVersion) -> SafeString:
        return cells.name_cell(version.original_name)

    @display(description="Document", ordering="document__title")
    def version(self, version: DocumentVersion) -> SafeString:
        return cells.name_cell(version.document.title, suffix=f", version {version.number}")

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

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        version = self.get_object(request, object_id)
        if version is None or not self.has_view_permission(request, version):
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        page = reverse("admin:documents_document_change", args=(version.document_id,))
        return HttpResponseRedirect(f"{page}?{urlencode({'version': version.number})}#preview")
