"""Which days can be said at all: a typing error such as 0202-01-01 is refused in forms, files and API.

Beyond both ends the calendar itself gives way: there is no day before 0001-01-01, and none after 9999-12-31.
"""

from datetime import date

from django.core.exceptions import ValidationError

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2200, 12, 31)


class DayOutOfRange(ValueError):
    """The day is before FIRST_DAY or after LAST_DAY. The message is for people."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{day.isoformat()} is not a day from {FIRST_DAY} to {LAST_DAY}.")


def check_day(day: date | None) -> None:
    """Let a day pass that can be meant; none at all passes, too.

    :raises DayOutOfRange: for any other.
    """
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise DayOutOfRange(day)


def validate_day(day: date) -> None:
    """The same for the fields of forms and serializers.

    :raises ValidationError: with code `day_out_of_range`.
    """
    try:
        check_day(day)
    except DayOutOfRange as error:
        raise ValidationError(str(error), code="day_out_of_range") from None


def read_day(text: str) -> date:
    """A day in ISO 8601, such as 2026-03-01.

    :raises ValueError: when it is none, or out of range.
    """
    day = date.fromisoformat(text)
    check_day(day)
    return day
