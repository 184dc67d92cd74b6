"""A year of invented paystubs for the demo's people, drawn from their employee numbers."""

import calendar
import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db import transaction

from audit import services as audit
from hr.models import Employee, PayDetails, Paystub
from hr.pay import PayLine, amounts
from hr.services import pay
from hr.services.pay import NewPaystub

_MONTHS = 12
_PAY_DAY = 27
_CURRENCIES = {"GB": "GBP", "US": "USD", "CH": "CHF", "PL": "PLN", "SE": "SEK", "DK": "DKK", "JP": "JPY"}
# Monthly full-time pay in euro by role, before a person's own share of more or less; invented.
_PAY = {"employee": 3600, "manager": 5200, "hr": 4400, "ceo": 9800}
# How much of a currency one euro of the table above is, roundly.
_PER_EURO = {"GBP": "0.9", "USD": "1.15", "CHF": "1.2", "PLN": "2.6", "SEK": "10", "DKK": "7.5", "JPY": "110"}
# Shares of gross. Invented and roughly what such a payslip shows; no tax advice.
_DEDUCTIONS = {
    "DE": (
        ("TAX", "Income tax", "0.155"),
        ("PENSION", "Pension insurance", "0.093"),
        ("HEALTH", "Health insurance", "0.0855"),
        ("UNEMPLOYMENT", "Unemployment insurance", "0.013"),
        ("CARE", "Long-term care insurance", "0.018"),
    ),
    "FR": (("SOCIAL", "Social security", "0.221"), ("TAX", "Income tax (withheld)", "0.071")),
    "": (
        ("TAX", "Income tax", "0.168"),
        ("SOCIAL", "Social security", "0.08"),
        ("SAVINGS", "Workplace pension", "0.05"),
    ),
}
_ON_TOP = {
    "DE": (("ER_PENSION", "Employer's pension share", "0.093"), ("ER_HEALTH", "Employer's health share", "0.0855")),
    "FR": (("ER_SOCIAL", "Employer's social security", "0.41"),),
    "": (("ER_SOCIAL", "Employer's social security", "0.12"),),
}
_BANKS = {"DE": "37040044{:010d}", "FR": "2004101005{:011d}06", "GB": "NWBK601613{:08d}"}


def seed(*, today: date) -> int:
    """Paystubs of the last twelve finished months, and pay details, for everybody in the current company who has none.

    Returns how many paystubs are new. A handful of queries for the paystubs, however many people.
    """
    people = list(
        Employee.objects.active()
        .filter(paystubs=None)
        .exclude(employment_type="contractor")
        .order_by("employee_number")
    )
    new = [paystub for position, person in enumerate(people) for paystub in _year_of(person, position, today)]
    with transaction.atomic():
        made: list[Paystub] = pay.create_paystubs(new=new)
        if made:
            audit.record(verb="demo.paystubs", details={"paystubs": len(made), "people": len(people)})
    for person in people:
        if not PayDetails.objects.filter(employee=person).exists():
            _details(person)
    return len(made)


def _year_of(person: Employee, position: int, today: date) -> Iterator[NewPaystub]:
    rng = random.Random(person.employee_number)  # noqa: S311 (invented pay, not a secret)
    currency = _CURRENCIES.get(person.country, "EUR")
    euro = Decimal(_PAY.get(person.role, 3600)) * Decimal(rng.randrange(85, 126)) / 100
    base = euro * Decimal(_PER_EURO.get(currency, "1")) * person.working_days_per_week / 5
    for year, month in _months_before(today):
        first, last = date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        if person.start_date is not None and person.start_date > first:
            continue
        # Everybody got a rise in April; what came before is less.
        current = base if (year, month) >= (today.year, 4) else base / Decimal("1.03")
        extra = [("BONUS", "Spring bonus", "0.25")] if month == 3 else []
        if rng.random() < 0.2:
            extra.append(("OVERTIME", "Overtime", "0.04"))
        common = {"employee": person, "period_start_date": first, "period_end_date": last, "currency": currency}
        yield _paystub(common, current, extra, person.country, date(year, month, _PAY_DAY))
        # Now and then payroll had forgotten something.
        if position % 9 == 2 and month == 6:
            again = [*extra, ("ALLOWANCE", "Travel allowance, forgotten before", "0.02")]
            yield _paystub(common, current, again, person.country, date(year, month + 1, 3), is_correction=True)


def _paystub(
    common: dict[str, object],
    base: Decimal,
    extra: list[tuple[str, str, str]],
    country: str,
    pay_date: date,
    *,
    is_correction: bool = False,
) -> NewPaystub:
    currency = str(common["currency"])
    unit = Decimal(1).scaleb(-amounts.MINOR_DIGITS[currency])

    def part(of: Decimal, share: str) -> Decimal:
        return (of * Decimal(share)).quantize(unit)

    earned = [("BASE", "Base salary", base.quantize(unit)), *((c, label, part(base, s)) for c, label, s in extra)]
    gross = sum((amount for _, _, amount in earned), Decimal(0))
    kept = [(code, label, part(gross, share)) for code, label, share in _DEDUCTIONS.get(country, _DEDUCTIONS[""])]
    on_top = [(code, label, part(gross, share)) for code, label, share in _ON_TOP.get(country, _ON_TOP[""])]
    return NewPaystub(
        **common,  # type: ignore[arg-type]
        pay_date=pay_date,
        gross=gross,
        net=gross - sum((amount for _, _, amount in kept), Decimal(0)),
        lines=(
            *(PayLine(code, label, "earning", amount) for code, label, amount in earned),
            *(PayLine(code, label, "deduction", amount) for code, label, amount in kept),
            *(PayLine(code, label, "employer", amount) for code, label, amount in on_top),
        ),
        is_correction=is_correction,
    )


def _months_before(today: date) -> list[tuple[int, int]]:
    """The last twelve months that are over, oldest first."""
    count = today.year * 12 + today.month - 1
    return [(n // 12, n % 12 + 1) for n in range(count - _MONTHS, count)]


def _details(person: Employee) -> None:
    rng = random.Random(f"details {person.employee_number}")  # noqa: S311 (invented, not a secret)
    bank = _BANKS.get(person.country)
    iban = _iban(person.country, bank.format(rng.randrange(10**8))) if bank else ""
    number = f"{rng.randrange(10, 100)} {rng.randrange(10**6):06d} X {rng.randrange(1000):03d}"
    pay.set_pay_details(employee=person, iban=iban, national_id=number, reason="demo")


def _iban(country: str, account: str) -> str:
    """With its check digits: 98 less the remainder by 97 of the number with 00 in their place (ISO 13616)."""
    number = "".join(str(int(character, 36)) for character in f"{account}{country}00")
    return f"{country}{98 - int(number) % 97:02d}{account}"
