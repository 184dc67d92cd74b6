"""Amounts of money: currencies, how many digits they have after the point, and how they are written."""

from decimal import Decimal, InvalidOperation

# ISO 4217, list one of 2024: current currencies of countries with two digits, then those with another number of them.
_TWO_DIGITS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY"
    " COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS"
    " INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR"
    " MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD"
    " SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG"
)
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
MINOR_DIGITS: dict[str, int] = {
    **dict.fromkeys(_TWO_DIGITS.split(), 2),
    **dict.fromkeys(_NO_DIGITS.split(), 0),
    **dict.fromkeys(_THREE_DIGITS.split(), 3),
}
# Far above any pay in any currency; keeps a slip of the decimal point and hostile numbers out.
_LARGEST = Decimal(10) ** 12


class UnknownCurrency(ValueError):
    """Not a currency code of ISO 4217."""


class BadAmount(ValueError):
    """Not an amount of this currency. The message says why and never repeats the amount."""


def checked_currency(code: str) -> str:
    """The code itself.

    :raises UnknownCurrency: when it is none.
    """
    if code not in MINOR_DIGITS:
        raise UnknownCurrency("is not a currency code such as EUR")
    return code


def checked_amount(amount: Decimal, *, currency: str) -> Decimal:
    """The amount with exactly the digits of its currency.

    :raises BadAmount: when it is no finite number, has more digits after the point than the currency, or is absurd.
    """
    if not amount.is_finite() or abs(amount) >= _LARGEST:
        raise BadAmount("is not an amount")
    exact = amount.quantize(Decimal(1).scaleb(-MINOR_DIGITS[currency]))
    if exact != amount:
        raise BadAmount(f"has more digits after the point than {currency} has")
    return exact if exact else abs(exact)  # no minus in front of nothing


def read_amount(text: str, *, currency: str) -> Decimal:
    """An amount as payroll systems write it: 1234.56 or 1234,56, without signs between thousands.

    :raises BadAmount: for anything else; `1.234` and `1,234` could be two things and are refused by their three digits
        unless the currency has three.
    """
    plain = text.strip().replace(",", ".")
    digits = plain.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()) or plain.count(".") > 1:
        raise BadAmount("is not an amount such as 1234.56 (no signs between thousands, no currency sign)")
    try:
        return checked_amount(Decimal(plain), currency=currency)
    except InvalidOperation:
        raise BadAmount("is not an amount") from None


def written(amount: Decimal, *, currency: str) -> str:
    """For people: 4,250.00 with the digits of the currency, a real minus, without the currency's name."""
    text = f"{amount:,.{MINOR_DIGITS[currency]}f}"
    return text.replace("-", "\N{MINUS SIGN}")
