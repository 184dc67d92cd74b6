"""What a person's record may say: countries, languages and sizes, read from what people type. No database."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache

from django.conf.locale import LANG_INFO
from django_countries import countries

# What people write instead of the names in ISO 3166-1, as far as it can mean one country only.
_OTHER_COUNTRY_NAMES = {
    "uk": "GB",
    "great britain": "GB",
    "united kingdom": "GB",
    "usa": "US",
    "united states": "US",
    "united states of america": "US",
    "czech republic": "CZ",
    "south korea": "KR",
    "russia": "RU",
    "turkey": "TR",
    "the netherlands": "NL",
    "holland": "NL",
}
_MAX_WORKING_DAYS = Decimal(7)


class UnknownCountry(ValueError):
    """Neither an ISO 3166-1 code nor the English name of a country."""


class UnknownLanguage(ValueError):
    """Neither an ISO 639-1 code nor the English name of a language."""


class BadWorkingDays(ValueError):
    """Working days a week must be a number above 0, at most 7, with at most one decimal."""


def country_choices() -> list[tuple[str, str]]:
    """(code, English name), by name."""
    return [(code, str(name)) for code, name in countries]


def country_name(code: str) -> str:
    """The English name; the code itself when there is none, and nothing for nothing."""
    return str(countries.name(code)) or code if code else ""


def country_code(text: str) -> str:
    """The ISO 3166-1 alpha-2 code for a code or an English name; nothing for nothing.

    :raises UnknownCountry: for anything else.
    """
    plain = " ".join(text.split())
    if not plain:
        return ""
    code = _codes_by_name().get(plain.casefold())
    if code is None:
        raise UnknownCountry(f"“{plain[:40]}” is neither a country's code, such as DE, nor its English name.")
    return code


def language_choices() -> list[tuple[str, str]]:
    """(code, English name), by name."""
    return sorted(_languages().items(), key=lambda pair: pair[1])


def language_code(text: str) -> str:
    """The ISO 639-1 code for a code or an English name; nothing for nothing.

    :raises UnknownLanguage: for anything else.
    """
    plain = text.strip().casefold()
    if not plain or plain in _languages():
        return plain
    for code, name in _languages().items():
        if name.casefold() == plain:
            return code
    raise UnknownLanguage(f"“{text.strip()[:40]}” is neither a language's code, such as de, nor its English name.")


def working_days(text: str) -> Decimal:
    """Working days a week; the decimal point may be a comma.

    :raises BadWorkingDays: for no number, or one outside 0 to 7.
    """
    try:
        number = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or not 0 < number <= _MAX_WORKING_DAYS or number != round(number, 1):
        raise BadWorkingDays(f"“{text.strip()[:20]}” is not a number of days a week, such as 5 or 2.5.")
    return round(number, 1)


def ends_before_start(*, start_date: date | None, end_date: date | None) -> bool:
    return start_date is not None and end_date is not None and end_date < start_date


@cache
def _codes_by_name() -> dict[str, str]:
    """Of names and of codes. Asking the library takes a millisecond, which is long for each row of a file."""
    named = {str(name).casefold(): code for code, name in countries}
    return named | {code.casefold(): code for code in named.values()} | _OTHER_COUNTRY_NAMES


@cache
def _languages() -> dict[str, str]:
    """The languages that Django knows, which are those with two-letter codes that people use."""
    return {
        code: str(about["name"])
        for code, about in LANG_INFO.items()
        if re.fullmatch("[a-z]{2}", code) and "name" in about
    }
