"""Paystubs for tests, made by the service that makes the real ones."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test import Client

from hr.models import Employee, Paystub
from hr.pay import PayLine
from hr.services import pay
from tenants import context
from tenants.models import Tenant

# Found nowhere by chance: 9,100.07 earned, 3,777.73 off, 5,322.34 left; 1,234.56 on top.
GROSS, TAX, NET, ON_TOP = Decimal("9100.07"), Decimal("3777.73"), Decimal("5322.34"), Decimal("1234.56")
IBAN, NATIONAL_ID = "DE89370400440532013000", "QQ 12 34 56 C"
# What must stand nowhere in the clear.
SECRETS = (
    "9100.07",
    "9,100.07",
    "3777.73",
    "3,777.73",
    "5322.34",
    "5,322.34",
    "1234.56",
    "1,234.56",
    IBAN,
    NATIONAL_ID,
)

LINES = (
    PayLine("BASE", "Base salary", "earning", GROSS),
    PayLine("TAX", "Income tax", "deduction", TAX),
    PayLine("ER_PENSION", "Employer's pension share", "employer", ON_TOP),
)


def make_paystub(employee: Employee, *, month: int = 1, **changes: Any) -> Paystub:
    """A paystub of a month of 2026."""
    values: dict[str, Any] = {
        "employee": employee,
        "period_start_date": date(2026, month, 1),
        "period_end_date": date(2026, month, 28),
        "pay_date": date(2026, month, 27),
        "currency": "EUR",
        "gross": GROSS,
        "net": NET,
        "lines": LINES,
        **changes,
    }
    return pay.create_paystub(**values)


class Browser(Client):
    """Signed in at the person's company. The test's thread stays in the company it was in; requests leave it."""

    def __init__(self, tenant: Tenant, person: Employee) -> None:
        super().__init__(headers={"host": f"{tenant.schema_name}.localhost"})
        with context.enter(tenant):
            self.force_login(person.user, backend="hr.backends.EmployeeBackend")  # type: ignore[arg-type]

    def request(self, **request: Any) -> Any:
        before = connection.tenant  # type: ignore[attr-defined]
        try:
            return super().request(**request)
        finally:
            connection.set_tenant(before)  # type: ignore[attr-defined]


def sheet(*rows: str) -> bytes:
    """A pay sheet with these rows."""
    header = "employee_number,period_start,period_end,pay_date,currency,gross,net,code,label,kind,amount,correction"
    return "\n".join((header, *rows)).encode()


def rows_of(
    number: str, *, month: int = 1, correction: str = "", gross: str = "9100.07", net: str = "5322.34"
) -> list[str]:
    """The two rows of one paystub."""
    head = f"{number},2026-{month:02}-01,2026-{month:02}-28,2026-{month:02}-27,EUR,{gross},{net}"
    return [
        f"{head},BASE,Base salary,earning,{gross},{correction}",
        f"{head},TAX,Income tax,deduction,{Decimal(gross) - Decimal(net)},{correction}",
    ]
