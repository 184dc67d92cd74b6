"""Small pieces of HTML for list cells, always escaped."""

from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString


def element(name: str, text: object, *, css: str, title: str = "") -> SafeString:
    """`<name class=css title=title>text</name>`; `name` and `css` come from code, `text` and `title` from anywhere."""
    if title:
        return format_html('<{} class="{}" title="{}">{}</{}>', name, css, title, text, name)
    return format_html('<{} class="{}">{}</{}>', name, css, text, name)


def when(moment: datetime | None) -> SafeString | str:
    """How long ago in words, with the exact time (UTC) as the title."""
    if moment is None:
        return "–"
    return format_html(
        '<time class="ao-when" datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        f"{moment:%Y-%m-%d %H:%M:%S} UTC",
        ago(moment, now=timezone.now()),
    )


def ago(moment: datetime, *, now: datetime) -> str:
    """`just now`, `12 s ago`, `5 min ago`, `3 h ago`, then the date."""
    seconds = int((now - moment).total_seconds())
    if seconds < 5:
        return "just now"
    if seconds < 60:
        return f"{seconds} s ago"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if seconds < 24 * 3600:
        return f"{seconds // 3600} h ago"
    return f"{moment:%Y-%m-%d}"


def file_size(size_bytes: int) -> str:
    """`512 B`, `12.3 KB`, `4.5 MB`; 1 KB is 1,024 bytes."""
    if size_bytes < 1024:
        return f"{size_bytes} B"
    if size_bytes < 1024 * 1024:
        return f"{size_bytes / 1024:.1f} KB"
    return f"{size_bytes / 1024 / 1024:.1f} MB"


def link(text: object, url: str) -> SafeString:
    return format_html('<a class="ao-link" href="{}">{}</a>', url, text)
