"""What was read out of a version, page by page: the text with its headings, and the passages that are searched."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from audit import markup
from documents.admin import cells
from documents.models import Document, DocumentVersion, VersionText
from documents.services import originals

BLOCKS_PER_PAGE = 80
PASSAGES_PER_PAGE = 20
TABS = ("text", "passages")
# Sent by static/admin_own/console.js when it follows unfinished work.
REFRESH_HEADER = "X-Console-Refresh"


@dataclass(frozen=True)
class PreviewBlock:
    """One block of the parsed text. `starts_page` is set where a new page of the original begins."""

    kind: str
    level: int
    text: str
    starts_page: int | None


@dataclass(frozen=True)
class VersionRow:
    """One line of the list of versions."""

    version: DocumentVersion
    state: Any
    size: str
    received: Any
    advice: str
    is_serving: bool
    is_shown: bool
    next_step: str


def of_request(document: Document, request: HttpRequest) -> dict[str, Any]:
    """Template values for a document's page: its versions, and the asked-for tab of the asked-for version.

    Three queries for the text, four for passages; the text of one version is held in memory. Text that is shown is
    recorded as read. A refresh by the page's script replaces the list of versions only, so it gets no text.
    """
    versions = list(document.versions.order_by("-number"))
    wanted = request.GET.get("version", "")
    shown = next((version for version in versions if str(version.number) == wanted), versions[0] if versions else None)
    tab = request.GET.get("tab", TABS[0])
    tab = tab if tab in TABS else TABS[0]
    page = None if REFRESH_HEADER in request.headers else _page(shown, tab, request.GET.get("page", "1"))
    if shown is not None and page is not None and page.object_list:
        originals.record_reading(document=document, version=shown)
    return {
        "version_rows": [_row(version, document, shown) for version in versions],
        "shown_version": shown,
        "preview_tab": tab,
        "preview_page": page,
    }


def _row(version: DocumentVersion, document: Document, shown: DocumentVersion | None) -> VersionRow:
    return VersionRow(
        version=version,
        state=cells.state_cell(version),
        size=markup.file_size(version.size_bytes),
        received=markup.when(version.received_at),
        advice=cells.advice(version) if version.error_code else "",
        is_serving=version.pk == document.serving_version_id,
        is_shown=version == shown,
        next_step=cells.next_step(version),
    )


def _page(version: DocumentVersion | None, tab: str, number: str) -> Page[Any] | None:
    if version is None:
        return None
    if tab == "passages":
        # The passages belong to the layer above and are reached by the foreign key's reverse name, not by an import.
        passages = version.chunks.filter(generation__state="live").defer("embed_text").order_by("ordinal")
        return Paginator(passages, PASSAGES_PER_PAGE).get_page(number)
    parsed = VersionText.objects.filter(version=version).first()
    if parsed is None:
        return None
    page = Paginator(parsed.blocks, BLOCKS_PER_PAGE).get_page(number)
    page.object_list = _blocks(parsed, first=page.start_index() - 1, count=len(page.object_list))
    return page


def _blocks(parsed: VersionText, *, first: int, count: int) -> list[PreviewBlock]:
    shown, before = [], parsed.blocks[first - 1]["page"] if first > 0 else None
    for block in parsed.blocks[first : first + count] if count else []:
        page = block["page"]
        shown.append(
            PreviewBlock(
                kind=block["kind"],
                level=min(max(block["level"], 1), 6),
                text=parsed.text[block["start"] : block["end"]],
                starts_page=page if page is not None and page != before else None,
            )
        )
        before = page
    return shown
