"""What the lines of a paystub mean, in the company's own words."""

from dataclasses import dataclass

from django.db import transaction

from audit import services as audit
from hr.models import PayCode
from hr.pay import PayLine, Payslip


class LineNotFound(LookupError):
    """The paystub has no line with this code."""


@dataclass(frozen=True)
class ExplainedLine:
    """A line with what it means. `explanation` is empty when neither the line nor the company's codes say."""

    line: PayLine
    explanation: str

    def __repr__(self) -> str:
        return f"ExplainedLine({self.line.code})"


def explain_line(*, paystub: Payslip, code: str) -> ExplainedLine:
    """What the first line with this code means: its own explanation, or the company's of the code. One query.

    :raises LineNotFound: when the paystub has no such line.
    """
    for explained_line in explained(paystub=paystub):
        if explained_line.line.code.casefold() == code.strip().casefold():
            return explained_line
    raise LineNotFound


def explained(*, paystub: Payslip) -> tuple[ExplainedLine, ...]:
    """All lines of the paystub with what they mean, in its order. One query."""
    known = dict(
        PayCode.objects.filter(code__in={line.code for line in paystub.lines}).values_list("code", "explanation")
    )
    return tuple(
        ExplainedLine(line=line, explanation=line.explanation or known.get(line.code, "")) for line in paystub.lines
    )


def create_pay_code(*, code: str, label: str, kind: str, explanation: str) -> PayCode:
    """A new code of this company. Audited."""
    with transaction.atomic():
        made = PayCode.objects.create(code=code, label=label, kind=kind, explanation=explanation)
        audit.record(verb="pay_code.create", target=f"paycode:{made.pk}", details={"code": code})
    return made


def change_pay_code(*, pay_code: PayCode, label: str, kind: str, explanation: str) -> None:
    """Say it differently from now on. Paystubs that carry an explanation of their own keep that. Audited."""
    with transaction.atomic():
        pay_code.label, pay_code.kind, pay_code.explanation = label, kind, explanation
        pay_code.save(update_fields=["label", "kind", "explanation", "updated_at"])
        audit.record(verb="pay_code.change", target=f"paycode:{pay_code.pk}", details={"code": pay_code.code})
