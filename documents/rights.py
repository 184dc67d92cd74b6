"""Whom a document is for and to whom a version applies, as the values that `hr.access` decides on, and in words."""

from collections.abc import Iterable
from dataclasses import replace

from django_countries import countries

from documents.models import Document, DocumentVersion
from hr.access import Applicability, Audience, key_of
from hr.attributes import attributes
from hr.models import Employee

_MAX_CHARS = 100


class UnknownValue(ValueError):
    """A value that no record can have. `field` names the list; the message, the value."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


class PersonalWithAudience(ValueError):
    """One person's own document is for them and HR; it cannot be for others as well."""


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


def checked_audience(audience: Audience) -> Audience:
    """The audience with its values as keys.

    :raises UnknownValue: for a role, country or employment type that does not exist, a person who is not here, or an
        empty or overlong department or site.
    :raises PersonalWithAudience: when it names a subject and others.
    """
    checked = replace(
        audience,
        roles=_known("roles", audience.roles, Employee.Role.values, "role"),
        departments=_texts("departments", audience.departments),
        countries=_countries(audience.countries),
        sites=_texts("sites", audience.sites),
        employment_types=_employment_types(audience.employment_types),
    )
    wanted = set(checked.people) | ({checked.subject_id} if checked.subject_id is not None else set())
    found = set(Employee.objects.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    if checked.subject_id is not None and checked.subject_id not in found:
        raise UnknownValue("subject", "There is no such person.")
    if wanted - found:
        raise UnknownValue("people", "There is no such person.")
    restricted = (checked.people, checked.roles, checked.departments, checked.countries, checked.sites)
    if checked.subject_id is not None and (any(restricted) or checked.employment_types):
        raise PersonalWithAudience(
            "A personal document is for its subject and HR only. Take the readers out, or make it the company's."
        )
    return checked


def checked_applicability(applicability: Applicability) -> Applicability:
    """The lists as keys.

    :raises UnknownValue: for a country or employment type that does not exist, or an empty or overlong site.
    """
    return Applicability(
        countries=_countries(applicability.countries),
        sites=_texts("sites", applicability.sites),
        employment_types=_employment_types(applicability.employment_types),
    )


def people_of(applicability: Applicability) -> str:
    """To whom it applies, in words: `everybody`, or `Germany, Austria; full time`. One query for each site."""
    return _in_words(
        {
            "country": applicability.countries,
            "site": applicability.sites,
            "employment_type": applicability.employment_types,
        }
    )


def readers_of(audience: Audience) -> str:
    """Who may read, in words and without names: `everybody`, `HR and owners`, `Germany; Sales`, `3 named people`."""
    if audience.subject_id is not None:
        return "HR" if audience.is_confidential else "its subject and HR"
    if audience.is_confidential:
        return "HR and owners"
    said = []
    if audience.roles:
        said.append(", ".join(label for value, label in Employee.Role.choices if value in audience.roles))
    if audience.departments:
        said.append(", ".join(sorted(audience.departments)))
    rest = {"country": audience.countries, "site": audience.sites, "employment_type": audience.employment_types}
    if any(rest.values()):
        said.append(_in_words(rest))
    if audience.people:
        count = len(audience.people)
        named = "1 named person" if count == 1 else f"{count} named people"
        return f"{'; '.join(said)}, and {named}" if said else named
    return "; ".join(said) or "everybody"


def _in_words(lists: dict[str, frozenset[str]]) -> str:
    said = [", ".join(one.label for one in attributes(name=name, keys=keys)) for name, keys in lists.items() if keys]
    return "; ".join(said) or "everybody"


def _countries(values: Iterable[str]) -> frozenset[str]:
    return _known("countries", values, (code for code, _ in countries), "country", hint=" Write codes such as DE.")


def _employment_types(values: Iterable[str]) -> frozenset[str]:
    return _known("employment_types", values, Employee.EmploymentType.values, "employment type")


def _known(field: str, values: Iterable[str], allowed: Iterable[str], what: str, *, hint: str = "") -> frozenset[str]:
    keys, known = _texts(field, values), {key_of(value) for value in allowed}
    for key in sorted(keys - known):
        raise UnknownValue(field, f"There is no {what} “{key}”.{hint}")
    return keys


def _texts(field: str, values: Iterable[str]) -> frozenset[str]:
    keys = frozenset(key_of(value) for value in values)
    if any(not key or len(key) > _MAX_CHARS or not key.isprintable() for key in keys):
        raise UnknownValue(field, f"Each of the {field.replace('_', ' ')} is a text of 1 to {_MAX_CHARS} characters.")
    return keys
