"""Changing what a document is called, who may read it and who looks after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from django.db import transaction

from audit import services as audit
from documents import rights
from documents.models import Document, Outbox
from documents.services import outbox
from hr.access import Audience
from hr.models import Employee


def edit_document(*, document: Document, title: str, is_confidential: bool, reason: str = "") -> None:
    """Change title and confidentiality. Access follows at once, because rows are checked before anything is answered;
    the copy of the filter beside the vectors follows within one task run."""
    with _locked(document) as locked:
        audience = replace(rights.audience_of(locked), is_confidential=is_confidential)
        _set_title_and_audience(locked, title=title, audience=audience, reason=reason)


def change_access(*, document: Document, audience: Audience, reason: str = "") -> None:
    """Change for whom the document is; `audience.subject_id` makes it that person's own. Counts from the next request.

    :raises documents.rights.UnknownValue: for a role, country, employment type or person that does not exist.
    :raises documents.rights.PersonalWithAudience: when it names a subject and other readers.
    """
    checked = rights.checked_audience(audience)
    with _locked(document) as locked:
        _set_title_and_audience(locked, title=locked.title, audience=checked, reason=reason)


def change_document(
    *,
    document: Document,
    title: str,
    audience: Audience,
    owner: Employee | None,
    review_due_date: date | None,
    reason: str = "",
) -> None:
    """Everything that can be changed about a document without a new file, in one transaction.

    :raises documents.rights.UnknownValue: for a role, country, employment type or person that does not exist.
    :raises documents.rights.PersonalWithAudience: when it names a subject and other readers.
    """
    checked = rights.checked_audience(audience)
    with _locked(document) as locked:
        _set_title_and_audience(locked, title=title, audience=checked, reason=reason)
        locked.owner, locked.review_due_date = owner, review_due_date
        locked.save(update_fields=["owner", "review_due_date", "updated_at"])


def put_audience(*, document: Document, audience: Audience) -> bool:
    """Set the fields that say who may read it, without saving; whether anything changed."""
    changed = rights.audience_of(document) != audience
    document.is_confidential = audience.is_confidential
    document.subject_id = audience.subject_id
    personal = audience.subject_id is not None
    document.persona = Document.Persona.PERSONAL if personal else Document.Persona.COMPANY
    document.audience_people = sorted(audience.people)
    document.audience_roles = sorted(audience.roles)
    document.audience_departments = sorted(audience.departments)
    document.audience_countries = sorted(audience.countries)
    document.audience_sites = sorted(audience.sites)
    document.audience_employment_types = sorted(audience.employment_types)
    return changed


def audience_details(audience: Audience) -> dict[str, object]:
    """What the audit log says of an audience: which rules, never who."""
    rest: dict[str, object] = {
        "personal": audience.subject_id is not None,
        "people": len(audience.people),
        "roles": sorted(audience.roles),
        "countries": sorted(audience.countries),
        "employment_types": sorted(audience.employment_types),
        "departments": len(audience.departments),
        "sites": len(audience.sites),
    }
    return {"confidential": audience.is_confidential, **{name: value for name, value in rest.items() if value}}


def _set_title_and_audience(document: Document, *, title: str, audience: Audience, reason: str) -> None:
    document.title = title
    if put_audience(document=document, audience=audience):
        outbox.enqueue(kind=Outbox.Kind.REFILTER_DOCUMENT, target_id=document.pk)
    document.save()
    details = audience_details(audience)
    audit.record(verb="document.edit", target=f"document:{document.pk}", reason=reason, details=details)


@contextmanager
def _locked(document: Document) -> Iterator[Document]:
    with transaction.atomic():
        yield Document.objects.select_for_update().get(pk=document.pk)
    document.refresh_from_db()
