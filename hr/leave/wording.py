"""Figures and days as people write them."""

from datetime import date
from decimal import Decimal


def amount(days: Decimal) -> str:
    """Without trailing zeros: 12.5, 30, -2."""
    text = f"{days.quantize(Decimal('0.01')):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def days_of(days: Decimal) -> str:
    """With the unit: 1 day, 0.5 days, 30 days."""
    return f"{amount(days)} {'day' if days == 1 else 'days'}"


def day(value: date) -> str:
    """31 March 2026."""
    return f"{value.day} {value:%B %Y}"


def span(first: date, last: date) -> str:
    """From the first to the last day, or the one day."""
    return day(first) if first == last else f"{day(first)} to {day(last)}"
