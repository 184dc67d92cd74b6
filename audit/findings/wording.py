"""A finding's arithmetic in plain words."""

from typing import Any

from audit.findings.models import Finding, Rule, SuspicionRule

_WHAT = {
    Rule.BURST: "reads and questions",
    Rule.OFF_HOURS: "reads and questions outside working hours",
    Rule.OTHERS_NAMED: "questions about other people",
    Rule.INJECTION_QUESTION: "questions with orders to the assistant",
    Rule.INJECTION_DOCUMENT: "such versions",
    Rule.DENIED_RATE: "refusals",
    Rule.CONFIDENTIAL_REFUSALS: "different documents that are closed to them",
    Rule.SIGN_IN_FAILURES: "different accounts that one network could not sign in to",
    Rule.TOKEN_REUSE: "tokens that came twice or from another company",
}
ADVICE = {
    Rule.BURST: "Look at what was read (Access patterns, this person). Programs and exports read quickly, too.",
    Rule.OFF_HOURS: "Ask whether they were working. Other hours, or shifts: change the rule's hours.",
    Rule.OTHERS_NAMED: "The assistant told nothing. HR may ask about others; for everybody else ask why.",
    Rule.INJECTION_QUESTION: "The assistant follows no orders. Look whether other rules found the same person.",
    Rule.INJECTION_DOCUMENT: "Read the version's text in the console and withdraw it if nobody knows why it is there.",
    Rule.DENIED_RATE: "Often a role that is missing. Look at what was refused in the audit log.",
    Rule.CONFIDENTIAL_REFUSALS: "Ids of documents are not guessed: a link was passed on, or somebody tries.",
    Rule.SIGN_IN_FAILURES: "Somebody tries passwords. Look for a sign-in that succeeded after it.",
    Rule.TOKEN_REUSE: "The session was ended for both. Revoke the person's tokens and have them sign in anew.",
}


def arithmetic_of(finding: Finding) -> str:
    """What was counted in which time, what is usual, and what a finding needs."""
    numbers: dict[str, Any] = finding.numbers
    window = _window(int(numbers.get("window_minutes", 0)))
    said = f"{finding.count} {_WHAT[Rule(finding.rule)]} {window}"
    if "usual" in numbers:
        what = "in an average night" if finding.rule == Rule.OFF_HOURS else "in a busy window"
        said += (
            f". Their own figure {what} of the 28 days before is {numbers['usual']}; a finding needs"
            f" {numbers['factor']:g} times that and at least {numbers['threshold']}, which is {numbers['least']}"
        )
    else:
        said += f"; a finding needs {numbers.get('threshold', 1)}"
    if "share" in numbers:
        said += (
            f". That is {numbers['share']:.0%} of the {numbers['of_all']} things that they did meanwhile;"
            f" a finding needs {numbers['least_share']:.0%}"
        )
    return f"{said}."


def _window(minutes: int) -> str:
    if minutes >= 60 and minutes % 60 == 0:
        hours = minutes // 60
        return "within 1 hour" if hours == 1 else f"within {hours} hours"
    return f"within {minutes} minutes"


def limit_of(rule: SuspicionRule) -> str:
    """ "60 reads and questions within 10 minutes"."""
    return f"{rule.threshold} {_WHAT[Rule(rule.rule)]} {_window(rule.window_minutes)}"
