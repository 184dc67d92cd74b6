"""Pay codes that most companies have, with explanations to begin from. Each company's own stand in its `pay_codes`."""

from dataclasses import dataclass

from hr.pay.lines import Kind


@dataclass(frozen=True)
class CommonCode:
    """One code as it is seeded for a new company."""

    code: str
    label: str
    kind: Kind
    explanation: str


COMMON: tuple[CommonCode, ...] = (
    CommonCode("BASE", "Base salary", "earning", "Your agreed pay for the period, before anything is taken off."),
    CommonCode("HOURS", "Hourly pay", "earning", "Hours worked in the period times your hourly rate."),
    CommonCode(
        "OVERTIME", "Overtime", "earning", "Approved hours beyond your regular working time, with any supplement."
    ),
    CommonCode(
        "BONUS", "Bonus", "earning", "A one-off payment on top of your salary. It is taxed as pay in this period."
    ),
    CommonCode("HOLIDAY", "Holiday pay", "earning", "Extra pay for the holidays, as your contract or the law sets it."),
    CommonCode(
        "ALLOWANCE", "Allowance", "earning", "A regular supplement, for example for shifts, travel or equipment."
    ),
    CommonCode(
        "SICK", "Sick pay", "earning", "Pay for days on which you were ill, as far as the company continues it."
    ),
    CommonCode(
        "TAX",
        "Income tax",
        "deduction",
        "Tax on your pay. The company sends it to the tax office for you; your tax return settles the exact sum.",
    ),
    CommonCode(
        "PENSION",
        "Pension insurance",
        "deduction",
        "Your share of the public pension. The company pays a share as well.",
    ),
    CommonCode(
        "HEALTH", "Health insurance", "deduction", "Your share of health insurance. The company pays a share as well."
    ),
    CommonCode("CARE", "Long-term care insurance", "deduction", "Your share of the insurance for nursing care."),
    CommonCode(
        "UNEMPLOYMENT", "Unemployment insurance", "deduction", "Your share of the insurance that pays between two jobs."
    ),
    CommonCode("SOCIAL", "Social security", "deduction", "Your share of social security contributions."),
    CommonCode(
        "SAVINGS", "Workplace pension", "deduction", "What you chose to save for retirement through the company."
    ),
    CommonCode("ADVANCE", "Advance paid back", "deduction", "Part of an advance that you received earlier."),
    CommonCode(
        "ER_PENSION",
        "Employer's pension share",
        "employer",
        "What the company pays into your pension on top of your pay. It is not taken from your net.",
    ),
    CommonCode(
        "ER_HEALTH",
        "Employer's health insurance share",
        "employer",
        "What the company pays for your health insurance on top of your pay. It is not taken from your net.",
    ),
    CommonCode(
        "ER_SOCIAL",
        "Employer's social security",
        "employer",
        "What the company pays to social security for you on top of your pay. It is not taken from your net.",
    ),
)
