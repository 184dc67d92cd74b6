"""Reading: a cited passage in its document, a whole document, and its original file."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from documents.models import Document, DocumentVersion, VersionText
from documents.services import StorageUnavailable, originals
from hr.access import Scope
from hr.pages import employee_page
from retrieval import reading
from retrieval.models import Citation, Query
from retrieval.views import shown


@require_safe
@employee_page
def passage(request: HttpRequest, query_id: UUID, n: int) -> HttpResponse:
    """The passage behind number `n` of an own answer, marked where it stands in its document."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    query = Query.objects.owned_by(scope).filter(pk=query_id).first()
    citation = Citation.objects.filter(query=query, n=n).first() if query else None
    if query is None or citation is None:
        raise Http404
    version = _readable_version(scope, version_id=citation.version_id)
    page = _pages_of(request, version, cited=reading.Span(citation.start, citation.end))
    page |= {"citation": citation, "headings": shown.headings_of(citation=citation), "query": query}
    return render(request, "retrieval/document.html", page)


@require_safe
@employee_page
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """A document as it is in force."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    serving = Document.objects.visible_to(scope).filter(pk=document_id).values_list("serving_version_id", flat=True)
    version_id = serving.first()
    if version_id is None:
        raise Http404
    version = _readable_version(scope, version_id=version_id)
    return render(request, "retrieval/document.html", _pages_of(request, version, cited=None))


@require_safe
@employee_page
def original(request: HttpRequest, version_id: UUID) -> HttpResponseBase:
    """The file as it was uploaded, always as an attachment; recorded before the first byte."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    version = _readable_version(scope, version_id=version_id)
    try:
        stored = originals.open_original(version=version)
    except originals.OriginalMissing:
        raise Http404 from None
    except StorageUnavailable:
        response = render(request, "errors/503.html", status=503)
        response["Retry-After"] = "30"
        return response
    download = FileResponse(
        stored,
        as_attachment=True,
        filename=version.original_name,  # Django writes both forms of RFC 6266
        content_type=version.media_type or "application/octet-stream",
    )
    download["Content-Length"] = str(version.size_bytes)
    download["X-Content-Type-Options"] = "nosniff"
    # A download runs no script and loads nothing, even when a browser is talked into showing it.
    download["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return download


def _readable_version(scope: Scope, *, version_id: UUID) -> DocumentVersion:
    """A ready version of a document that this person may read now; everything else is the same 404."""
    ready = DocumentVersion.objects.visible_to(scope).filter(state=DocumentVersion.State.READY)
    version = ready.select_related("document__serving_version").filter(pk=version_id).first()
    if version is None:
        raise Http404
    return version


def _pages_of(request: HttpRequest, version: DocumentVersion, *, cited: reading.Span | None) -> dict[str, Any]:
    """What the template needs of a version's text: one part of it, by `?part=` or where the passage stands."""
    parsed = VersionText.objects.filter(version=version).first()
    if parsed is None:
        raise Http404
    parts = reading.cut_into_parts(blocks=parsed.blocks)
    home = reading.part_with(parts=parts, blocks=parsed.blocks, position=cited.start) if cited else 0
    number = _part_number(request, count=len(parts), default=home)
    part = parts[number]
    serving = version.document.serving_version
    originals.record_reading(document=version.document, version=version)
    return {
        "document": version.document,
        "version": version,
        "elements": reading.lay_out(
            text=parsed.text, blocks=parsed.blocks[part.first : part.last], cited=cited, title=version.document.title
        ),
        "part": number + 1,
        "part_count": len(parts),
        "home_part": home + 1,
        "newer": serving if serving is not None and serving.number > version.number else None,
        "is_in_force": serving is not None and serving.pk == version.pk,
    }


def _part_number(request: HttpRequest, *, count: int, default: int) -> int:
    asked = request.GET.get("part", "")
    if not asked.isascii() or not asked.isdigit() or len(asked) > 6:
        return default
    return min(max(int(asked), 1), count) - 1
