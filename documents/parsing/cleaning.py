"""One place that decides which characters enter the index."""

import re
import unicodedata
from itertools import takewhile

from documents.parsing import blocks, codes
from documents.parsing.limits import Limits

# C0 and C1 controls except tab, line feed and carriage return; NUL cannot be stored in PostgreSQL, the rest is never
# text. Lone surrogates and non-characters cannot be encoded or have no meaning outside one program.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Soft hyphen, zero-width space, word joiner, byte order mark: they split words that a reader sees whole.
_ZERO_WIDTH = re.compile("[\u00ad\u200b\u2060-\u2064\ufeff]")
# Unicode tags spell text nobody can see; direction overrides show one text and store another ("Trojan Source",
# CVE-2021-42574). Plain direction marks and joiners stay: Arabic, Hebrew, Persian and Hindi need them.
_DECEPTIVE = re.compile("[\U000e0000-\U000e007f\u202a-\u202e\u2066-\u2069]")
# One spelling for what Word, LaTeX and Markdown write differently, so that "don't" is found however it was typed, and
# ligatures, which only fonts need.
_TYPOGRAPHY = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201b": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
        "\ufb05": "st",
        "\ufb06": "st",
    }
)
_SPACED_ELLIPSIS = re.compile(r"\. \. \.(?: |$)")
_SPACES = re.compile(r"\s+")
_LINE_SPACES = re.compile(r"[^\S\n]+")
# Headings label every chunk below them, so one endless "heading" must not be repeated in all of them.
MAX_HEADING_CHARS = 300
# A bold line longer than this is an emphasised sentence.
_MAX_BOLD_HEADING_CHARS = 90
_BOLD_HEADING_LEVEL = 2
_MAX_COVER_HEADINGS = 3


class Collector:
    """Gathers the pieces of one document, cleans their text and keeps it within bounds."""

    def __init__(self, *, limits: Limits) -> None:
        self._max_chars = limits.max_text_chars
        self._chars = 0
        self._flags: set[str] = set()
        self._bold_alone: list[int] = []
        self.pieces: list[blocks.Piece] = []

    def flag(self, name: str) -> None:
        self._flags.add(name)

    @property
    def flags(self) -> tuple[str, ...]:
        return tuple(sorted(self._flags))

    def clean(self, text: str) -> str:
        """One line of visible text, composed (NFC), single spaces."""
        return _SPACED_ELLIPSIS.sub("...", _SPACES.sub(" ", self._visible(text)).strip())

    def clean_lines(self, text: str) -> str:
        """Visible text that keeps its lines and their indentation, for code."""
        lines = self._visible(text).replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n")
        return "\n".join(line.rstrip() for line in lines).strip("\n")

    def heading(self, text: str, *, level: int, page: int | None = None) -> None:
        cleaned = self.clean(text)
        if len(cleaned) > MAX_HEADING_CHARS:
            self._add(blocks.PARAGRAPH, cleaned, page=page)
        else:
            self._add(blocks.HEADING, cleaned, page=page, level=min(max(level, 1), 6))

    def paragraph(self, text: str, *, page: int | None = None) -> None:
        self._add_prose(blocks.PARAGRAPH, text, page=page)

    def list_item(self, text: str, *, page: int | None = None) -> None:
        self._add_prose(blocks.LIST_ITEM, text, page=page)

    def code(self, text: str) -> None:
        self._add(blocks.CODE, self.clean_lines(text))

    def table(self, lines: list[str], *, page: int | None = None) -> None:
        """A table whose rows are already lines; see ``tables.render``."""
        cleaned = (_LINE_SPACES.sub(" ", line).strip() for line in lines)
        self._add(blocks.TABLE, "\n".join(line for line in cleaned if line), page=page)

    def _visible(self, text: str) -> str:
        text, deceptive = _DECEPTIVE.subn("", text)
        if deceptive:
            self.flag(blocks.FLAG_INVISIBLE_CHARACTERS)
        text = _CONTROLS.sub("", _ZERO_WIDTH.sub("", text)).translate(_TYPOGRAPHY)
        return unicodedata.normalize("NFC", text)

    def _add_prose(self, kind: str, text: str, *, page: int | None) -> None:
        cleaned = self.clean(text)
        if any(map(str.isalnum, cleaned)):  # not rows of dots, underscores and ornaments
            self._add(kind, cleaned, page=page)

    def _add(self, kind: str, text: str, *, page: int | None = None, level: int = 0) -> None:
        if not text:
            return
        self._chars += len(text)
        if self._chars > self._max_chars:
            raise codes.Rejected(code=codes.TOO_LARGE, detail=f"more than {self._max_chars} characters of text")
        self.pieces.append(blocks.Piece(kind=kind, text=text, page=page, level=level))

    def finish(self, *, title: str | None, page_count: int | None = None) -> blocks.Extract:
        """The document as collected, with the paragraphs that stand in for headings made into headings."""
        if self._bold_alone and not any(piece.kind == blocks.HEADING for piece in self.pieces):
            for index in self._bold_alone:
                piece = self.pieces[index]
                self.pieces[index] = blocks.Piece(
                    blocks.HEADING, piece.text, page=piece.page, level=_BOLD_HEADING_LEVEL
                )
        title = self.clean(title)[:MAX_HEADING_CHARS] if title else None
        return blocks.Extract(
            title=title or self._first_heading(), pieces=tuple(self.pieces), page_count=page_count, flags=self.flags
        )

    def bold_paragraph(self, text: str) -> None:
        """A paragraph that is bold from end to end: the heading of authors who do not use heading styles."""
        before = len(self.pieces)
        self.paragraph(text)
        if len(self.pieces) > before and _could_be_heading(self.pieces[-1].text):
            self._bold_alone.append(before)

    def _first_heading(self) -> str | None:
        """The heading the document opens with, or the only one of level 1.

        A cover page spreads a title over several headings, so those that share the first page with nothing else join.
        """
        opening = list(takewhile(lambda piece: piece.kind == blocks.HEADING, self.pieces))
        cover = [piece for piece in self.pieces if piece.page is not None and piece.page == self.pieces[0].page]
        if 1 < len(cover) <= _MAX_COVER_HEADINGS and cover == opening[: len(cover)]:
            return " ".join(piece.text for piece in cover)
        if opening:
            return opening[0].text
        top = [piece.text for piece in self.pieces if piece.kind == blocks.HEADING and piece.level == 1]
        return top[0] if len(top) == 1 and len(top[0]) > 2 else None


def _could_be_heading(text: str) -> bool:
    return (
        len(text) <= _MAX_BOLD_HEADING_CHARS and not text.endswith((".", ",", ";", "!")) and any(map(str.isalpha, text))
    )
