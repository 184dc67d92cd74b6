"""The columns of a list of people: what they are called, in the file and by people."""

from collections.abc import Sequence
from dataclasses import dataclass

from hr.imports.sheets import SheetRefused


@dataclass(frozen=True)
class Column:
    """`name` is the heading that we write; `others` what we read as well. `about` is told to HR."""

    name: str
    about: str
    example: str
    others: tuple[str, ...] = ()


COLUMNS = (
    Column(
        "employee_number",
        "Required. A person is recognised by it, so it must never change.",
        "E00123",
        ("number", "personnel number", "employee id", "staff number", "employee no"),
    ),
    Column(
        "email",
        "Required for new people. Also the name for signing in.",
        "dana.field@acme.example",
        ("e-mail", "mail", "e-mail address", "email address", "work email"),
    ),
    Column("first_name", "Required for new people.", "Dana", ("given name", "forename")),
    Column("last_name", "Required for new people.", "Field", ("surname", "family name")),
    Column(
        "role",
        "employee, manager, hr or ceo; empty: unchanged, and employee for new people.",
        "employee",
        ("access role",),
    ),
    Column("department", "Any text.", "Production", ("team", "unit")),
    Column(
        "manager_number",
        "The manager's employee number; may be a later line of the same file.",
        "E00007",
        ("manager", "reports to", "manager id", "supervisor", "line manager"),
    ),
    Column("country", "Code or English name: DE or Germany.", "DE", ("country code", "country of employment")),
    Column("site", "Any text, always spelt alike.", "Bremen", ("location", "office", "plant")),
    Column(
        "employment_type",
        "full time, part time, temporary, apprentice, intern or contractor.",
        "full time",
        ("employment", "contract type", "type"),
    ),
    Column("grade", "Any text.", "G4", ("level", "band", "pay grade")),
    Column(
        "working_days_per_week",
        "0.5 to 7; empty: unchanged, and 5 for new people.",
        "5",
        ("working days", "days per week", "days a week"),
    ),
    Column("start_date", "2026-03-01 or 01.03.2026.", "2024-03-01", ("first day", "hire date", "joined", "start")),
    Column(
        "end_date",
        "The last day; once it has passed the person is deactivated.",
        "",
        ("last day", "leaving date", "left", "end"),
    ),
    Column("language", "Code or English name: de or German.", "de", ("preferred language",)),
    Column(
        "active",
        "yes or no. no shuts the person out; nobody is ever deleted. Empty: unchanged.",
        "yes",
        ("is active", "status", "enabled"),
    ),
)
NAMES = tuple(column.name for column in COLUMNS)


@dataclass(frozen=True)
class Heading:
    """Where the file has which column, and the headings that mean nothing to us."""

    places: dict[str, int]
    ignored: tuple[str, ...]


def read_heading(cells: Sequence[str]) -> Heading:
    """Headings in any case, with spaces, hyphens or underscores; unknown ones are left alone.

    :raises SheetRefused: without a column for the employee number, or with one column twice.
    """
    places: dict[str, int] = {}
    ignored: list[str] = []
    for place, cell in enumerate(cells):
        name = _BY_KEY.get(_key(cell))
        if name is None:
            if cell:
                ignored.append(cell[:60])
            continue
        if name in places:
            raise SheetRefused("duplicate_column", f"Two columns are read as {name}: rename or remove one.")
        places[name] = place
    if "employee_number" not in places:
        raise SheetRefused(
            "no_number_column", "No column employee_number: the first line of the file must name the columns."
        )
    return Heading(places=places, ignored=tuple(ignored))


def _key(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


_BY_KEY = {_key(name): column.name for column in COLUMNS for name in (column.name, *column.others)}
