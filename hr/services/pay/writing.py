"""Writing paystubs: checked, sealed, never overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from audit import services as audit
from hr import subject_keys
from hr.models import Employee, Paystub
from hr.pay import PayLine, amounts, lines
from hr.services.pay.reading import digest_of

# Rows in one INSERT; each holds about a kilobyte of ciphertext.
_BATCH_ROWS = 500


class PaystubExists(ValueError):
    """The person already has a paystub for this period, and the new one is not marked as its correction."""


@dataclass(frozen=True)
class NewPaystub:
    """What is to be written. A correction replaces the newest paystub of the same period as a whole."""

    employee: Employee
    period_start_date: date
    period_end_date: date
    pay_date: date
    currency: str
    gross: Decimal
    net: Decimal
    lines: tuple[PayLine, ...]
    is_correction: bool = False

    def __repr__(self) -> str:
        return f"NewPaystub(employee:{self.employee.pk}, {self.period_start_date})"  # no amounts in logs

    @property
    def period(self) -> tuple[int, date, date]:
        return self.employee.pk, self.period_start_date, self.period_end_date


def create_paystub(
    *,
    employee: Employee,
    period_start_date: date,
    period_end_date: date,
    pay_date: date,
    currency: str,
    gross: Decimal,
    net: Decimal,
    lines: Sequence[PayLine],
    is_correction: bool = False,
    reason: str = "",
) -> Paystub:
    """Write one paystub. Audited.

    :raises amounts.UnknownCurrency: for a currency that ISO 4217 does not have.
    :raises amounts.BadAmount: for an amount with more digits than the currency has.
    :raises lines.AmountsDisagree: when earnings, gross, deductions and net do not add up.
    :raises PaystubExists: for a period that is paid already, without `is_correction`; or a correction of nothing.
    :raises hr.keys.KeyUnavailable: one of its kinds, when nothing can be sealed for the person.
    """
    new = NewPaystub(
        employee=employee,
        period_start_date=period_start_date,
        period_end_date=period_end_date,
        pay_date=pay_date,
        currency=currency,
        gross=gross,
        net=net,
        lines=tuple(lines),
        is_correction=is_correction,
    )
    with transaction.atomic():
        (made,) = create_paystubs(new=[new])
        audit.record(
            verb="paystub.create",
            target=f"paystub:{made.pk}",
            reason=reason,
            digest=digest_of(made),
            details={"subject": employee.actor_label, "number": made.number, "lines": len(new.lines)},
        )
    return made


def create_paystubs(*, new: Sequence[NewPaystub]) -> list[Paystub]:
    """Write many at once, all or none. The caller records them in the audit log, in the same transaction.

    A handful of queries for any number of people. Raises as `create_paystub` does.
    """
    new = [checked(paystub) for paystub in new]
    with transaction.atomic():
        # Locks each person's key: of two writers for one person, the second sees what the first wrote.
        keys = subject_keys.current_keys(employees=list({one.employee.pk: one.employee for one in new}.values()))
        newest = newest_of_period(employee_ids=set(keys))
        rows = []
        for one in new:
            before = newest.get(one.period)
            if (before is not None) != one.is_correction:
                raise PaystubExists("already paid" if before else "nothing to correct")
            row = _row(one, before)
            row.subject_key = keys[one.employee.pk]
            newest[one.period] = row
            rows.append(row)
        try:
            return Paystub.objects.bulk_create(rows, batch_size=_BATCH_ROWS)
        except IntegrityError as error:
            if "paystub_numbered_in_period" not in str(error):
                raise
            raise PaystubExists("already paid") from None


def newest_of_period(*, employee_ids: set[int]) -> dict[tuple[int, date, date], Paystub]:
    """The newest paystub of each period of these people, by person and period. One query, nothing opened."""
    rows = Paystub.objects.filter(employee_id__in=employee_ids).defer("gross", "net", "lines").order_by("number", "pk")
    return {(row.employee_id, row.period_start_date, row.period_end_date): row for row in rows}


def checked(paystub: NewPaystub) -> NewPaystub:
    """The same with amounts in exactly the digits of the currency. Raises as `create_paystub` does."""
    currency = amounts.checked_currency(paystub.currency)
    if not paystub.lines:
        raise lines.AmountsDisagree("there are no lines")
    exact = tuple(
        PayLine(
            code=line.code,
            label=line.label,
            kind=line.kind,
            amount=amounts.checked_amount(line.amount, currency=currency),
            explanation=line.explanation,
        )
        for line in paystub.lines
    )
    gross = amounts.checked_amount(paystub.gross, currency=currency)
    net = amounts.checked_amount(paystub.net, currency=currency)
    lines.check_sums(gross=gross, net=net, lines=exact)
    return NewPaystub(**{**vars(paystub), "gross": gross, "net": net, "lines": exact})


def _row(new: NewPaystub, before: Paystub | None) -> Paystub:
    return Paystub(
        employee=new.employee,
        period_start_date=new.period_start_date,
        period_end_date=new.period_end_date,
        pay_date=new.pay_date,
        number=before.number + 1 if before else 1,
        corrects=before,
        currency=new.currency,
        gross=new.gross,
        net=new.net,
        lines=lines.as_json(new.lines),
        created_at=timezone.now(),
    )
