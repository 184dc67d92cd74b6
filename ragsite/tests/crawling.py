"""Reading all that somebody can reach by clicking, and looking for words in it."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.test import Client

from documents import services as documents
from documents.models import Document

_LINK = re.compile(r'(?:href|action|src|data-[\w-]*url)="([^"]+)"')
# Lists can be sorted and filtered in many ways that show the same rows.
_VARIANTS_OF_A_PAGE = 4

ABOUT = "How high is the ostrich allowance?"


@dataclass(frozen=True)
class Read:
    """One answer, with its headers and its body as one text."""

    path: str
    status: int
    text: str


def crawl(client: Client, *, start: Iterable[str], at_most: int = 400) -> Iterator[Read]:
    """Every page that links lead to from `start` on. Nothing is sent but GET."""
    waiting, seen, variants = list(start), set[str](), dict[str, int]()
    while waiting and len(seen) < at_most:
        url = waiting.pop(0)
        path = url.partition("?")[0]
        if url in seen or variants.get(path, 0) >= _VARIANTS_OF_A_PAGE:
            continue
        seen.add(url)
        variants[path] = variants.get(path, 0) + 1
        read = read_answer(url, client.get(url))
        yield read
        links = (unescape(link).partition("#")[0] for link in _LINK.findall(read.text))
        waiting += [link if link[0] != "?" else path + link for link in links if _is_ours(link)]


def read_answer(path: str, response: Any) -> Read:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    cookies = response.cookies.output()
    return Read(path, response.status_code, f"{headers}\n{cookies}\n\n{body.decode('utf-8', 'replace')}")


def leaks(read: Iterable[Read], words: Iterable[str]) -> list[str]:
    """Where one of `words` can be read, in any case."""
    return [f"{one.path} ({one.status}): {word}" for one in read for word in words if word.lower() in one.text.lower()]


def paths_of(document: Document) -> list[str]:
    """Every address that a document has."""
    return [
        f"/d/{document.pk}/",
        f"/original/{document.serving_version_id}/",
        f"/api/v1/documents/{document.pk}",
        f"/api/v1/documents/{document.pk}/file",
        f"/api/v1/ingest/{document.serving_version_id}",
        f"/admin/documents/document/{document.pk}/change/",
        f"/admin/documents/document/{document.pk}/download/",
        f"/admin/documents/documentversion/{document.serving_version_id}/change/",
    ]


def ingest(content: str, name: str, **fields: Any) -> Document:
    """A document of the current tenant that went the whole way."""
    receipt = documents.receive(source=io.BytesIO(content.encode()), original_name=name, **fields)
    documents.process_version(version_id=receipt.version.pk)
    document = Document.objects.get(pk=receipt.version.document_id)
    assert document.serving_version_id == receipt.version.pk
    return document


def _is_ours(link: str) -> bool:
    return link.startswith(("/", "?")) and not link.startswith(("//", "/static/"))
