"""What a parsed document is made of."""

from collections.abc import Iterable
from dataclasses import dataclass

HEADING = "heading"
PARAGRAPH = "paragraph"
LIST_ITEM = "list_item"
TABLE = "table"
CODE = "code"
KINDS = frozenset({HEADING, PARAGRAPH, LIST_ITEM, TABLE, CODE})

# Things found in a file that a reader of the original would not see, or that we did not read. Stored with the version.
FLAG_HIDDEN_TEXT = "hidden_text"  # invisible, white, tiny or off-page text was dropped
FLAG_COMMENTS = "comments"  # reviewers' comments were dropped
FLAG_DELETED_REVISIONS = "deleted_revisions"  # tracked deletions were dropped
FLAG_INVISIBLE_CHARACTERS = "invisible_characters"  # Unicode tags or direction overrides were removed
FLAG_OCR_TEXT = "ocr_text"  # the text is the recognition layer of a scan and may contain reading errors
FLAG_PAGES_WITHOUT_TEXT = "pages_without_text"  # some pages are pictures; what they show cannot be found
FLAG_ATTACHMENTS = "attachments"  # files inside the file were not read
FLAG_DAMAGED_PAGES = "damaged_pages"  # some pages could not be read


@dataclass(frozen=True)
class Block:
    """One heading, paragraph, list item, table or code sample, in reading order.

    ``page`` counts from 1 and exists for PDF only. ``heading_path`` holds the enclosing headings from the outside in; a
    heading's own text is its last element. ``level`` is 1 to 6 for a heading, else 0. A table has one row per line.
    """

    kind: str
    text: str
    page: int | None
    heading_path: tuple[str, ...]
    level: int


@dataclass(frozen=True)
class Parsed:
    """A document that was read. ``page_count`` exists for PDF only."""

    title: str | None
    blocks: tuple[Block, ...]
    page_count: int | None
    flags: tuple[str, ...]
    media_type: str


@dataclass(frozen=True)
class Piece:
    """A block before its heading path is known; this is what crosses from the child to us."""

    kind: str
    text: str
    page: int | None = None
    level: int = 0


@dataclass(frozen=True)
class Extract:
    """What one format's parser returns inside the child."""

    title: str | None
    pieces: tuple[Piece, ...]
    page_count: int | None
    flags: tuple[str, ...]


def with_heading_paths(pieces: Iterable[Piece]) -> tuple[Block, ...]:
    """Give every piece the titles of the headings above it.

    A heading closes all headings of its own level and below, also where a document skips levels (h1, then h4).
    """
    open_headings: list[tuple[int, str]] = []
    blocks = []
    for piece in pieces:
        if piece.kind == HEADING:
            while open_headings and open_headings[-1][0] >= piece.level:
                open_headings.pop()
            open_headings.append((piece.level, piece.text))
        path = tuple(text for _, text in open_headings)
        blocks.append(Block(kind=piece.kind, text=piece.text, page=piece.page, heading_path=path, level=piece.level))
    return tuple(blocks)
