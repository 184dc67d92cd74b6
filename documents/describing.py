"""Titles behind the ids of the audit log, for a page of the company's console; nothing of this is stored."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.urls import reverse

from audit.describing import Described
from documents.models import Document, DocumentVersion
from hr import access
from tenants import context


def describe_labels(*, labels: Collection[str], user: Any, with_names: bool) -> dict[str, Described]:
    """Step of DESCRIBE_LABELS: documents that the reader may read, and versions of them. At most two queries.

    The title of somebody's personal document may name them, so those are told with names only.
    """
    reader = getattr(user, "employee", None) if context.has_tenant() else None
    if reader is None or not access.may_manage_documents(reader):
        return {}
    readable = Document.objects.visible_to(access.scope_of(reader))
    if not with_names:
        readable = readable.filter(persona=Document.Persona.COMPANY)
    documents, versions = ids_of(labels, kind="document"), ids_of(labels, kind="version")
    found = {
        f"document:{pk}": _described(pk, title)
        for pk, title in (readable.filter(pk__in=documents).values_list("pk", "title") if documents else ())
    }
    rows = DocumentVersion.objects.filter(pk__in=versions, document__in=readable) if versions else ()
    for version in rows.select_related("document") if versions else ():  # type: ignore[union-attr]
        found[f"version:{version.pk}"] = _described(
            version.document_id, f"{version.document.title}, version {version.number}"
        )
    return found


def document_field() -> Any:
    """Step of FIND_DOCUMENT: a field that looks for documents by title; None where there are none."""
    return DocumentVersion._meta.get_field("document") if context.has_tenant() else None


def ids_of(labels: Collection[str], *, kind: str) -> set[UUID]:
    """The ids of the labels of one kind; what is no id is left out."""
    found = set()
    for label in labels:
        prefix, _, name = label.partition(":")
        if prefix == kind:
            try:
                found.add(UUID(name))
            except ValueError:
                continue
    return found


def _described(pk: UUID, title: str) -> Described:
    return Described(text=f"“{title}”", url=reverse("admin:documents_document_change", args=(pk,)))
