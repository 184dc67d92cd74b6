"""What a person has left."""

from datetime import date

from hr import records as people
from hr.leave import balances
from hr.leave.problems import NoPolicy, TooFar
from hr.leave.values import Record
from hr.models import Employee
from hr.services.leave import records
from tenants import context


def balance_of(*, employee: Employee, on: date | None = None) -> balances.Balance:
    """The balance of a day, today when none is given, with its proof. Three queries.

    :raises NoPolicy: when the country is not on record, or no policy covers the year.
    :raises TooFar: after the end of next year.
    """
    today = context.local_today()
    day = on or today
    if day.year > today.year + 1:
        raise TooFar(f"Balances can be looked at until the end of {today.year + 1}.")
    record = records.record_of(employee=employee, until_year=day.year)
    check_policy(employee=employee, record=record, year=day.year)
    return balances.balance(record=record, on=day)


def check_policy(*, employee: Employee, record: Record, year: int) -> None:
    """
    :raises NoPolicy: when nothing says how many days the person gets in `year`.
    """
    if not employee.country:
        raise NoPolicy("Your country is not on record, so no leave policy applies. Please ask HR to add it.")
    if record.year(year).policy is None:
        place = people.country_name(employee.country)
        raise NoPolicy(f"HR has stated no leave policy for {place} in {year}. Please ask HR.")
