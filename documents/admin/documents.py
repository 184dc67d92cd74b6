"""The documents' console: list, page, upload, preview. Every change is one call to documents.services."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import markup
from audit import services as audit
from audit.actions import confirmed, page_action
from audit.console import ConsoleAdmin, audit_url
from audit.paging import KeysFirst
from documents import caring, rights, services
from documents.admin import cells, explaining, preview, uploading
from documents.admin.filters import NewestPublicationFilter, NewestStateFilter, ReadersFilter
from documents.admin.forms import DocumentForm
from documents.models import Document, DocumentVersion
from documents.services import originals
from hr import access
from tenants import context
from tenants.console import CompanyOnly

_TROUBLE = (DocumentVersion.State.REJECTED, DocumentVersion.State.FAILED)


@admin.register(Document)
class DocumentAdmin(CompanyOnly, ConsoleAdmin):
    """The company's documents. Status first; the newest version speaks for the document."""

    empty_text = "Upload policies and handbooks: people can ask about them a minute later."
    list_display = ["state", "title_link", "in_force", "problem", "next_step", "content", "readers", "uploaded"]
    list_display_links = ["title_link"]
    list_filter = [NewestStateFilter, NewestPublicationFilter, ReadersFilter, "created_at"]
    paginator = KeysFirst
    show_full_result_count = False
    search_fields = ["title", "external_id"]  # and file names; see get_search_results
    search_help_text = "Title, external id or file name"
    ordering = ["-created_at", "pk"]
    actions = ["retry_documents", "delete_documents"]
    actions_list = ["upload_documents"]
    actions_detail = ["who_can_read", "download", "upload_version", "retry_documents", "delete_documents"]
    show_add_link = False
    form = DocumentForm
    autocomplete_fields = ["subject", "owner"]
    readonly_fields = ["state", "answers_from", "readers_in_words", "external_id", "uploaded", "audit_trail"]
    fieldsets = [
        (None, {"fields": ["title", ("owner", "review_due_date")]}),
        (
            "Who may read it",
            {
                "fields": [
                    "readers_in_words",
                    "is_confidential",
                    ("audience_roles", "audience_departments"),
                    ("audience_countries", "audience_sites"),
                    ("audience_employment_types", "audience_people"),
                    "subject",
                    "reason",
                ]
            },
        ),
        ("Facts", {"fields": ["state", "answers_from", "external_id", "uploaded", "audit_trail"]}),
    ]
    change_form_outer_after_template = "admin/documents/document/versions_and_preview.html"

    # --- which rows -----------------------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> Any:
        """Visible documents with their newest version: two queries, however many rows."""
        scope = access.scope_of(request.user.employee)  # type: ignore[union-attr]
        newest = DocumentVersion.objects.filter(document=OuterRef("pk")).order_by("-number")
        in_force = DocumentVersion.objects.in_force_on(context.local_today()).filter(document=OuterRef("pk"))
        one_each = DocumentVersion.objects.order_by("document_id", "-number").distinct("document_id")
        return (
            Document.objects.visible_to(scope)
            .annotate(
                newest_state=Subquery(newest.values("state")[:1]),
                newest_size=Subquery(newest.values("size_bytes")[:1]),
                in_force_since=Subquery(in_force.values("effective_from")[:1]),
                newest_publication=Subquery(newest.values("publication")[:1]),
            )
            .prefetch_related(Prefetch("versions", queryset=one_each, to_attr="newest_versions"))
        )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By title and external id, or by the name of a file; not by a join, which would make every row many times."""
        found, is_repeated = super().get_search_results(request, queryset, search_term)
        if not search_term.strip():
            return found, is_repeated
        named = DocumentVersion.objects.filter(original_name__icontains=search_term.strip())
        return found | queryset.filter(pk__in=named.values("document")), is_repeated

    # --- columns --------------------------------------------------------------------------------------------------
    @display(description="State", ordering="newest_state")
    def state(self, document: Document) -> SafeString | str:
        return cells.state_cell(newest(document))

    @display(description="Title", ordering="title")
    def title_link(self, document: Document) -> SafeString:
        return cells.name_cell(document.title)

    @display(description="Last error")
    def problem(self, document: Document) -> SafeString | str:
        return cells.problem_cell(newest(document))

    @display(description="Next")
    def next_step(self, document: Document) -> str:
        return cells.next_step(newest(document))

    @display(description="Content", ordering="newest_size")
    def content(self, document: Document) -> SafeString | str:
        return cells.content_cell(newest(document))

    @display(description="In force")
    def in_force(self, document: Document) -> SafeString | str:
        since = document.in_force_since  # type: ignore[attr-defined]  # annotated by get_queryset
        return cells.in_force_cell(newest(document), in_force_since=since, today=context.local_today())

    @display(description="Readers", ordering="is_confidential")
    def readers(self, document: Document) -> SafeString | str:
        return cells.readers_cell(document)

    @display(description="Now")
    def readers_in_words(self, document: Document) -> SafeString:
        page = reverse("admin:documents_document_access", args=(document.pk,))
        said = rights.readers_of(rights.audience_of(document))
        return format_html("{}. {}", said[:1].upper() + said[1:], markup.link("Who can read this?", page))

    @display(description="Uploaded", ordering="created_at")
    def uploaded(self, document: Document) -> SafeString | str:
        return markup.when(document.created_at)

    @display(description="Answers come from")
    def answers_from(self, document: Document) -> str:
        in_force = document.versions.in_force_on(context.local_today()).order_by("number")  # type: ignore[attr-defined]
        numbers = [str(version.number) for version in in_force]
        if not numbers:
            return "nothing: no version is in force today"
        return f"version{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"

    @display(description="Audit log")
    def audit_trail(self, document: Document) -> SafeString:
        return markup.link("What was done to this document", audit_url(self.audit_target(document)))

    # --- actions --------------------------------------------------------------------------------------------------
    @confirmed(
        description="Delete",
        consequence="From now on nobody sees them and no answer comes from them; files, text and index entries are "
        "removed within moments. This cannot be undone.",
        verb="document.delete",
        permission="delete",
        button="Delete",
        done="Deleted",
        icon="delete",
        danger=True,
    )
    def delete_documents(self, request: HttpRequest, document: Document, *, reason: str) -> None:
        services.delete_document(document=document, reason=reason)

    @confirmed(
        description="Retry",
        consequence="The newest version is processed again from the start.",
        verb="document.retry",
        button="Retry",
        done="Waiting to be processed again",
        icon="refresh",
        refusals=(services.NotRetryable,),
        available=lambda document: (version := newest(document)) is not None and version.state in _TROUBLE,
    )
    def retry_documents(self, request: HttpRequest, document: Document, *, reason: str) -> None:
        version = newest(document)
        if version is None:
            raise services.NotRetryable("there is no version to try again")
        services.retry_version(version=version, reason=reason)

    @page_action(
        description="Upload documents", icon="upload_file", url_path="upload-documents", permission="add", primary=True
    )
    def upload_documents(self, request: HttpRequest) -> HttpResponseBase:
        return HttpResponseRedirect(reverse("admin:documents_document_upload"))

    @page_action(description="Upload new version", icon="upload", url_path="new-version", permission="change")
    def upload_version(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        document = self.get_object(request, object_id)
        if document is None or not self.has_add_permission(request):
            raise Http404
        return uploading.upload(self, request, document=document)

    @page_action(description="Who can read this?", icon="group", url_path="who-can-read", permission="view")
    def who_can_read(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return HttpResponseRedirect(reverse("admin:documents_document_access", args=(object_id,)))

    @page_action(description="Download original", icon="download", url_path="download", permission="view")
    def download(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        document = self.get_object(request, object_id)
        version = newest(document) if document is not None else None
        if document is None or version is None:
            raise Http404
        return self.download_version(request, str(document.pk), version.pk)

    # --- pages ----------------------------------------------------------------------------------------------------
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("upload/", view(self.upload_view), name="documents_document_upload"),
            path("look-after/", view(self.look_after_view), name="documents_document_look_after"),
            path("<uuid:document_id>/access/", view(self.access_view), name="documents_document_access"),
            path(
                "<uuid:document_id>/versions/<uuid:version_id>/original/",
                view(self.download_version),
                name="documents_document_original",
            ),
            *super().get_urls(),
        ]

    def upload_view(self, request: HttpRequest) -> HttpResponseBase:
        return uploading.upload(self, request, document=None)

    def look_after_view(self, request: HttpRequest) -> HttpResponse:
        """What is due, ends, begins, waits, or has nobody."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        scope = access.scope_of(request.user.employee)  # type: ignore[union-attr]
        concerns = caring.concerns(scope=scope, today=context.local_today())
        audit.record_read(verb="documents.look_after", details={"documents": sum(len(one.items) for one in concerns)})
        values = {
            **self.admin_site.each_context(request),
            "title": "Documents to look after",
            "media": self.media,
            "concerns": concerns,
        }
        return TemplateResponse(request, "admin/documents/document/look_after.html", values)

    def access_view(self, request: HttpRequest, document_id: UUID) -> HttpResponse:
        """Who can read it, and why one person can or cannot."""
        document = self.get_object(request, str(document_id))
        if document is None or not self.has_view_permission(request, document):
            raise Http404
        return explaining.access_page(self, request, document)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:documents_document_upload"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        document = self.get_object(request, object_id)
        more = {}
        if document is not None and self.has_view_permission(request, document):
            if request.method == "GET" and preview.REFRESH_HEADER in request.headers:
                # The page's script follows unfinished work: it gets what changes and nothing that has to be recorded.
                values = {**preview.of_request(document, request, with_text=False), "original": document}
                return TemplateResponse(request, self.change_form_outer_after_template, values)
            more = preview.of_request(document, request, with_text=True)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """The document's page, after it was recorded that it is read; with the text of a version where there is one."""
        document = kwargs.get("obj")
        if document is not None:
            page = context.get("preview_page")
            version = context["shown_version"] if page is not None and page.object_list else None
            originals.record_preview(document=document, version=version)
        return super().render_change_form(request, context, **kwargs)

    def download_version(self, request: HttpRequest, document_id: str | UUID, version_id: UUID) -> HttpResponseBase:
        """The original as an attachment of unknown type, so that no browser opens it in our origin. Recorded."""
        document = self.get_object(request, str(document_id))
        if document is None or not self.has_view_permission(request, document):
            raise Http404
        version = document.versions.filter(pk=version_id).first()
        if version is None:
            raise Http404
        try:
            original = originals.open_original(version=version)
        except originals.OriginalMissing:
            raise Http404 from None
        except services.StorageUnavailable:
            messages.error(request, "The file store is down. Try again in a moment.")
            return HttpResponseRedirect(reverse("admin:documents_document_change", args=(document.pk,)))
        return FileResponse(
            original, as_attachment=True, filename=version.original_name, content_type="application/octet-stream"
        )

    # --- permissions and writes -----------------------------------------------------------------------------------
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.belongs_here() and request.user.has_perm("documents.delete_document")

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Django's own deletion page would delete rows only; ours asks for a reason and calls the service."""
        return HttpResponseRedirect(reverse("admin:documents_document_delete_documents", args=(object_id,)))

    def save_model(self, request: HttpRequest, obj: Document, form: Any, change: bool) -> None:
        given = form.cleaned_data
        services.change_document(
            document=obj,
            title=given["title"],
            audience=form.wanted_audience(),
            owner=given["owner"],
            review_due_date=given["review_due_date"],
            reason=given["reason"],
        )


def newest(document: Document) -> DocumentVersion | None:
    """The newest version, prefetched by the admin's querysets."""
    return next(iter(document.newest_versions), None)  # type: ignore[attr-defined]
