"""The company's people as a file, and the empty file to fill in."""

from typing import Any, Literal

import tablib
from django.db.models import QuerySet

from hr.imports.columns import COLUMNS, NAMES
from hr.imports.resource import EmployeeResource

FileKind = Literal["csv", "xlsx"]
MEDIA_TYPES: dict[FileKind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export_people(*, people: QuerySet[Any], kind: FileKind) -> bytes:
    """The people with the columns of an import; what would be a formula has an apostrophe in front. One query."""
    rows = EmployeeResource().export(queryset=people.select_related("manager"))
    return _written(rows, kind)


def template_file(*, kind: FileKind) -> bytes:
    """The heading, to fill in below; as .xlsx with a second sheet that explains the columns.

    No example person: somebody would import it.
    """
    if kind == "csv":
        return _written(tablib.Dataset(headers=NAMES), kind)
    people = tablib.Dataset(headers=NAMES, title="People")
    about = tablib.Dataset(
        *((column.name, column.about, column.example) for column in COLUMNS),
        headers=("column", "what it says", "example"),
        title="Columns",
    )
    written: bytes = tablib.Databook([people, about]).export("xlsx")
    return written


def _written(rows: tablib.Dataset, kind: FileKind) -> bytes:
    if kind == "csv":
        # The mark lets Excel read UTF-8.
        return ("\ufeff" + rows.export("csv")).encode()
    written: bytes = rows.export("xlsx")
    return written
