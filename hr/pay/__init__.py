"""Pay as plain values: amounts, lines, sheets to import, and the PDF. No rows, no ORM, no network."""

from hr.pay.lines import PayLine, Payslip, PayslipHeading

__all__ = ["PayLine", "Payslip", "PayslipHeading"]
