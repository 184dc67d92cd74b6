"""The team's absences as a table: a row for each person, a column for each day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hr.models import Employee
from hr.services.leave import Absence

WEEKS = 4


@dataclass(frozen=True)
class Day:
    """A column."""

    date: date
    is_weekend: bool
    is_today: bool


@dataclass(frozen=True)
class Cell:
    """`mark` is what is drawn, `label` what is read out. Both empty: there as usual."""

    is_weekend: bool
    mark: str = ""
    label: str = ""
    is_waiting: bool = False


@dataclass(frozen=True)
class Line:
    name: str
    cells: tuple[Cell, ...]
    is_away: bool


@dataclass(frozen=True)
class Calendar:
    first: date
    last: date
    days: tuple[Day, ...]
    lines: tuple[Line, ...]

    @property
    def before(self) -> date:
        return self.first - timedelta(weeks=WEEKS)

    @property
    def after(self) -> date:
        return self.first + timedelta(weeks=WEEKS)


def span_from(day: date) -> tuple[date, date]:
    """Whole weeks, from the Monday of the day's week."""
    first = day - timedelta(days=day.weekday())
    return first, first + timedelta(weeks=WEEKS) - timedelta(days=1)


def calendar(
    *, first: date, last: date, today: date, team: Sequence[Employee], absences: Sequence[Absence]
) -> Calendar:
    """Everybody of the team has a line, away or not."""
    dates = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    of_person: dict[int, list[Absence]] = {}
    for absence in absences:
        of_person.setdefault(absence.employee_id, []).append(absence)
    return Calendar(
        first=first,
        last=last,
        days=tuple(Day(date=each, is_weekend=each.weekday() > 4, is_today=each == today) for each in dates),
        lines=tuple(
            Line(
                name=str(person),
                cells=tuple(_cell(each, of_person.get(person.pk, ())) for each in dates),
                is_away=person.pk in of_person,
            )
            for person in team
        ),
    )


def _cell(day: date, absences: Sequence[Absence]) -> Cell:
    is_weekend = day.weekday() > 4
    for absence in absences:
        if not absence.first_day <= day <= absence.last_day:
            continue
        is_half = (day == absence.first_day and absence.first_day_half) or (
            day == absence.last_day and absence.last_day_half
        )
        mark = "?" if absence.is_waiting else "½" if is_half else "●"
        waiting = ", waiting for a decision" if absence.is_waiting else ""
        label = f"{absence.kind}{', half a day' if is_half else ''}{waiting}"
        return Cell(is_weekend=is_weekend, mark=mark, label=label, is_waiting=absence.is_waiting)
    return Cell(is_weekend=is_weekend)
