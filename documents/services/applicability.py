"""To whom a version applies, as its row keeps it."""

from collections.abc import Collection

from documents import rights
from documents.models import DocumentVersion
from hr.access import Applicability

_MAX_KEY_CHARS = 2000


class TooManyKeys(ValueError):
    """The lists of countries, sites and employment types are too long to be kept."""


def key_of_applicability(
    *, countries: Collection[str], sites: Collection[str], employment_types: Collection[str]
) -> str:
    """To whom a version applies, as one text: equal texts, equal people.

    :raises TooManyKeys: when the text is longer than its column.
    """
    key = "/".join("|".join(sorted(map(_escaped, keys))) for keys in (countries, sites, employment_types))
    if len(key) > _MAX_KEY_CHARS:
        raise TooManyKeys("These are too many countries, sites and employment types for one version.")
    return key


def set_applicability(*, version: DocumentVersion, applicability: Applicability) -> None:
    """Put the lists on the version, as keys; nothing is saved.

    :raises documents.rights.UnknownValue: for a country or employment type that does not exist.
    :raises TooManyKeys: for more than can be kept.
    """
    checked = rights.checked_applicability(applicability)
    version.applies_countries = sorted(checked.countries)
    version.applies_sites = sorted(checked.sites)
    version.applies_employment_types = sorted(checked.employment_types)
    version.applies_key = key_of_applicability(
        countries=checked.countries, sites=checked.sites, employment_types=checked.employment_types
    )


def _escaped(key: str) -> str:
    return key.replace("%", "%25").replace("/", "%2F").replace("|", "%7C")
