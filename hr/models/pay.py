"""Paystubs and pay details. Amounts, lines, account and national id are sealed under the person's data key."""

import uuid

from django.db import models
from django.db.models import F, Q

from hr.fields import EncryptedDecimal, EncryptedField, EncryptedJSON
from hr.models.employees import Employee
from hr.models.subject_keys import SubjectKey


class PayCode(models.Model):
    """What a line of a paystub means, in plain words, for this company."""

    class Kind(models.TextChoices):
        EARNING = "earning", "Earning"
        DEDUCTION = "deduction", "Deduction"
        EMPLOYER = "employer", "Paid by the employer on top"

    code = models.CharField(max_length=32, unique=True, help_text="As the payroll system writes it, such as BASE.")
    label = models.CharField(max_length=100)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    explanation = models.TextField(
        max_length=1000, help_text="What it is and why it is there, as you would say it to a colleague."
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "pay_codes"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["earning", "deduction", "employer"]),
                name="pay_code_kind_known",
                violation_error_message="Choose one of the kinds.",
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z0-9_-]{1,32}$"),
                name="pay_code_is_written_in_capitals",
                violation_error_message="The code is 1 to 32 capital letters, digits, hyphens or underscores.",
            ),
        ]

    class Privacy:
        keep = {
            "id": "row id",
            "code": "the company's own",
            "label": "the company's own",
            "kind": "the company's own",
            "explanation": "the company's own",
            "updated_at": "state",
        }

    def __str__(self) -> str:
        return f"{self.code} · {self.label}"


class Paystub(models.Model):
    """What one person was paid for one period. A correction is a new row with the next number; nothing is overwritten.

    A correction replaces the whole paystub: amounts are those of the period, not the difference.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="paystubs")
    subject_key = models.ForeignKey(SubjectKey, on_delete=models.PROTECT, related_name="paystubs")
    period_start_date = models.DateField(help_text="First day of the period.")
    period_end_date = models.DateField(help_text="Last day of the period.")
    pay_date = models.DateField()
    number = models.PositiveSmallIntegerField(default=1, help_text="1, and one more for each correction.")
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    currency = models.CharField(max_length=3, help_text="ISO 4217, such as EUR.")
    gross = EncryptedDecimal()
    net = EncryptedDecimal()
    lines = EncryptedJSON(help_text="code, label, kind, amount and explanation of each line.")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "paystubs"
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "period_start_date", "period_end_date", "number"], name="paystub_numbered_in_period"
            ),
            models.CheckConstraint(
                condition=Q(period_end_date__gte=F("period_start_date")),
                name="paystub_period_ends_after_its_start",
                violation_error_message="The period ends before it begins.",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
                name="paystub_currency_is_a_code",
                violation_error_message="The currency is a code of three capital letters, such as EUR.",
            ),
            models.CheckConstraint(
                condition=Q(number=1, corrects__isnull=True) | Q(number__gt=1, corrects__isnull=False),
                name="paystub_number_above_one_is_a_correction",
                violation_error_message="A paystub above number 1 corrects another one.",
            ),
        ]
        indexes = [models.Index(fields=["employee", "-pay_date"], name="paystub_newest_of_a_person")]

    class Privacy:
        erase = {
            "employee": "whose pay it is",
            "period_start_date": "personal record",
            "period_end_date": "personal record",
            "pay_date": "personal record",
            "currency": "personal record",
            "gross": "sealed; unreadable once the subject's key is destroyed",
            "net": "sealed; unreadable once the subject's key is destroyed",
            "lines": "sealed; unreadable once the subject's key is destroyed",
        }
        keep = {
            "id": "random",
            "subject_key": "key name",
            "number": "counter",
            "corrects": "random",
            "created_at": "state",
        }

    def __str__(self) -> str:
        return f"{self.employee} · {self.period_start_date:%Y-%m-%d} to {self.period_end_date:%Y-%m-%d}"

    def __repr__(self) -> str:
        return f"Paystub({self.pk})"  # for logs: no name


class PayDetails(models.Model):
    """Where a person is paid and under which number the authorities know them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    employee = models.OneToOneField(Employee, on_delete=models.PROTECT, related_name="pay_details")
    subject_key = models.ForeignKey(SubjectKey, on_delete=models.PROTECT, related_name="pay_details")
    iban = EncryptedField(null=True)
    national_id = EncryptedField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "pay_details"
        verbose_name = verbose_name_plural = "pay details"

    class Privacy:
        erase = {
            "employee": "whose details they are",
            "iban": "sealed; unreadable once the subject's key is destroyed",
            "national_id": "sealed; unreadable once the subject's key is destroyed",
        }
        keep = {"id": "random", "subject_key": "key name", "updated_at": "state"}

    def __str__(self) -> str:
        return f"Pay details of {self.employee}"

    def __repr__(self) -> str:
        return f"PayDetails({self.pk})"  # for logs: no name
