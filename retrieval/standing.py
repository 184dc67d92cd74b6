"""How a cited version stands today, in the words of a page."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.utils.formats import date_format

from documents.models import DocumentVersion
from hr.access import Scope
from tenants import context

_DAY = "j F Y"


def standings(*, version_ids: Collection[UUID], scope: Scope) -> dict[UUID, str]:
    """Of those versions whose document this person may read: empty while in force, else what to say. One query."""
    today = context.local_today()
    versions = DocumentVersion.objects.visible_to(scope).filter(pk__in=version_ids)
    return {version.pk: standing_of(version=version, today=today) for version in versions}


def standing_of(*, version: DocumentVersion, today: date) -> str:
    """Empty while the version is in force; otherwise why it is not."""
    if version.publication == DocumentVersion.Publication.WITHDRAWN:
        return "no longer in force"
    if version.publication != DocumentVersion.Publication.PUBLISHED or version.effective_from is None:
        return "not published"
    if version.effective_from > today:
        return f"in force from {date_format(version.effective_from, _DAY)}"
    if version.effective_to is not None and version.effective_to < today:
        return f"was in force until {date_format(version.effective_to, _DAY)}"
    return ""
