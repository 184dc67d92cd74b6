"""Paystubs: what was paid, and what a line means. Amounts are opened for the person of the session only."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hr.keys import KeyUnavailable
from hr.leave.wording import day, span
from hr.pay import Payslip
from hr.services import pay
from retrieval.tools import windows
from retrieval.tools.callers import Caller, links, page
from retrieval.tools.results import Row, ToolResult
from retrieval.tools.schema import Argument

PAYSTUBS, LINE = "paystubs", "paystub_line"
_PAGES = (("My paystubs", "pay"),)
_SHOWN = 12
_WORD = re.compile(r"[^\W\d_]{3,}")
# Words of a question that name no line.
_COMMON = frozenset(
    "the and for what why does did mean means line lines item items entry this that these paystub paystubs payslip"
    " payslips pay paid deduction deductions deducted explain from with last month there are was code stand stands"
    " statement paycheck salary slip insurance tax net gross much less than how come".split()
)

PAYSTUB_ARGUMENTS = (
    Argument("first_day", "day", "Beginning of the time whose paystubs are wanted; left out, the latest one."),
    Argument("last_day", "day", "End of that time."),
)
LINE_ARGUMENTS = (
    Argument("line", "text", "Words or code of the line to explain; left out, every line."),
    Argument("first_day", "day", "Beginning of the time whose paystub is meant; left out, the latest one."),
    Argument("last_day", "day", "End of that time."),
)


def read_time(question: str, caller: Caller) -> dict[str, Any]:
    """Arguments of `paystubs` from somebody's words."""
    window = windows.read_past(text=question, today=caller.today)
    return {"first_day": window.first, "last_day": window.last} if window else {}


def paystubs(caller: Caller, values: Mapping[str, Any]) -> ToolResult:
    """Gross and net of the latest paystub, or of those of a time."""
    title = "Your pay"
    try:
        found = _paystubs_of(caller, values)
    except KeyUnavailable:
        return _unavailable(PAYSTUBS, title)
    if not found:
        what = (
            "There is no paystub of yours for this time."
            if "first_day" in values
            else "There is no paystub of yours yet."
        )
        return ToolResult(PAYSTUBS, "empty", title, lines=(what,), links=links(*_PAGES))
    newest = found[0]
    if len(found) == 1:
        lines = [
            f"For {_period(newest)} your gross pay was {_money(newest, newest.gross)} and your net pay "
            f"{_money(newest, newest.net)}, paid on {day(newest.pay_date)}."
        ]
    else:
        lines = [f"{len(found)} paystubs, the newest for {_period(newest)}."]
        if len({one.currency for one in found}) == 1:
            net = sum((one.net for one in found), start=newest.net - newest.net)
            gross = sum((one.gross for one in found), start=newest.gross - newest.gross)
            lines.append(f"Together {_money(newest, gross)} gross and {_money(newest, net)} net.")
    steps = _steps(newest) if len(found) == 1 else ()
    rows = tuple(_row(one) for one in found[:_SHOWN])
    return ToolResult(PAYSTUBS, "done", title, lines=tuple(lines), rows=rows, steps=steps, links=links(*_PAGES))


def read_line(question: str, caller: Caller) -> dict[str, Any]:
    """Arguments of `paystub_line`: the words that may name a line, and the time of the paystub that is meant."""
    named = re.search(r"[\"“”'‘]([^\"“”'’]{2,60})[\"“”'’]", question)
    words = named[1] if named else " ".join(w for w in _WORD.findall(question) if w.casefold() not in _COMMON)
    return ({"line": words[:100]} if words else {}) | read_time(question, caller)


def paystub_line(caller: Caller, values: Mapping[str, Any]) -> ToolResult:
    """What a line of the latest paystub means, or of the newest in a time; every line when none is named."""
    title = "Your paystub, line by line" if "first_day" in values else "Your latest paystub, line by line"
    try:
        found = _paystubs_of(caller, values)
    except KeyUnavailable:
        return _unavailable(LINE, title)
    latest = found[0] if found else None
    if latest is None:
        what = f"There is no paystub of yours {'for this time' if 'first_day' in values else 'yet'}."
        return ToolResult(LINE, "empty", title, lines=(what,), links=links(*_PAGES))
    explained = pay.explained(paystub=latest)
    meant = [one for one in explained if _is_meant(one.line.code, one.line.label, values.get("line", ""))]
    lines = [f"From your paystub for {_period(latest)}:"]
    lines += [
        f"{one.line.label}: {_money(latest, one.line.amount)}. {one.explanation}".strip() for one in meant or explained
    ]
    rows = tuple(
        Row(
            title=one.line.label,
            facts=(("Code", one.line.code), ("Kind", one.line.kind), ("Amount", _money(latest, one.line.amount))),
        )
        for one in meant or explained
    )
    return ToolResult(
        LINE,
        "done",
        title if not meant else title.replace("Your", "A line of your", 1).removesuffix(", line by line"),
        lines=tuple(lines),
        rows=(_row(latest), *rows),
        links=links(*_PAGES),
    )


def _paystubs_of(caller: Caller, values: Mapping[str, Any]) -> Sequence[Payslip]:
    if "first_day" not in values:
        latest = pay.latest_paystub(employee=caller.employee)
        return [latest] if latest else []
    first, last = values["first_day"], values.get("last_day") or values["first_day"]
    found = pay.paystubs_of(employee=caller.employee)
    return [one for one in found if not one.is_replaced and first <= one.period_end_date <= last]


def _is_meant(code: str, label: str, wanted: str) -> bool:
    words = {word.casefold() for word in _WORD.findall(wanted)} - _COMMON
    named = {word.casefold() for word in _WORD.findall(label)}
    return code.casefold() in wanted.casefold().split() or bool(words & named)


def _row(one: Payslip) -> Row:
    return Row(
        title=f"Paystub {_period(one)}" + (f", correction {one.number - 1}" if one.is_correction else ""),
        facts=(("Gross", _money(one, one.gross)), ("Net", _money(one, one.net)), ("Paid on", day(one.pay_date))),
        href=page("paystub", one.id),
    )


def _steps(one: Payslip) -> tuple[str, ...]:
    """How net follows from gross, line by line."""
    earned = [f"+ {line.label}: {one.written(line.amount)}" for line in one.of_kind("earning")]
    taken = [f"− {line.label}: {one.written(line.amount)}" for line in one.of_kind("deduction")]
    return (*earned, f"= gross {one.written(one.gross)}", *taken, f"= net {one.written(one.net)}")


def _period(one: Payslip) -> str:
    first, last = one.period_start_date, one.period_end_date
    month = windows.month_of(first)
    return month.name if (first, last) == (month.first, month.last) else span(first, last)


def _money(one: Payslip, value: Any) -> str:
    return f"{one.currency} {one.written(value)}"


def _unavailable(tool: str, title: str) -> ToolResult:
    return ToolResult(
        tool,
        "unavailable",
        title,
        lines=("Your pay records cannot be opened at the moment. Please try again later or ask HR.",),
        reason="key_unavailable",
        links=links(*_PAGES),
    )
