"""Markdown to pieces, by way of HTML: one place then decides what is a table, a list or hidden.

Handbooks kept in Git are written for site generators, so their leftovers go: YAML front matter (its title stays),
Liquid tags, kramdown attribute lists.
"""

import re

from markdown_it import MarkdownIt

from documents.parsing import charsets, webpage
from documents.parsing.blocks import Extract
from documents.parsing.limits import Limits

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title[ \t]*:[ \t]*(.+?)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
# {% page "/leave/" %}, {% slack_channel "travel" %}: the quoted word of the latter is text, the path is not.
_LIQUID_TAG = re.compile(r"\{%-?\s{0,9}(\w{1,40})([^%]{0,2000}?)-?%\}")
_LIQUID_WORD = re.compile(r"""^\s*["']([\w -]+)["']\s*$""")
_LIQUID_CONTROL = frozenset(["include", "include_relative", "raw", "endraw", "layout", "page", "link", "post_url"])
_LIQUID_OUTPUT = re.compile(r"\{\{[^}]{0,500}\}\}")
_KRAMDOWN_ATTRIBUTES = re.compile(r"[ \t]?\{:[^}\n]{0,500}\}|[ \t]\{#[\w:.-]{1,200}\}[ \t]*$", re.MULTILINE)
_FRONT_MATTER_WINDOW_CHARS = 20_000
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]", re.MULTILINE)
# Markdown before CommonMark (and GitHub before 2017) took "#Leave" for a heading; old documents have only those.
_OLD_HEADING = re.compile(r"^(#{1,6})(?=[A-Z][^#\n]{1,78}$)", re.MULTILINE)


def read(*, content: bytes, limits: Limits) -> Extract:
    """Parse CommonMark with tables and strikethrough; raw HTML in it is treated as HTML."""
    text = charsets.decode_prose(content=content, limits=limits)
    title, body = _without_front_matter(text)
    source = _with_spaced_headings(_without_templates(body))
    markup = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(source)
    return webpage.read_markup(markup=markup, title=title, limits=limits)


def _without_front_matter(text: str) -> tuple[str | None, str]:
    text = text.lstrip("\ufeff")
    matter = _FRONT_MATTER.match(text[:_FRONT_MATTER_WINDOW_CHARS])
    if not matter:
        return None, text
    title = _FRONT_TITLE.search(matter.group(1))
    return (title.group(1).strip("\"'") if title else None), text[matter.end() :]


def _without_templates(text: str) -> str:
    """Drop template syntax everywhere but in fenced code, where it is the subject."""
    parts: list[str] = []
    prose: list[str] = []
    fence = ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if fence:
            parts.append(line)
            if mark and mark.group(1).startswith(fence) and not line.strip(" `~"):
                fence = ""
        elif mark:
            parts.extend([_prose_without_templates(prose), line])
            prose = []
            fence = mark.group(1)
        else:
            prose.append(line)
    return "\n".join([*parts, _prose_without_templates(prose)])


def _prose_without_templates(lines: list[str]) -> str:
    text = "\n".join(lines)
    if "{" not in text:
        return text
    return _KRAMDOWN_ATTRIBUTES.sub("", _LIQUID_OUTPUT.sub("", _LIQUID_TAG.sub(_liquid_text, text)))


def _with_spaced_headings(text: str) -> str:
    return text if _HEADING.search(text) else _OLD_HEADING.sub(r"\1 ", text)


def _liquid_text(tag: re.Match[str]) -> str:
    word = _LIQUID_WORD.match(tag.group(2))
    return word.group(1) if word and tag.group(1) not in _LIQUID_CONTROL else ""
