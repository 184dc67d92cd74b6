"""Access patterns: who was shown which document, and what is unusual about it. People are numbers until asked why."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from audit import describing, markup, reasons
from audit import services as audit
from audit.admin.filters import ActorFilter, DocumentFilter, PersonFilter
from audit.console import ReadOnlyAdmin
from audit.describing import Described
from documents import patterns
from documents.models import DocumentAccess
from documents.patterns import Pattern, Shown
from hr import access
from tenants import context
from tenants.console import CompanyOnly

ROWS = 25
# The strip's own units; the page scales it to its width.
_CELL, _GAP, _HEIGHT = 10, 2, 22


@dataclass(frozen=True)
class Cell:
    """One day of a strip: how dark, and what it says."""

    x: float
    shade: float
    title: str
    is_recent: bool


@dataclass(frozen=True)
class PatternRow:
    """One line of the page."""

    pattern: Pattern
    told: Described
    label: str
    url: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ShownRow:
    """One line of what a person was shown, or of who was shown a document."""

    shown: Shown
    told: Described
    how: str
    when: SafeString | str


class _AccessPerson(PersonFilter):
    """By who was shown it; the row's document is no person."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        key = self.key()
        return queryset.none() if key is None else queryset.filter(actor=f"employee:{key}")


class _AccessDocument(DocumentFilter):
    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        key = self.key()
        return queryset.none() if key is None else queryset.filter(document_id=key)


@admin.register(DocumentAccess)
class DocumentAccessAdmin(CompanyOnly, ReadOnlyAdmin):
    """The rows themselves, and the page that compares them."""

    show_full_result_count = False
    list_per_page = list_max_show_all = 100
    empty_text = "Who was shown which passage is listed here from the first question on."
    list_display = ["at_utc", "who", "how_shown", "what"]
    list_display_links = None
    list_filter = [_AccessPerson, ActorFilter, _AccessDocument, "how", ("at", RangeDateTimeFilter)]
    list_filter_sheet = True
    list_before_template = "admin/documents/documentaccess/before_list.html"
    ordering = ["-at", "-pk"]

    def _may(self, request: HttpRequest) -> bool:
        # On the platform's host there is no table of employees to ask.
        reader = getattr(request.user, "employee", None) if self.belongs_here() else None
        return reader is not None and access.may_manage_documents(reader)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    @display(description="At (UTC)", ordering="at")
    def at_utc(self, row: DocumentAccess) -> str:
        return f"{row.at:%Y-%m-%d %H:%M:%S}"

    @display(description="Who", ordering="actor")
    def who(self, row: Any) -> str:
        return str(row.who.text)

    @display(description="How", ordering="how")
    def how_shown(self, row: DocumentAccess) -> str:
        return row.get_how_display()

    @display(description="Document")
    def what(self, row: Any) -> SafeString | str:
        return markup.link(row.what.text, row.what.url) if row.what.url else str(row.what.text)

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.patterns_view)
        return [path("patterns/", page, name="documents_documentaccess_patterns"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A row says nothing that the list does not."""
        if not self.has_view_permission(request) or request.method == "POST":
            raise PermissionDenied
        return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, {**(extra_context or {}), **_head(request)})
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            changelist = response.context_data["cl"]  # type: ignore[index]
            changelist.result_list = list(changelist.result_list)
            labels = {row.actor for row in changelist.result_list}
            labels |= {f"document:{row.document_id}" for row in changelist.result_list}
            known = _known(labels, request)
            for row in changelist.result_list:
                row.who = _told(row.actor, known)
                row.what = _told(f"document:{row.document_id}", known)
            _record_look(request, rows=len(changelist.result_list))
        return response

    def patterns_view(self, request: HttpRequest) -> HttpResponse:
        """People and documents with their last 35 days, unusual ones first; `?actor=` or `?document=` looks closer."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = context.local_today()
        people = patterns.patterns(by="actor", today=today, most=ROWS)
        documents = patterns.patterns(by="document_id", today=today, most=ROWS)
        closer_by, closer_key = _closer(request)
        closer = patterns.shown_lately(by=closer_by, key=closer_key, today=today, most=100) if closer_key else ()
        other = "document:" if closer_by == "actor" else ""
        about = f"{'' if closer_by == 'actor' else 'document:'}{closer_key}"
        labels = {*patterns.labels_of("actor", people), *patterns.labels_of("document_id", documents), about}
        known = _known(labels | {f"{other}{row.key}" for row in closer}, request)
        page = reverse("admin:documents_documentaccess_patterns")
        _record_look(request, rows=len(people) + len(documents) + len(closer), target=about if closer_key else "")
        values = {
            **self.admin_site.each_context(request),
            **_head(request),
            "title": "Access patterns",
            "media": self.media,
            **strip_values(),
            "people": pattern_rows(by="actor", found=people, known=known, today=today, page=page),
            "documents": pattern_rows(by="document_id", found=documents, known=known, today=today, page=page),
            "closer": [_shown_row(row, f"{other}{row.key}", known) for row in closer],
            "closer_about": _told(about, known) if closer_key else None,
            "closer_by": closer_by,
            "closer_url": _rows_url(closer_by, closer_key),
            "unusual": sum(one.is_unusual for one in (*people, *documents)),
        }
        return TemplateResponse(request, "admin/documents/documentaccess/patterns.html", values)


def _closer(request: HttpRequest) -> tuple[patterns.By, str]:
    """What is looked at closer; nothing when it is no pseudonym and no id."""
    actor = request.GET.get("actor", "")
    if actor and "\x00" not in actor and len(actor) <= 120:
        return "actor", actor
    try:
        return "document_id", str(UUID(request.GET.get("document", "")))
    except ValueError:
        return "actor", ""


def pattern_rows(
    *, by: patterns.By, found: tuple[Pattern, ...], known: dict[str, Described], today: date, page: str
) -> list[PatternRow]:
    """Lines of a table of patterns; each leads closer on `page`, nowhere when that is empty. No query."""
    rows = []
    for pattern in found:
        label = pattern.key if by == "actor" else f"document:{pattern.key}"
        query = urlencode({"actor" if by == "actor" else "document": pattern.key})
        rows.append(
            PatternRow(
                pattern=pattern,
                told=_told(label, known),
                label=label,
                url=f"{page}?{query}#closer" if page else "",
                cells=_cells(pattern, today),
            )
        )
    return rows


def strip_values() -> dict[str, Any]:
    """What the templates need to draw the strips of days."""
    return {
        "strip_width": patterns.ALL_DAYS * (_CELL + _GAP),
        "strip_height": _HEIGHT,
        "cell": _CELL,
        "recent_x": patterns.USUAL_DAYS * (_CELL + _GAP) - _GAP / 2,
        "recent_days": patterns.RECENT_DAYS,
        "usual_days": patterns.USUAL_DAYS,
    }


def _cells(pattern: Pattern, today: date) -> tuple[Cell, ...]:
    most = max(pattern.days, default=0) or 1
    return tuple(
        Cell(
            x=place * (_CELL + _GAP),
            # Something is always to be seen of a day on which there was anything.
            shade=round(0.15 + 0.85 * count / most, 2) if count else 0.0,
            title=f"{_day(today, place)}: {count}",
            is_recent=place >= patterns.USUAL_DAYS,
        )
        for place, count in enumerate(pattern.days)
    )


def _day(today: date, place: int) -> str:
    day = today - timedelta(days=patterns.ALL_DAYS - 1 - place)
    return f"{day:%a %d %b}"


def _shown_row(row: Shown, label: str, known: dict[str, Described]) -> ShownRow:
    how = DocumentAccess.How(row.how).label
    return ShownRow(shown=row, told=_told(label, known), how=how, when=markup.when(row.last_at))


def _rows_url(by: patterns.By, key: str) -> str:
    rows = reverse("admin:documents_documentaccess_changelist")
    return f"{rows}?{urlencode({'actor' if by == 'actor' else 'document': key})}"


def _known(labels: set[str], request: HttpRequest) -> dict[str, Described]:
    with_names = reasons.reading_of(request) is not None
    return describing.describe(labels=labels, user=request.user, with_names=with_names)


def _told(label: str, known: dict[str, Described]) -> Described:
    return known.get(label) or Described(describing.plain(label, is_actor=True))


def _head(request: HttpRequest) -> dict[str, Any]:
    return {
        "reading": reasons.reading_of(request),
        "change_reason": f"{reasons.reason_url()}?{urlencode({'next': request.get_full_path()})}",
        "patterns_url": reverse("admin:documents_documentaccess_patterns"),
        "rows_url": reverse("admin:documents_documentaccess_changelist"),
    }


def _record_look(request: HttpRequest, *, rows: int, target: str = "") -> None:
    reading = reasons.reading_of(request)
    audit.record_read(
        verb="access.read",
        target=target,
        reason=reading.reason if reading else "",
        details={"rows": rows, "names": reading is not None},
    )
