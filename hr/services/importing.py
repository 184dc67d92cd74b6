"""Taking in a list of people: all of it, or nothing."""

import hashlib
import uuid
from collections import Counter
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from audit import services as audit
from hr import imports
from hr.imports import Entry, Plan, Problem, SheetRefused
from hr.models import Employee
from tenants import context

_SHOWN_ENTRIES = 50


@dataclass(frozen=True)
class PersonChange:
    """What becomes of one person. `columns` is empty for a new one."""

    line: int
    employee_number: str
    name: str
    is_new: bool
    is_leaving: bool
    columns: tuple[str, ...]


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do. With `problems` nothing was written.

    `sha256` is the file's. `changes` counts how often each column changes among existing people; `first_changes` are
    the first few people in the order of the file.
    """

    sha256: str
    rows: int
    created: int
    updated: int
    unchanged: int
    deactivated: int
    reactivated: int
    written: bool
    problems: tuple[Problem, ...]
    ignored_columns: tuple[str, ...]
    changes: tuple[tuple[str, int], ...]
    first_changes: tuple[PersonChange, ...]


def import_people(*, content: bytes, by: Employee | None, reason: str = "") -> ImportReport:
    """Check every row, then make and change all people in one transaction; with a single bad row, none.

    New people get a login without a password (see `invite`). People who are not in the file stay as they are; nobody is
    deleted. `by` decides which roles may be given; None is the operator's shell. Until it is done (some 5 s for 10,000
    rows) other changes of people wait.

    :raises SheetRefused: when the file as a whole cannot be used, after the refusal was recorded.
    """
    sheet = _read(content)
    with transaction.atomic():
        # Nobody is hired, moved or shut out between the check and the writing.
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE employees IN SHARE ROW EXCLUSIVE MODE")
        plan = _plan(sheet, by)
        report = _report(plan, content, written=not plan.problems)
        if report.written:
            import_id = uuid.uuid4().hex
            imports.write_plan(plan=plan, import_id=import_id)
            audit.record(
                verb="employees.import",
                target=f"import:{import_id}",
                reason=reason,
                digest=report.sha256,
                details=_counts(report),
            )
    if not report.written:
        audit.record_refusal(
            verb="employees.import", reason="bad rows", details={**_counts(report), "sha256": report.sha256}
        )
    return report


def check_people(*, content: bytes, by: Employee | None) -> ImportReport:
    """What `import_people` would do, without doing it. Recorded: it tells what would change in people's records.

    :raises SheetRefused: when the file as a whole cannot be used.
    """
    report = _report(_plan(_read(content), by), content, written=False)
    audit.record_read(verb="employees.check_import", digest=report.sha256, details=_counts(report))
    return report


def _read(content: bytes) -> imports.Sheet:
    try:
        return imports.read_sheet(content=content, max_rows=settings.MAX_IMPORT_ROWS)
    except SheetRefused as refusal:
        audit.record_refusal(verb="employees.import", reason=refusal.code)
        raise


def _plan(sheet: imports.Sheet, by: Employee | None) -> Plan:
    return imports.make_plan(sheet=sheet, by=by, today=context.local_today())


def _report(plan: Plan, content: bytes, *, written: bool) -> ImportReport:
    known = [entry for entry in plan.entries if not entry.is_new]
    moved = [entry for entry in known if entry.changed]
    changes = Counter(column for entry in moved for column in entry.changed)
    new = [entry for entry in plan.entries if entry.is_new]
    shown = [entry for entry in plan.entries if entry.is_new or entry.changed][:_SHOWN_ENTRIES]
    return ImportReport(
        sha256=hashlib.sha256(content).hexdigest(),
        rows=plan.rows,
        created=len(new),
        updated=len(moved),
        unchanged=len(known) - len(moved),
        deactivated=sum(entry.is_leaving for entry in moved),
        reactivated=sum("active" in entry.changed and entry.employee.is_active for entry in moved),
        written=written,
        problems=tuple(plan.problems),
        ignored_columns=plan.ignored_columns,
        changes=tuple(sorted(changes.items(), key=lambda pair: (-pair[1], pair[0]))),
        first_changes=tuple(_change_of(entry) for entry in shown),
    )


def _change_of(entry: Entry) -> PersonChange:
    return PersonChange(
        line=entry.line,
        employee_number=entry.employee.employee_number,
        name=str(entry.employee),
        is_new=entry.is_new,
        is_leaving=entry.is_leaving and not entry.is_new,
        columns=() if entry.is_new else tuple(entry.changed),
    )


def _counts(report: ImportReport) -> dict[str, int]:
    return {
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "deactivated": report.deactivated,
        "bad_rows": len({problem.line for problem in report.problems}),
    }
