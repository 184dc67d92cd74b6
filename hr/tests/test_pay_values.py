"""Amounts, sums, pay sheets and the PDF: plain values, arithmetic on the page."""

import dataclasses
import uuid
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hr.pay import PayLine, Payslip, amounts, lines, pdf, sheets

HEADER = "employee_number,period_start,period_end,pay_date,currency,gross,net,code,label,kind,amount"
GOOD = (
    f"{HEADER}\n"
    "E1,2026-01-01,2026-01-31,2026-01-28,EUR,1000.00,800.00,BASE,Base salary,earning,1000.00\n"
    "E1,2026-01-01,2026-01-31,2026-01-28,EUR,1000.00,800.00,TAX,Income tax,deduction,200.00\n"
)


def payslip(*, rows: int = 1, **changes: object) -> Payslip:
    base = Payslip(
        id=uuid.UUID(int=1),
        employee_id=1,
        period_start_date=date(2026, 1, 1),
        period_end_date=date(2026, 1, 31),
        pay_date=date(2026, 1, 28),
        currency="EUR",
        number=1,
        corrects_id=None,
        corrected_by_id=None,
        gross=Decimal("1000.00") * rows,
        net=Decimal("800.00") * rows,
        lines=(
            PayLine("BASE", "Base salary", "earning", Decimal("1000.00")),
            PayLine("TAX", "Income tax", "deduction", Decimal("200.00")),
        )
        * rows,
        digest="",
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1234.56", "EUR", "1234.56"),
        ("1234,56", "EUR", "1234.56"),
        ("1234", "EUR", "1234.00"),
        ("-20.5", "USD", "-20.50"),
        ("500000", "JPY", "500000"),
        ("1.234", "KWD", "1.234"),
        ("-0", "EUR", "0.00"),
    ],
)
def test_amounts_are_read_with_the_digits_of_their_currency(text: str, currency: str, amount: str) -> None:
    assert str(amounts.read_amount(text, currency=currency)) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "EUR"),
        ("1,234.56", "EUR"),
        ("1.234,56", "EUR"),
        ("1,234", "EUR"),  # a thousand, or one and a quarter
        ("1.005", "EUR"),
        ("0.5", "JPY"),
        ("12 000", "EUR"),
        ("€5", "EUR"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("1e5", "EUR"),
        ("--5", "EUR"),
        ("٥", "EUR"),
        ("=1+1", "EUR"),
        ("9" * 40, "EUR"),
    ],
)
def test_what_could_be_two_amounts_or_is_none_is_refused_without_repeating_it(text: str, currency: str) -> None:
    with pytest.raises(amounts.BadAmount) as raised:
        amounts.read_amount(text, currency=currency)

    assert not text or text not in str(raised.value)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [("1234567.5", "EUR", "1,234,567.50"), ("-20", "USD", "−20.00"), ("500000", "JPY", "500,000")],
)
def test_amounts_as_people_read_them(amount: str, currency: str, text: str) -> None:
    assert amounts.written(Decimal(amount), currency=currency) == text


def test_currencies_have_their_digits_and_unknown_ones_are_refused() -> None:
    digits = [amounts.MINOR_DIGITS[code] for code in ("EUR", "CHF", "JPY", "KRW", "BHD", "TND")]

    assert digits == [2, 2, 0, 0, 3, 3]
    with pytest.raises(amounts.UnknownCurrency):
        amounts.checked_currency("EURO")


def test_earnings_are_gross_and_gross_less_deductions_is_net() -> None:
    rows = (
        PayLine("BASE", "Base", "earning", Decimal("900.00")),
        PayLine("BONUS", "Bonus", "earning", Decimal("100.00")),
        PayLine("TAX", "Tax", "deduction", Decimal("250.00")),
        PayLine("REFUND", "Refund", "deduction", Decimal("-50.00")),
        PayLine("ER", "On top", "employer", Decimal("75.00")),
    )

    lines.check_sums(gross=Decimal("1000.00"), net=Decimal("800.00"), lines=rows)  # 900+100; 1000-250+50
    with pytest.raises(lines.AmountsDisagree, match="not net"):
        lines.check_sums(gross=Decimal("1000.00"), net=Decimal("800.01"), lines=rows)
    with pytest.raises(lines.AmountsDisagree, match="gross"):
        lines.check_sums(gross=Decimal("1075.00"), net=Decimal("875.00"), lines=rows)


@given(st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=2), min_size=1, max_size=20))
def test_lines_come_back_from_json_to_the_digit(given_amounts: list[Decimal]) -> None:
    rows = tuple(PayLine("A", "Ä \N{SNOWMAN}", "earning", amount, "why") for amount in given_amounts)

    assert lines.from_json(lines.as_json(rows)) == rows


def test_texts_of_payslips_show_no_amounts() -> None:
    assert "1000" not in repr(payslip()) + str(payslip())


def test_a_good_sheet_becomes_paystubs() -> None:
    sheet = sheets.read_sheet(GOOD.encode())

    assert (sheet.problems, sheet.row_count) == ((), 2)
    (paystub,) = sheet.paystubs
    assert (paystub.employee_number, paystub.gross, paystub.net, paystub.line) == (
        "E1",
        Decimal("1000.00"),
        Decimal("800.00"),
        2,
    )
    assert [(line.code, line.amount) for line in paystub.lines] == [
        ("BASE", Decimal("1000.00")),
        ("TAX", Decimal("200.00")),
    ]


@pytest.mark.parametrize(
    "source",
    [
        GOOD.replace(",", ";").replace(".00", ",00").encode("utf-8-sig"),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace("\n", "\r\n").encode("cp1252"),
        GOOD.replace("2026-01-31", "31.01.2026").encode(),
        GOOD.replace("employee_number", " Employee Number ").encode(),
    ],
    ids=["semicolons, decimal commas, BOM", "tabs", "Windows", "dotted dates", "spelling of the header"],
)
def test_the_same_sheet_from_other_programs_reads_the_same(source: bytes) -> None:
    assert sheets.read_sheet(source) == sheets.read_sheet(GOOD.encode())


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"", "is empty"),
        (b"  \n \n", "is empty"),
        (b"%PDF-1.7 renamed", "is not CSV"),
        (b"PK\x03\x04 a spreadsheet", "is not CSV"),
        (b"a,b\x00c", "is not CSV"),
        (b"a,b,c\n1,2,3\n", "has no column employee_number"),
        (f"{HEADER},amount\n".encode(), "two columns of the same name"),
        (f"{HEADER},salary\n".encode(), "columns that are not known: salary"),
        (f'{HEADER}\n"E1,2026\n'.encode(), "quotation mark"),
        (b"x" * (sheets.MAX_BYTES + 1), "is larger than"),
        (f"{HEADER}\n".encode() + b"1\n" * (sheets.MAX_ROWS + 1), "has more than 50000 rows"),
    ],
    ids=str,
)
def test_a_file_that_is_no_sheet_is_one_problem(source: bytes, reason: str) -> None:
    sheet = sheets.read_sheet(source)

    assert (len(sheet.problems), sheet.problems[0].line, sheet.paystubs) == (1, 0, ())
    assert reason in sheet.problems[0].reason


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "reason"),
    [
        (
            "E1,2026-01-01,2026-01-31,2026-01-28,EUR,1000.00,800.00,TAX",
            ",2026-01-01,2026-01-31,2026-01-28,EUR,1000.00,800.00,TAX",
            3,
            "employee_number",
            "is empty",
        ),
        ("E1,2026-01-01", "E1,01/02/2026", 2, "period_start", "is not a date"),
        ("E1,2026-01-01", "E1,2026-02-30", 2, "period_start", "is not a date"),
        ("E1,2026-01-01", "E1,0001-01-01", 2, "period_start", "is not a day from 1900-01-01 to 2200-12-31"),
        ("2026-01-31", "2025-01-31", 2, "period_end", "is before the period starts"),
        ("EUR", "EURO", 2, "currency", "is not a currency code"),
        ("BASE,", "=cmd|' /C calc'!A0,", 2, "code", "begins like a formula"),
        ("Base salary", "@SUM(A1)", 2, "label", "begins like a formula"),
        ("Base salary", "x" * 101, 2, "label", "is longer than 100"),
        ("BASE,", "BÄSE,", 2, "code", "has other characters"),
        ("earning", "income", 2, "kind", "is none of"),
        ("deduction,200.00", "deduction,200.001", 3, "amount", "has more digits"),
        ("deduction,200.00", "deduction,200.00,x", 3, "", "has more cells"),
        ("deduction,200.00", "deduction,250.00", 2, "net", "gross less the deductions is not net"),
        ("earning,1000.00", "earning,1000.01", 2, "gross", "the earnings do not add up"),
        ("800.00,TAX", "801.00,TAX", 3, "net", "differs from line 2"),
    ],
)
def test_each_problem_has_line_column_and_reason(old: str, new: str, line: int, column: str, reason: str) -> None:
    sheet = sheets.read_sheet(GOOD.replace(old, new, 1).encode())

    found = next((p for p in sheet.problems if (p.line, p.column) == (line, column)), None)
    assert found is not None and reason in found.reason, sheet.problems
    assert "1000" not in "".join(p.reason for p in sheet.problems)


@given(st.binary(max_size=400))
def test_no_file_makes_reading_fail(source: bytes) -> None:
    sheets.read_sheet(source)
    sheets.read_sheet(HEADER.encode() + b"\n" + source)


def test_a_pdf_is_the_same_each_time_and_shows_what_is_paid() -> None:
    made = [
        pdf.render(payslip=payslip(), company="Acme", person="Bob Example", employee_number="E1", department="Lab")
        for _ in range(2)
    ]

    assert made[0] == made[1]
    text = _text_of(made[0])
    for shown in ("Acme", "Bob Example", "E1", "January 2026", "Base salary", "1,000.00", "800.00 EUR", "Page 1 of 1"):
        assert shown in text


def test_a_long_paystub_takes_more_pages_and_loses_no_line() -> None:
    made = pdf.render(payslip=payslip(rows=80), company="A", person="B", employee_number="1", department="")

    text = _text_of(made)
    assert "Page 5 of 5" in text
    assert text.count("Base salary") == text.count("Income tax") == 80


def test_markup_in_a_label_is_text_and_strange_letters_do_not_break_the_pdf() -> None:
    label = "<b>Bonus</b> <img src='/etc/passwd'/> č ł Ω 中 \N{PILE OF POO}"
    slip = payslip(lines=(PayLine("X", label, "earning", Decimal("1000.00")),))

    text = _text_of(pdf.render(payslip=slip, company="Ł&<>", person="Иван", employee_number="1", department=""))

    assert "<b>Bonus</b>" in text and "????" in text


def _text_of(content: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)
