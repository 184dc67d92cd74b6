"""Paystubs: written once and sealed, read by their person, opened by HR with a reason. Each of these is audited.

Audit rows, logs and errors carry ids, counts and digests of ciphertext; never an amount.
"""

from hr.services.pay.codes import ExplainedLine, LineNotFound, change_pay_code, create_pay_code, explain_line, explained
from hr.services.pay.details import (
    BadIban,
    BadNationalId,
    MaskedDetails,
    checked_iban,
    checked_national_id,
    masked_details_of,
    open_details_for_hr,
    set_pay_details,
)
from hr.services.pay.importing import CheckedSheet, ImportedPaystubs, SheetRefused, check_sheet, import_paystubs
from hr.services.pay.overview import PayOverview, overview_of
from hr.services.pay.reading import (
    NotForPay,
    PaystubNotFound,
    headings_for_hr,
    headings_of,
    latest_paystub,
    paystub_for,
    paystub_for_hr,
    paystubs_of,
    pdf_for,
)
from hr.services.pay.writing import NewPaystub, PaystubExists, create_paystub, create_paystubs

__all__ = [
    "BadIban",
    "BadNationalId",
    "CheckedSheet",
    "ExplainedLine",
    "ImportedPaystubs",
    "LineNotFound",
    "MaskedDetails",
    "NewPaystub",
    "NotForPay",
    "PayOverview",
    "PaystubExists",
    "PaystubNotFound",
    "SheetRefused",
    "change_pay_code",
    "check_sheet",
    "checked_iban",
    "checked_national_id",
    "create_pay_code",
    "create_paystub",
    "create_paystubs",
    "explain_line",
    "explained",
    "headings_for_hr",
    "headings_of",
    "import_paystubs",
    "latest_paystub",
    "masked_details_of",
    "open_details_for_hr",
    "overview_of",
    "paystub_for",
    "paystub_for_hr",
    "paystubs_of",
    "pdf_for",
    "set_pay_details",
]
