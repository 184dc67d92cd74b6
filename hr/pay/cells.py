"""One cell of a pay sheet: what it means, or why it cannot be used."""

import re
from datetime import date
from decimal import Decimal

from hr.pay import amounts
from hr.pay.lines import KINDS
from tenants.days import FIRST_DAY, LAST_DAY, DayOutOfRange, check_day

_LENGTHS = {"employee_number": 32, "code": 32, "label": 100, "explanation": 1000}
_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"", "no", "n", "false", "0"})
# What a spreadsheet would calculate instead of showing.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CODE = re.compile(r"[A-Z0-9_-]{1,32}")
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_DOTTED_DATE = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})")


class WrongCell(ValueError):
    """Why a cell cannot be used."""


def read_date(text: str) -> date:
    """2026-01-31 or 31.01.2026. A date with slashes could be two and is refused.

    :raises ValueError: for anything else.
    """
    if match := _ISO_DATE.fullmatch(text):
        return _checked(date(int(match[1]), int(match[2]), int(match[3])))
    if match := _DOTTED_DATE.fullmatch(text):
        return _checked(date(int(match[3]), int(match[2]), int(match[1])))
    raise ValueError


def _checked(day: date) -> date:
    check_day(day)
    return day


def read_cell(column: str, text: str, *, currency: str) -> object:
    """The value of a cell of this column; `currency` is what the row says of it.

    :raises WrongCell: when it cannot be used; the reason never repeats the cell.
    :raises amounts.BadAmount: the same for amounts.
    """
    if column in ("period_start", "period_end", "pay_date"):
        try:
            return read_date(text)
        except DayOutOfRange:
            raise WrongCell(f"is not a day from {FIRST_DAY} to {LAST_DAY}") from None
        except ValueError:
            raise WrongCell("is not a date such as 2026-01-31") from None
    if column == "currency":
        if text.upper() not in amounts.MINOR_DIGITS:
            raise WrongCell("is not a currency code such as EUR")
        return text.upper()
    if column in ("gross", "net", "amount"):
        # An unknown currency is reported once, in its own column.
        return amounts.read_amount(text, currency=currency) if currency in amounts.MINOR_DIGITS else Decimal(0)
    if column == "kind":
        if text.casefold() not in KINDS:
            raise WrongCell(f"is none of {', '.join(KINDS)}")
        return text.casefold()
    if column == "correction":
        if text.casefold() not in _YES | _NO:
            raise WrongCell("is neither yes nor no")
        return text.casefold() in _YES
    return _read_text(column, text)


def _read_text(column: str, text: str) -> str:
    if not text and column != "explanation":
        raise WrongCell("is empty")
    if len(text) > _LENGTHS[column]:
        raise WrongCell(f"is longer than {_LENGTHS[column]} characters")
    if text.startswith(_FORMULA):
        raise WrongCell("begins like a formula")
    if any(not character.isprintable() and character != "\n" for character in text):
        raise WrongCell("has characters that cannot be shown")
    if column == "code":
        text = text.upper()
        if not _CODE.fullmatch(text):
            raise WrongCell("has other characters than letters, digits, - and _")
    return text
