"""The person's own pay page: one action, so one audit row for all that it shows."""

from dataclasses import dataclass

from audit import services as audit
from hr.models import Employee
from hr.pay import Payslip
from hr.services.pay import details, reading
from hr.services.pay.details import MaskedDetails


@dataclass(frozen=True)
class PayOverview:
    """Everything the person was paid, newest first, and where it goes, in part."""

    paystubs: tuple[Payslip, ...]
    details: MaskedDetails


def overview_of(*, employee: Employee) -> PayOverview:
    """Paystubs and masked details of the person of the session. Three queries; audited as one reading.

    :raises hr.keys.KeyUnavailable: one of its kinds, when one of them cannot be opened.
    """
    paystubs, masked = reading.all_of(employee), details.masked_of(employee)
    audit.record_read(
        verb="paystub.read_all",
        target=employee.actor_label,
        details={"count": len(paystubs), "pay_details": "masked"},
    )
    return PayOverview(paystubs=paystubs, details=masked)
