"""Reading: a cited passage in its document, a whole document, and its original file."""

from datetime import date
from typing import Any, cast
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from documents import rights
from documents.models import DocumentVersion, VersionText
from documents.querysets import DocumentVersionQuerySet
from documents.services import StorageUnavailable, originals, refusals
from documents.services.accesses import How
from documents.windows import Window
from hr.access import Scope
from hr.pages import employee_page
from retrieval import reading
from retrieval.models import Citation, Query
from retrieval.standing import standing_of
from retrieval.views import shown
from tenants import context


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
    page = _pages_of(request, version, cited=reading.Span(citation.start, citation.end), query_id=query.pk)
    page |= {"citation": citation, "headings": shown.headings_of(citation=citation), "query": query}
    return render(request, "retrieval/document.html", page)


@require_safe
@employee_page
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """A document as it is in force for this person, or another of its versions that they may open (`?version=`)."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    open_to_them = _versions_of(document_id, scope=scope)
    current = _current(open_to_them, scope=scope)
    version = _asked_version(request, open_to_them) or current
    if current is None or version is None:
        refusals.record_refused_document(scope=scope, document_id=document_id)
        raise Http404
    page = _pages_of(request, version, cited=None)
    page |= {"other_versions": [_described(other) for other in open_to_them if other.pk != version.pk]}
    return render(request, "retrieval/document.html", page)


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


def _open_versions(scope: Scope) -> DocumentVersionQuerySet:
    opened = DocumentVersion.objects.open_to(scope, today=context.local_today())
    return cast(DocumentVersionQuerySet, opened.select_related("document__serving_version"))


def _versions_of(document_id: UUID, *, scope: Scope) -> list[DocumentVersion]:
    """What this person may open of it, newest first; to HR and the owner also what applies to others only."""
    return list(_open_versions(scope).filter(document=document_id).order_by("-number"))


def _readable_version(scope: Scope, *, version_id: UUID) -> DocumentVersion:
    """A version that this person may open now; everything else is the same 404."""
    version: DocumentVersion | None = _open_versions(scope).filter(pk=version_id).first()
    if version is None:
        refusals.record_refused_version(scope=scope, version_id=version_id)
        raise Http404
    return version


def _current(versions: list[DocumentVersion], *, scope: Scope) -> DocumentVersion | None:
    """The newest that is in force today; HR and the owner also see a document that has none, as it stands."""
    today = context.local_today()
    in_force = [version for version in versions if _is_in_force(version, today)]
    if in_force or not scope.reads_confidential:
        return next(iter(in_force), None)
    standing = (version for version in versions if version.pk == version.document.serving_version_id)
    return next(standing, None)


def _asked_version(request: HttpRequest, versions: list[DocumentVersion]) -> DocumentVersion | None:
    """The version whose number is asked for.

    :raises Http404: when it is not one that they may open.
    """
    asked = request.GET.get("version", "")
    if not asked:
        return None
    found = next((version for version in versions if str(version.number) == asked), None)
    if found is None:
        raise Http404
    return found


def _is_in_force(version: DocumentVersion, today: date) -> bool:
    is_published = version.publication == DocumentVersion.Publication.PUBLISHED
    return is_published and Window(version.effective_from, version.effective_to).holds(today)


def _described(version: DocumentVersion) -> dict[str, Any]:
    """A version in the list of a document's versions."""
    people = rights.people_of(rights.applicability_of(version))
    return {
        "number": version.number,
        "standing": standing_of(version=version, today=context.local_today()) or "in force",
        "people": "" if people == "everybody" else people,
    }


def _pages_of(
    request: HttpRequest, version: DocumentVersion, *, cited: reading.Span | None, query_id: UUID | None = None
) -> dict[str, Any]:
    """What the template needs of a version's text: one part of it, by `?part=` or where the passage stands."""
    parsed = VersionText.objects.filter(version=version).first()
    if parsed is None:
        raise Http404
    parts = reading.cut_into_parts(blocks=parsed.blocks)
    home = reading.part_with(parts=parts, blocks=parsed.blocks, position=cited.start) if cited else 0
    number = _part_number(request, count=len(parts), default=home)
    part = parts[number]
    scope: Scope = request.scope  # type: ignore[attr-defined]
    today = context.local_today()
    newer = _current(_versions_of(version.document_id, scope=scope), scope=scope)
    originals.record_reading(
        document=version.document, version=version, how=How.PASSAGE if query_id else How.PAGE, query_id=query_id
    )
    people = rights.people_of(rights.applicability_of(version))
    return {
        "document": version.document,
        "version": version,
        "elements": reading.lay_out(
            text=parsed.text, blocks=parsed.blocks[part.first : part.last], cited=cited, title=version.document.title
        ),
        "part": number + 1,
        "part_count": len(parts),
        "home_part": home + 1,
        "newer": newer if newer is not None and newer.number > version.number else None,
        "is_in_force": _is_in_force(version, today),
        "standing": standing_of(version=version, today=today),
        "people": "" if people == "everybody" else people,
        "asked_version": request.GET.get("version", ""),
    }


def _part_number(request: HttpRequest, *, count: int, default: int) -> int:
    asked = request.GET.get("part", "")
    if not asked.isascii() or not asked.isdigit() or len(asked) > 6:
        return default
    return min(max(int(asked), 1), count) - 1
