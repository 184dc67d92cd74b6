"""Numbers of days as people write them."""

from decimal import Decimal

from django import template

from hr.leave import wording

register = template.Library()


@register.filter
def days(amount: Decimal) -> str:
    """12.5, 30, −2: without trailing zeros."""
    return wording.amount(Decimal(amount)).replace("-", "−")


@register.filter
def day_word(amount: Decimal | int) -> str:
    """day for one, days otherwise."""
    return "day" if amount == 1 else "days"
