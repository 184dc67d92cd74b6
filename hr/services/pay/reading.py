"""Reading paystubs. One's own; HR opens another's with a reason. Foreign and missing are the same error."""

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from audit import services as audit
from hr import access
from hr.models import Employee, Paystub
from hr.pay import Payslip, PayslipHeading, lines, pdf
from tenants import context

_SEALED = ("gross", "net", "lines")


class PaystubNotFound(LookupError):
    """No such paystub of this person."""


class NotForPay(PermissionError):
    """This person may not see what others are paid."""


def headings_of(*, employee: Employee) -> tuple[PayslipHeading, ...]:
    """The person's paystubs without amounts, newest first. Nothing is opened, so it works without keys. Audited."""
    found = tuple(_heading(row) for row in _rows().filter(employee=employee).defer(*_SEALED))
    audit.record_read(verb="paystub.list", target=employee.actor_label, details={"count": len(found)})
    return found


def paystubs_of(*, employee: Employee) -> tuple[Payslip, ...]:
    """The person's paystubs, opened, newest first; corrected ones stand behind their correction. One query. Audited.

    Those that were given up after a lost master key are left out. The caller passes the person of the session, never
    one that was named in a request or by a model.

    :raises hr.keys.KeyUnavailable: one of its kinds, when one of them cannot be opened.
    """
    found = all_of(employee)
    audit.record_read(verb="paystub.read_all", target=employee.actor_label, details={"count": len(found)})
    return found


def all_of(employee: Employee) -> tuple[Payslip, ...]:
    """What `paystubs_of` gives, for a caller that records the reading itself."""
    return _opened(_readable().filter(employee=employee))


def latest_paystub(*, employee: Employee) -> Payslip | None:
    """The newest paystub that no correction replaced, opened; None when there is none. Audited.

    :raises hr.keys.KeyUnavailable: one of its kinds, when it cannot be opened.
    """
    found = _opened(_readable().filter(employee=employee, corrected_by=None)[:1])
    for payslip in found:
        _record("paystub.read", payslip)
    return found[0] if found else None


def paystub_for(*, employee: Employee, paystub_id: uuid.UUID) -> Payslip:
    """One of the person's own paystubs, opened. Audited, and so is the refusal.

    :raises PaystubNotFound: for another's, another company's and missing ones alike.
    :raises hr.keys.KeyUnavailable: one of its kinds, when it cannot be opened.
    """
    found = _own(employee, paystub_id)
    _record("paystub.read", found)
    return found


def headings_for_hr(*, by: Employee, employee: Employee) -> tuple[PayslipHeading, ...]:
    """Another person's paystubs without amounts, newest first. Audited.

    :raises NotForPay: unless `by` is HR.
    """
    _check_may_read(by, target=employee.actor_label)
    return headings_of(employee=employee)


def paystub_for_hr(*, by: Employee, paystub_id: uuid.UUID, reason: str) -> Payslip:
    """Any paystub of the company, opened for HR. The reason is kept in the audit log.

    :raises NotForPay: unless `by` is HR: owners and managers do not see what people are paid.
    :raises PaystubNotFound: for missing ones.
    :raises hr.keys.KeyUnavailable: one of its kinds, when it cannot be opened.
    """
    _check_may_read(by, target=f"paystub:{paystub_id}")
    found = _opened(_rows().filter(pk=paystub_id))
    if not found:
        raise PaystubNotFound
    _record("paystub.open_for_hr", found[0], reason=reason, details={"subject": f"employee:{found[0].employee_id}"})
    return found[0]


def pdf_for(*, employee: Employee, paystub_id: uuid.UUID) -> tuple[Payslip, bytes]:
    """One of the person's own paystubs as a PDF of our own layout; the same bytes each time. Audited as a download.

    :raises PaystubNotFound: for another's, another company's and missing ones alike, after the refusal was recorded.
    :raises hr.keys.KeyUnavailable: one of its kinds, when it cannot be opened.
    """
    paystub = _own(employee, paystub_id)
    made = _pdf_of(paystub)
    _record("paystub.download", paystub, details={"bytes": len(made)})
    return paystub, made


def _own(employee: Employee, paystub_id: uuid.UUID) -> Payslip:
    found = _opened(_rows().filter(employee=employee, pk=paystub_id))
    if not found:
        audit.record_refusal(verb="paystub.read", target=f"paystub:{paystub_id}", reason="not theirs or not there")
        raise PaystubNotFound
    return found[0]


def _pdf_of(paystub: Payslip) -> bytes:
    employee = Employee.objects.get(pk=paystub.employee_id)
    return pdf.render(
        payslip=paystub,
        company=context.current_tenant().name,
        person=str(employee),
        employee_number=employee.employee_number,
        department=employee.department,
    )


def digest_of(paystub: Paystub) -> str:
    """SHA-256 of the sealed columns: names the content in the audit log and tells nothing about it."""
    fields = [Paystub._meta.get_field(name) for name in _SEALED]
    sealed = (field.ciphertext_of(paystub) or b"" for field in fields)  # type: ignore[union-attr]
    return hashlib.sha256(b"".join(sealed)).hexdigest()


def _rows() -> QuerySet[Paystub, Any]:
    rows = Paystub.objects.annotate(corrected_by_uuid=F("corrected_by__id")).select_related("subject_key")
    return rows.order_by("-pay_date", "-period_start_date", "-number", "pk")


def _readable() -> QuerySet[Paystub, Any]:
    """Without those that were given up after a lost master key (`rekey_fields --forget-lost`): their key is destroyed
    and another took its place. An erased person's only key is destroyed and stays current, and that is an error."""
    return _rows().exclude(subject_key__destroyed_at__isnull=False, subject_key__retired_at__isnull=False)


def _heading(row: Paystub) -> PayslipHeading:
    return PayslipHeading(**_head(row))


def _head(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "employee_id": row.employee_id,
        "period_start_date": row.period_start_date,
        "period_end_date": row.period_end_date,
        "pay_date": row.pay_date,
        "currency": row.currency,
        "number": row.number,
        "corrects_id": row.corrects_id,
        "corrected_by_id": row.corrected_by_uuid,
    }


def _opened(rows: QuerySet[Paystub, Any] | Sequence[Paystub]) -> tuple[Payslip, ...]:
    return tuple(
        Payslip(**_head(row), gross=row.gross, net=row.net, lines=lines.from_json(row.lines), digest=digest_of(row))
        for row in rows
    )


def _record(verb: str, payslip: Payslip, *, reason: str = "", details: dict[str, Any] | None = None) -> None:
    with transaction.atomic():
        audit.record(
            verb=verb, target=f"paystub:{payslip.id}", digest=payslip.digest, reason=reason, details=details or {}
        )


def _check_may_read(by: Employee, *, target: str) -> None:
    if not access.may_manage_pay(by):
        audit.record_refusal(verb="paystub.open_for_hr", target=target, reason="not HR")
        raise NotForPay
