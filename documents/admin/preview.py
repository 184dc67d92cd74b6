"""What was read out of a version, page by page: the text with its headings, and the passages that are searched."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from audit import markup
from documents import rights
from documents.admin import cells, versions
from documents.models import Document, DocumentVersion, VersionText
from tenants import context

BLOCKS_PER_PAGE = 80
PASSAGES_PER_PAGE = 20
_BUTTONS = {
    "submit_version": "Submit for review",
    "approve_version": "Approve",
    "return_version": "Send back",
    "publish_version": "Publish or schedule",
    "change_days": "Change days",
    "withdraw_version": "Withdraw",
}
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
    is_in_force: bool
    is_shown: bool
    next_step: str
    publication: Any
    people: str
    note: str
    buttons: tuple[tuple[str, str], ...]


def of_request(document: Document, request: HttpRequest, *, with_text: bool) -> dict[str, Any]:
    """Template values for a document's page: its versions, and the asked-for tab of the asked-for version.

    Three queries for the text, four for passages; the text of one version is held in memory. A refresh by the page's
    script replaces the list of versions only, so it gets no text. The caller records what it shows.
    """
    rows = list(document.versions.order_by("-number"))  # type: ignore[attr-defined]
    in_force = set(document.versions.in_force_on(context.local_today()).values_list("pk", flat=True))  # type: ignore[attr-defined]
    wanted = request.GET.get("version", "")
    shown = next((version for version in rows if str(version.number) == wanted), rows[0] if rows else None)
    tab = request.GET.get("tab", TABS[0])
    tab = tab if tab in TABS else TABS[0]
    page = _page(shown, tab, request.GET.get("page", "1")) if with_text else None
    return {
        "version_rows": [_row(version, shown, is_in_force=version.pk in in_force) for version in rows],
        "shown_version": shown,
        "preview_tab": tab,
        "preview_page": page,
    }


def _row(version: DocumentVersion, shown: DocumentVersion | None, *, is_in_force: bool) -> VersionRow:
    return VersionRow(
        version=version,
        state=cells.state_cell(version),
        size=markup.file_size(version.size_bytes),
        received=markup.when(version.received_at),
        advice=cells.advice(version) if version.error_code else "",
        is_in_force=is_in_force,
        is_shown=version == shown,
        next_step=cells.next_step(version),
        publication=cells.publication_cell(version, today=context.local_today()),
        people=rights.people_of(rights.applicability_of(version)),
        note=version.publication_note,
        buttons=tuple((name, _BUTTONS[name]) for name in versions.buttons_of(version)),
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
