"""Paystubs from a pay sheet: everything is checked, then everything is written, or nothing."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from audit import services as audit
from hr.models import Employee
from hr.pay import sheets
from hr.pay.sheets import Problem, Sheet, SheetPaystub
from hr.services.pay.reading import digest_of
from hr.services.pay.writing import NewPaystub, PaystubExists, create_paystubs, newest_of_period


class SheetRefused(ValueError):
    """The sheet has problems; nothing was written."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(f"{len(problems)} problems")


@dataclass(frozen=True)
class CheckedSheet:
    """What an import would do."""

    paystub_count: int
    correction_count: int
    person_count: int
    row_count: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class ImportedPaystubs:
    """What an import did."""

    paystub_count: int
    person_count: int
    row_count: int


def check_sheet(*, source: bytes) -> CheckedSheet:
    """Read the sheet and compare it with the company's people and paystubs. Changes nothing. Two queries. Audited."""
    sheet = sheets.read_sheet(source)
    people = _people(sheet)
    problems = _all_problems(sheet, people)
    audit.record_read(
        verb="paystub.check_import",
        digest=hashlib.sha256(source).hexdigest(),
        details={"paystubs": len(sheet.paystubs), "problems": len(problems)},
    )
    return CheckedSheet(
        paystub_count=len(sheet.paystubs),
        correction_count=sum(paystub.is_correction for paystub in sheet.paystubs),
        person_count=len({paystub.employee_number for paystub in sheet.paystubs}),
        row_count=sheet.row_count,
        problems=problems,
    )


def import_paystubs(*, source: bytes, reason: str = "") -> ImportedPaystubs:
    """Write every paystub of the sheet, or none. One row in the audit log, with counts.

    :raises SheetRefused: when anything is wrong, with every problem.
    :raises hr.keys.KeyUnavailable: one of its kinds, when nothing can be sealed for one of the people.
    """
    sheet = sheets.read_sheet(source)
    with transaction.atomic():
        people = _people(sheet)
        if problems := _all_problems(sheet, people):
            raise SheetRefused(problems)
        try:
            made = create_paystubs(new=[_new(paystub, people) for paystub in sheet.paystubs])
        except PaystubExists:  # somebody else imported between the check and the locks
            raise SheetRefused((Problem(0, "", "was partly imported by somebody else just now"),)) from None
        person_count = len({row.employee_id for row in made})
        audit.record(
            verb="paystub.import",
            reason=reason,
            digest=hashlib.sha256("".join(digest_of(row) for row in made).encode()).hexdigest(),
            details={"paystubs": len(made), "people": person_count, "rows": sheet.row_count},
        )
    return ImportedPaystubs(paystub_count=len(made), person_count=person_count, row_count=sheet.row_count)


def _people(sheet: Sheet) -> dict[str, Employee]:
    numbers = {number for _, number in sheet.named}
    return {person.employee_number: person for person in Employee.objects.filter(employee_number__in=numbers)}


def _all_problems(sheet: Sheet, people: dict[str, Employee]) -> tuple[Problem, ...]:
    found = [*sheet.problems, *_problems_with_rows(sheet, people)]
    if not found and not sheet.paystubs:
        found.append(Problem(0, "", "has a header and no rows"))
    return tuple(sorted(found, key=lambda problem: problem.line))


def _problems_with_rows(sheet: Sheet, people: dict[str, Employee]) -> Iterator[Problem]:
    newest = newest_of_period(employee_ids={person.pk for person in people.values()})
    for line, number in sheet.named:
        if number not in people:
            yield Problem(line, "employee_number", "belongs to nobody in this company")
    for paystub in sheet.paystubs:
        person = people.get(paystub.employee_number)
        if person is None:
            continue
        exists = (person.pk, paystub.period_start_date, paystub.period_end_date) in newest
        if exists and not paystub.is_correction:
            yield Problem(paystub.line, "period_start", "is paid already; a replacement says yes under correction")
        if paystub.is_correction and not exists:
            yield Problem(paystub.line, "correction", "there is no paystub of this period to correct")


def _new(paystub: SheetPaystub, people: dict[str, Employee]) -> NewPaystub:
    return NewPaystub(
        employee=people[paystub.employee_number],
        period_start_date=paystub.period_start_date,
        period_end_date=paystub.period_end_date,
        pay_date=paystub.pay_date,
        currency=paystub.currency,
        gross=paystub.gross,
        net=paystub.net,
        lines=paystub.lines,
        is_correction=paystub.is_correction,
    )
