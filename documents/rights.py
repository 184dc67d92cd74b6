"""Whom a document is for and to whom a version applies, as the values that `hr.access` decides on."""

from documents.models import Document, DocumentVersion
from hr.access import Applicability, Audience


def audience_of(document: Document) -> Audience:
    """Who may read the document. Costs no query."""
    return Audience(
        is_confidential=document.is_confidential,
        subject_id=document.subject_id,
        people=frozenset(document.audience_people),
        roles=frozenset(document.audience_roles),
        departments=frozenset(document.audience_departments),
        countries=frozenset(document.audience_countries),
        sites=frozenset(document.audience_sites),
        employment_types=frozenset(document.audience_employment_types),
    )


def applicability_of(version: DocumentVersion) -> Applicability:
    """To whom the version applies, among those who may read it. Costs no query."""
    return Applicability(
        countries=frozenset(version.applies_countries),
        sites=frozenset(version.applies_sites),
        employment_types=frozenset(version.applies_employment_types),
    )
