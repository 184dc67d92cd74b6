"""How a cell is read into a value and a value is written into a cell."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from import_export.widgets import Widget

from hr import records
from hr.models import Employee
from tenants import days

# A spreadsheet runs what begins with one of these as a formula (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# What Excel shows where a formula failed.
_FAILED_FORMULAS = frozenset({"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"})
_ROLES = {value: value for value in Employee.Role.values} | {
    "owner": Employee.Role.CEO,
    "ceo (owner)": Employee.Role.CEO,
}
_EMPLOYMENT_TYPES = {label.casefold(): value for value, label in Employee.EmploymentType.choices}
_YES = frozenset({"yes", "y", "true", "1", "active"})
_NO = frozenset({"no", "n", "false", "0", "inactive", "left", "deactivated"})


class BadCell(ValueError):
    """The cell cannot be read; the message says why, and what would be right."""


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would compute this instead of showing it."""
    return text.lstrip("' ").startswith(_FORMULA_STARTS) or text.startswith(_FORMULA_STARTS) or text in _FAILED_FORMULAS


def neutralised(text: str) -> str:
    """The text so that a spreadsheet shows it: an apostrophe in front of what would be a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


class TextWidget(Widget):
    """Text in one line, of at most `max_chars`."""

    def __init__(self, *, max_chars: int) -> None:
        super().__init__()
        self.max_chars = max_chars

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        text = " ".join(value.split())
        if len(text) > self.max_chars:
            raise BadCell(f"Longer than {self.max_chars} characters.")
        if not text.isprintable():
            raise BadCell("Contains characters that cannot be shown.")
        return text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return neutralised(str(value or ""))


class EmailWidget(TextWidget):
    """An address, in small letters."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        email = super().clean(value).lower()
        try:
            if email:
                validate_email(email)
        except ValidationError:
            raise BadCell("This is no e-mail address.") from None
        # RFC 5321 allows more, but the login's name is cut at this.
        if len(email) > 150:
            raise BadCell("Longer than 150 characters.")
        return email


class ChoiceWidget(Widget):
    """One of a few words, by value or by label."""

    def __init__(self, *, choices: dict[str, str], labels: str) -> None:
        super().__init__()
        self.choices, self.labels = choices, labels

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        key = re.sub(r"[\s_-]+", " ", value.strip().casefold())
        if key and key not in self.choices:
            raise BadCell(f"“{value.strip()[:40]}” is none of: {self.labels}.")
        return self.choices[key] if key else ""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(value or "")


class CountryWidget(TextWidget):
    """A country's code or English name, kept as its code."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        return records.country_code(value)


class LanguageWidget(TextWidget):
    """A language's code or English name, kept as its code."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        return records.language_code(value)


class WorkingDaysWidget(Widget):
    """A number of days a week."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Decimal | None:
        return records.working_days(value) if value.strip() else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return f"{value.normalize():f}"


class DayWidget(Widget):
    """2026-03-01, 2026/03/01 or 01.03.2026; with slashes only when it can be read in one way.

    03/01/2026 is the third of January to most of the world and the first of March to some: refused, not guessed.
    """

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> date | None:
        text = value.strip()
        if not text:
            return None
        if found := re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]00:00(?::00)?)?", text):
            return _day(text, *map(int, found.groups()))
        if found := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
            day, month, year = map(int, found.groups())
            return _day(text, year, month, day)
        if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
            first, second, year = map(int, found.groups())
            if first <= 12 and second <= 12 and first != second:
                raise BadCell(f"“{text}” can be read in two ways; write {year}-MM-DD.")
            return _day(text, year, *((second, first) if first > 12 else (first, second)))
        raise BadCell(f"“{text[:20]}” is no date; write it as 2026-03-01 or 01.03.2026.")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat() if value else ""


class ActiveWidget(Widget):
    """yes or no."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> bool | None:
        word = value.strip().casefold()
        if not word:
            return None
        if word not in _YES | _NO:
            raise BadCell(f"“{value.strip()[:20]}” is neither yes nor no.")
        return word in _YES

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "yes" if value else "no"


def role_widget() -> ChoiceWidget:
    return ChoiceWidget(choices=_ROLES, labels="employee, manager, hr, ceo")


def employment_type_widget() -> ChoiceWidget:
    labels = ", ".join(_EMPLOYMENT_TYPES)
    return ChoiceWidget(choices=_EMPLOYMENT_TYPES, labels=labels)


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        read = date(year, month, day)
    except ValueError:
        raise BadCell(f"“{text[:20]}” is not a day of the calendar.") from None
    try:
        days.check_day(read)
    except days.DayOutOfRange as error:
        raise BadCell(str(error)) from None
    return read
