"""What the audit log keeps of a question's words: names of patterns and keyed digests, never the words."""

from documents.orders import orders_in
from hr.mentions import others_named
from hr.models import Employee


def marks_of(*, text: str, by: Employee) -> dict[str, list[str]]:
    """`orders` to the assistant and `others` who are named; empty for a question that has neither. At most two queries.

    The rules on findings count them (audit/findings/rules.py).
    """
    found = {"orders": list(orders_in(text)), "others": list(others_named(text=text, by=by))}
    return {name: values for name, values in found.items() if values}
