"""The attributes of a person on which policies depend: their names, keys and what people call them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django_countries import countries

from hr.access import key_of
from hr.models import Employee

# Attribute -> what it is called in a sentence.
NAMES = {"country": "country", "site": "site", "employment_type": "employment type"}
# Asked when a record does not say and the answer depends on it.
QUESTIONS = {
    "country": "In which country do you work?",
    "site": "At which site do you work?",
    "employment_type": "How are you employed?",
}


@dataclass(frozen=True)
class Attribute:
    """One value of one attribute: `name` is country, site or employment_type, `label` what people call it."""

    name: str
    key: str
    label: str


def attribute(*, name: str, key: str) -> Attribute:
    """The attribute with its label. Countries and employment types have names; a site is called as its people spell it.

    At most one query, and only for a site.
    """
    return Attribute(name=name, key=key, label=_label(name, key))


def attributes(*, name: str, keys: Iterable[str]) -> tuple[Attribute, ...]:
    """The same for several values, ordered by label."""
    found = (attribute(name=name, key=key) for key in keys)
    return tuple(sorted(found, key=lambda one: (one.label, one.key)))


def _label(name: str, key: str) -> str:
    if name == "country":
        return countries.name(key.upper()) or key.upper()
    if name == "employment_type":
        return dict(Employee.EmploymentType.choices).get(key, key)
    spellings = Employee.objects.filter(**{f"{name}__iexact": key}).order_by("pk").values_list(name, flat=True)
    return next((spelling for spelling in spellings[:1] if key_of(spelling) == key), key)
