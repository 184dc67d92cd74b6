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
_LIQUID_TAG = re.compile(r"\{%-?\s*(\w+)([^%]*?)-?%\}")
_LIQUID_WORD = re.compile(r"""^\s*["']([\w -]+)["']\s*$""")
_LIQUID_CONTROL = frozenset(["include", "include_relative", "raw", "endraw", "layout", "page", "link", "post_url"])
_LIQUID_OUTPUT = re.compile(r"\{\{[^}]*\}\}")
_KRAMDOWN_ATTRIBUTES = re.compile(r"[ \t]*\{:[^}\n]*\}|[ \t]+\{#[\w:.-]+\}[ \t]*$")
_FRONT_MATTER_WINDOW_CHARS = 20_000


def read(*, content: bytes, limits: Limits) -> Extract:
    """Parse CommonMark with tables and strikethrough; raw HTML in it is treated as HTML."""
    text = charsets.decode(content=content)
    title, body = _without_front_matter(text)
    markup = (
        MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(_without_templates(body))
    )
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
    lines = []
    fence = ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark.group(1)
        elif mark and mark.group(1).startswith(fence) and not line.strip(" `~"):
            fence = ""
        elif not fence and "{" in line:
            line = _KRAMDOWN_ATTRIBUTES.sub("", _LIQUID_OUTPUT.sub("", _LIQUID_TAG.sub(_liquid_text, line)))
        lines.append(line)
    return "\n".join(lines)


def _liquid_text(tag: re.Match[str]) -> str:
    word = _LIQUID_WORD.match(tag.group(2))
    return word.group(1) if word and tag.group(1) not in _LIQUID_CONTROL else ""
