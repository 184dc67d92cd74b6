"""For whom a tool runs."""

from dataclasses import dataclass
from datetime import date

from django.urls import NoReverseMatch, reverse

from hr.models import Employee


@dataclass(frozen=True)
class Caller:
    """The person of the session, and today in their company's time zone. Never made from a model's words.

    `on` is the day as of which they ask; today unless they chose another.
    """

    employee: Employee
    today: date
    on: date | None = None

    @property
    def day(self) -> date:
        return self.on or self.today


def page(name: str, *args: object) -> str:
    """The path of one of our own pages; empty where there is no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def links(*wanted: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """(label, path) of those (label, page name) that there are."""
    return tuple((label, path) for label, name in wanted if (path := page(name)))
