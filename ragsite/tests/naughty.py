"""500 strings that have broken programs before, and where people can type them: every form, every field of the API."""

import random
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

COUNT = 500
_CONTROLS = [chr(n) for n in (*range(0x20), 0x7F, *range(0x80, 0xA0))]
_INVISIBLE = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e", "\u3164", "\u2028", "\u2029"]
_DIRECTION = ["\u202a", "\u202b", "\u202d", "\u202e", "\u202c", "\u2066", "\u2067", "\u2068", "\u2069", "\u061c"]
_SURROGATES = ["\ud800", "\udfff", "a\ud83d", "\ude00b"]
_SCRIPTS = [
    "<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><svg onload=alert(1)>",
    '" autofocus onfocus="alert(1)',
    "' onmouseover='alert(1)",
    "<img src=x onerror=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>-->",
    "<a href=javascript:alert(1)>x</a>",
    "<style>*{display:none}</style>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "&lt;script&gt;alert(1)&lt;/script&gt;<b>",
    "<ſcript>alert(1)</ſcript>",
    "＜script＞alert(1)＜/script＞<i>",
]
_STATEMENTS = [
    "'; DROP TABLE employees; --",
    "' OR '1'='1",
    "1; SELECT pg_sleep(10)",
    "') UNION SELECT null, version() --",
    "\\'; --",
    "$$; DROP SCHEMA acme CASCADE; $$",
    "%' ESCAPE '\\",
    "a' || pg_sleep(5) || '",
]
_TEMPLATES = [
    "{{ 7*7 }}",
    "{% include '/etc/passwd' %}",
    "{% debug %}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{{request.user.password}}",
    "{0.__class__}",
    "%(password)s",
    "%s%s%s%n",
    "%d %x %08x",
    "{}{}{}",
    "%",
    "%%",
    "{",
]
_PATHS = [
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/shadow\x00.pdf",
    "file:///etc/passwd",
    "C:\\CON",
    "CON.pdf",
    ".",
    "..",
    "...",
    "~root",
    "$(reboot).pdf",
    "`id`",
    "a;b|c&d",
    "-rf *",
    ".htaccess",
    "a/b/c.md",
    "name\nX-Header: 1.pdf",
    'quoted".pdf',
    "aux",
]
_NUMBERS = [
    "0",
    "-0",
    "1e400",
    "-1",
    "NaN",
    "Infinity",
    "-Infinity",
    "0x7fffffff",
    "9223372036854775808",
    "99999999999999999999999999",
    "1/0",
    "1,5",
    "١٢٣",
    "Ⅻ",
    "½",
    "１２３",
    "0000",
    "1_000",
    "+1",
    "1e-400",
]
_DAYS = ["0000-00-00", "2026-02-30", "9999-12-31", "10000-01-01", "0001-01-01", "-0001-01-01", "2026-W53", "99/99/9999"]
_WORDS = [
    "null",
    "undefined",
    "None",
    "true",
    "false",
    "nil",
    "NULL",
    "(null)",
    "[]",
    "{}",
    "[object Object]",
    "on",
    "0.0",
]
_LETTERS = [
    "Ω≈ç√∫˜µ≤≥÷",
    "田中さんにあげて下さい",
    "مُنَاقَشَةُ سُبُلِ",
    "Z̴̧̛͓̪̯̜̦̬̺̞̱̙̺͔͕a̷l̶g̸o̵",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "🇩🇪🇫🇷",
    "ﬁﬂﬃ",
    "ẞßİıŁł",
    "ᚠᛇᚻ",
    "𝕿𝖊𝖝𝖙",
    "e\u0301\u0302\u0303",
    "Ａｄｍｉｎ",
    "аdmin",
    "‮txt.exe",
    "﷽" * 20,
]
_HUGE = ["a" * 10_000, "é" * 5_000, "<" * 3_000, "😀" * 2_000, "\n" * 3_000, "a " * 5_000]


def strings(*, seed: int = 1) -> list[str]:
    """The same 500 in each run of a seed: all of the kinds above, and mixtures of them."""
    chance = random.Random(seed)
    pure = [
        *_SCRIPTS, *_STATEMENTS, *_TEMPLATES, *_PATHS, *_NUMBERS, *_DAYS, *_WORDS, *_LETTERS, *_HUGE, *_SURROGATES,
        *_CONTROLS, *_INVISIBLE, *_DIRECTION, "", " ", "\t\n", "a" * 254 + "@b.example", "@", "a@b", "a@[127.0.0.1]",
    ]  # fmt: skip
    short = [one for one in pure if 0 < len(one) < 200]
    found = dict.fromkeys(pure)
    while len(found) < COUNT:
        parts = [chance.choice(short) for _ in range(chance.randint(2, 4))]
        parts.insert(
            chance.randrange(len(parts) + 1), "".join(chance.choices(string.printable, k=chance.randint(1, 8)))
        )
        found["".join(parts)] = None
    return list(found)[:COUNT]


def is_reflected(text: str, page: str) -> bool:
    """Whether a page of HTML repeats the string as it is, where markup or an attribute could end in it."""
    return len(text) > 5 and re.search(r"[<\"'][a-z/! ]|[<>]{2}", text, re.I) is not None and text in page


@dataclass(frozen=True)
class Form:
    """A form of a page as a browser would send it. `texts` are the names of the fields that take any text."""

    action: str
    method: str
    values: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]
    files: tuple[str, ...]


_NOT_TYPED = frozenset({"submit", "button", "image", "reset", "checkbox", "radio", "file"})


def forms_of(page: str, *, path: str) -> Iterator[Form]:
    """Every form of a page. Hidden fields and choices count: whoever sends a request by hand can type them."""
    for form in LexborHTMLParser(page).css("form"):
        values: dict[str, str] = {}
        texts: list[str] = []
        files: list[str] = []
        for field in form.css("input, textarea, select"):
            name, kind = field.attributes.get("name"), (field.attributes.get("type") or "text").lower()
            if not name or name == "csrfmiddlewaretoken":
                continue
            if kind == "file":
                files.append(name)
            elif kind in _NOT_TYPED and field.tag == "input":
                if "checked" in field.attributes:
                    values[name] = field.attributes.get("value") or "on"
            else:
                values[name] = _value_of(field)
                texts.append(name)
        action = form.attributes.get("action") or path
        method = (form.attributes.get("method") or "get").upper()
        if ((texts or files) and action.startswith(("/", "?", "#", "."))) or action == path:
            target = path if action.startswith(("?", "#", ".")) else action
            yield Form(target, method, tuple(values.items()), tuple(dict.fromkeys(texts)), tuple(files))


def _value_of(field: Any) -> str:
    if field.tag == "textarea":
        return field.text() or ""
    if field.tag == "select":
        chosen = field.css_first("option[selected]") or field.css_first("option")
        return (chosen.attributes.get("value") or "") if chosen is not None else ""
    return field.attributes.get("value") or ""
