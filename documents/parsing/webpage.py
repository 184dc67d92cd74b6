"""HTML to pieces: what a reader of the page sees, in order, without navigation and scripts."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from documents.parsing import blocks, charsets, concealment, tables
from documents.parsing.blocks import Extract
from documents.parsing.cleaning import Collector
from documents.parsing.limits import Limits
from documents.parsing.webtables import is_layout_table, table_rows

HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
# Not text of the document: code, form controls, and what repeats on every page of a site.
_DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "title",
        "nav",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "canvas",
        "svg",
        "map",
        "select",
        "textarea",
        "button",
        "input",
        "datalist",
        "dialog",
        "-comment",
    ]
)
_SITE_ROLES = frozenset({"navigation", "banner", "contentinfo", "search"})
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "aside",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "form",
        "fieldset",
        "legend",
        "figure",
        "figcaption",
        "blockquote",
        "address",
        "details",
        "summary",
        "hr",
        "body",
        "html",
        "center",
        "pre",
    ]
)
_BOLD = frozenset({"b", "strong"})
# When <main> holds less than this share of the page's text it is mislabelled, and everything is read.
_MAIN_SHARE = 0.5
# Anchors that site generators append to headings.
_ANCHOR_SIGNS = " #\u00b6\u00a7\U0001f517"
_ENTER, _LEAVE = 0, 1


def read(*, content: bytes, limits: Limits) -> Extract:
    """Parse an HTML file of any declared or undeclared encoding."""
    return read_markup(markup=charsets.decode(content=content), title=None, limits=limits)


def read_markup(*, markup: str, title: str | None, limits: Limits) -> Extract:
    """Parse HTML that is already text; ``title`` wins over the page's own."""
    page = LexborHTMLParser(markup)
    walker = _Walker(limits=limits, hidden=concealment.HiddenElements(stylesheets=_stylesheets(page)))
    root = _main_part(page)
    if root is not None:
        walker.walk(root)
    own_title = page.css_first("head > title")
    return walker.collector.finish(title=title or (own_title.text() if own_title else None))


def _stylesheets(page: LexborHTMLParser) -> list[str]:
    return [style.text() for style in page.css("style")]


def _main_part(page: LexborHTMLParser) -> LexborNode | None:
    body = page.body or page.root
    mains = page.css("main, [role=main]")
    if body is None or len(mains) != 1:
        return body
    is_whole_page = len(mains[0].text(separator=" ")) >= _MAIN_SHARE * len(body.text(separator=" "))
    return mains[0] if is_whole_page else body


class _Item:
    """An open list item: its number, and whether its first line was written."""

    def __init__(self, *, label: str) -> None:
        self.label = label
        self.written = False


class _Walker:
    """Visits the tree without recursion: hostile pages nest thousands of elements."""

    def __init__(self, *, limits: Limits, hidden: concealment.HiddenElements) -> None:
        self.collector = Collector(limits=limits)
        self._hidden = hidden
        self._line: list[str] = []
        self._plain_chars = 0
        self._bold_depth = 0
        self._heading_level = 0
        self._items: list[_Item] = []
        self._counters: list[int | None] = []

    def walk(self, root: LexborNode) -> None:
        todo: list[tuple[int, LexborNode]] = [(_ENTER, root)]
        while todo:
            step, node = todo.pop()
            if step == _LEAVE:
                self._leave(node)
            elif self._enter(node):
                todo.append((_LEAVE, node))
                todo.extend((_ENTER, child) for child in reversed(list(node.iter(include_text=True))))
        self._flush()

    def _enter(self, node: LexborNode) -> bool:
        """Handle the start of an element; true if its children are to be visited."""
        tag = node.tag or ""
        if tag == "-text":
            self._text(node.text_content or "")
            return False
        if tag in _DROPPED or (node.attributes.get("role") or "") in _SITE_ROLES:
            return False
        if self._hidden.hides(node):
            if node.text().strip():
                self.collector.flag(blocks.FLAG_HIDDEN_TEXT)
            return False
        if tag == "br":
            self._line.append(" ")
            return False
        if tag == "table" and not is_layout_table(node):
            self._table(node)
            return False
        if tag == "pre":
            self._flush()
            self.collector.code(node.text())
            return False
        self._open(tag, node)
        return True

    def _open(self, tag: str, node: LexborNode) -> None:
        if tag in _BLOCKS:
            self._flush()
        if tag in HEADINGS:
            self._flush()
            self._heading_level = HEADINGS[tag]
        elif tag in _BOLD:
            self._bold_depth += 1
        elif tag == "ol":
            self._counters.append(_start_of(node))
        elif tag in ("ul", "menu"):
            self._counters.append(None)
        elif tag == "li":
            self._items.append(_Item(label=self._next_label()))

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in HEADINGS:
            self._flush_heading()
        elif tag in _BLOCKS:
            self._flush()
        if tag in _BOLD:
            self._bold_depth -= 1
        elif tag in ("ol", "ul", "menu") and self._counters:
            self._counters.pop()
        elif tag == "li" and self._items:
            self._items.pop()

    def _text(self, text: str) -> None:
        self._line.append(text)
        if not self._bold_depth:
            self._plain_chars += len(text.strip())

    def _next_label(self) -> str:
        if not self._counters or self._counters[-1] is None:
            return ""
        label = f"{self._counters[-1]}. "
        self._counters[-1] += 1
        return label

    def _flush_heading(self) -> None:
        level, self._heading_level = self._heading_level, 0
        text = "".join(self._line)
        self._line.clear()
        self._plain_chars = 0
        self.collector.heading(text.rstrip(_ANCHOR_SIGNS), level=level or 6)

    def _flush(self) -> None:
        if self._heading_level:
            self._line.append(" ")  # a block inside a heading is still the heading
            return
        text, plain_chars = "".join(self._line), self._plain_chars
        self._line.clear()
        self._plain_chars = 0
        if not text.strip():
            return
        item = self._items[-1] if self._items else None
        if item and not item.written:
            item.written = True
            self.collector.list_item(item.label + text)
        elif plain_chars == 0 and not item:
            self.collector.bold_paragraph(text)
        else:
            self.collector.paragraph(text)

    def _table(self, node: LexborNode) -> None:
        self._flush()
        caption = node.css_first("caption")
        if caption is not None:
            self.collector.paragraph(caption.text())
        rows, has_header, hid_text = table_rows(table=node, hidden=self._hidden, dropped=_DROPPED)
        if hid_text:
            self.collector.flag(blocks.FLAG_HIDDEN_TEXT)
        self.collector.table(tables.render(rows=rows, has_header=has_header))


def _start_of(node: LexborNode) -> int:
    start = (node.attributes.get("start") or "1").strip()
    return int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 1
