"""Versions made by hand for tests of days and rights: no file, no parsing."""

from datetime import date
from typing import Any

from documents.models import Document, DocumentVersion
from documents.services import applicability
from hr.access import Applicability
from hr.models import Employee


def make_document(*, title: str = "Travel", **fields: Any) -> Document:
    """A document without versions in the current tenant."""
    return Document.objects.create(title=title, created_by="employee:1", **fields)


def make_version(
    document: Document,
    *,
    first: date | None = None,
    last: date | None = None,
    publication: str = "draft",
    countries: tuple[str, ...] = (),
    sites: tuple[str, ...] = (),
    employment_types: tuple[str, ...] = (),
    uploaded_by: str = "employee:1",
    state: str = "ready",
) -> DocumentVersion:
    """A ready draft, or whatever is asked, written past the services."""
    version = DocumentVersion(
        document=document,
        number=document.versions.count() + 1,  # type: ignore[attr-defined]
        state=state,
        sha256="0" * 64,
        size_bytes=1,
        original_name="travel.md",
        storage_key="-",
        uploaded_by=uploaded_by,
        publication=publication,
        effective_from=first,
        effective_to=last,
    )
    applicability.set_applicability(
        version=version,
        applicability=Applicability(frozenset(countries), frozenset(sites), frozenset(employment_types)),
    )
    version.save(force_insert=True)
    return version


def make_person(number: int, **fields: Any) -> Employee:
    """A person's record without a login."""
    return Employee.objects.create(
        employee_number=f"T{number}",
        email=f"person{number}@acme.example",
        first_name="Person",
        last_name=str(number),
        **fields,
    )
