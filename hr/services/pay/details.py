"""Bank account and national id of a person: sealed, shown in part only, opened in full by HR with a reason."""

import re
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from audit import services as audit
from hr import access, subject_keys
from hr.models import Employee, PayDetails
from hr.services.pay.reading import NotForPay

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_NATIONAL_ID = re.compile(r"[A-Z0-9][A-Z0-9 ./-]{3,30}")
_SHOWN = 4


class BadIban(ValueError):
    """Not an international bank account number. The message never repeats it."""


class BadNationalId(ValueError):
    """Not a national id or social security number. The message never repeats it."""


@dataclass(frozen=True)
class MaskedDetails:
    """What may be shown: country and the last characters. Empty where nothing is kept."""

    iban: str
    national_id: str


def set_pay_details(*, employee: Employee, iban: str | None, national_id: str | None, reason: str = "") -> PayDetails:
    """Keep these for the person; an empty text removes, None leaves what is there. Audited, without the values.

    :raises BadIban: when its check digits do not fit (ISO 13616).
    :raises BadNationalId: when it has characters that no country uses.
    :raises hr.keys.KeyUnavailable: one of its kinds, when nothing can be sealed for the person.
    """
    given = {
        "iban": iban if not iban else checked_iban(iban),
        "national_id": national_id if not national_id else checked_national_id(national_id),
    }
    changes = {name: value or None for name, value in given.items() if value is not None}
    with transaction.atomic():
        key = subject_keys.current_keys(employees=[employee])[employee.pk]
        row = PayDetails.objects.select_related("subject_key").filter(employee=employee).first()
        row = row or PayDetails(employee=employee)
        kept = dict(zip(("iban", "national_id"), _values(row), strict=True)) if row.subject_key_id else {}
        row.subject_key, row.updated_at = key, timezone.now()
        for name, value in {**kept, **changes}.items():
            setattr(row, name, value)
        row.save()
        audit.record(
            verb="pay_details.change",
            target=employee.actor_label,
            reason=reason,
            details={"changed": sorted(changes)},
        )
    return row


def masked_details_of(*, employee: Employee) -> MaskedDetails:
    """What the person is shown of their own details. Two queries; audited.

    :raises hr.keys.KeyUnavailable: one of its kinds, when they cannot be opened.
    """
    found = masked_of(employee)
    audit.record_read(verb="pay_details.read", target=employee.actor_label, details={"masked": True})
    return found


def masked_of(employee: Employee) -> MaskedDetails:
    """What `masked_details_of` gives, for a caller that records the reading itself."""
    found = _opened(employee)
    return MaskedDetails(iban=_masked(found[0], front=_SHOWN), national_id=_masked(found[1], front=0))


def open_details_for_hr(*, by: Employee, employee: Employee, reason: str) -> tuple[str, str]:
    """IBAN and national id in full, for HR; empty texts where nothing is kept. The reason is kept in the audit log.

    :raises NotForPay: unless `by` is HR.
    :raises hr.keys.KeyUnavailable: one of its kinds, when they cannot be opened.
    """
    if not access.may_manage_pay(by):
        audit.record_refusal(verb="pay_details.open_for_hr", target=employee.actor_label, reason="not HR")
        raise NotForPay
    found = _opened(employee)
    with transaction.atomic():
        audit.record(verb="pay_details.open_for_hr", target=employee.actor_label, reason=reason)
    return found


def checked_iban(text: str) -> str:
    """The IBAN without spaces, in capitals.

    :raises BadIban: when it has another form, or its check digits do not fit: the remainder by 97 is not 1.
    """
    iban = re.sub(r"\s", "", text).upper()
    if not _IBAN.fullmatch(iban):
        raise BadIban("is not an IBAN such as DE89 3704 0044 0532 0130 00")
    turned = iban[4:] + iban[:4]
    if int("".join(str(int(character, 36)) for character in turned)) % 97 != 1:
        raise BadIban("has a typing error: the check digits do not fit")
    return iban


def checked_national_id(text: str) -> str:
    """The number in capitals with single spaces.

    :raises BadNationalId: when it has characters that no country uses.
    """
    number = " ".join(text.split()).upper()
    if not _NATIONAL_ID.fullmatch(number):
        raise BadNationalId("has 4 to 31 letters, digits, spaces, points, slashes or hyphens")
    return number


def _opened(employee: Employee) -> tuple[str, str]:
    row = PayDetails.objects.select_related("subject_key").filter(employee=employee).first()
    iban, national_id = _values(row) if row else (None, None)
    return iban or "", national_id or ""


def _values(row: PayDetails) -> tuple[str | None, str | None]:
    """What was sealed under a key that was given up is gone, and can be written anew."""
    return (None, None) if subject_keys.was_given_up(row.subject_key) else (row.iban, row.national_id)


def _masked(text: str, *, front: int) -> str:
    text = text.replace(" ", "")
    if len(text) < front + _SHOWN + 4:  # too short to hide anything behind four characters at its end
        return "•" * len(text)
    return f"{text[:front]} •••• {text[-_SHOWN:]}".strip()
