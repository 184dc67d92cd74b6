"""Why leave is refused: named errors with stable codes, which pages, the API and the assistant translate."""

from dataclasses import dataclass


class LeaveRefused(ValueError):
    """Base. `code` is stable; the message is for the person who asked."""

    code = "leave_refused"


class EndsBeforeStart(LeaveRefused):
    """The last day is before the first, or nothing of the one day is left."""

    code = "ends_before_start"


class TooFar(LeaveRefused):
    """Further back or ahead than can be asked for."""

    code = "too_far"


class ReportedTooEarly(LeaveRefused):
    """A kind that counts without a decision begins, or goes on, further ahead than anybody can know."""

    code = "reported_too_early"


class BeforeEmployment(LeaveRefused):
    """Begins before the first day of employment."""

    code = "before_employment"


class AfterEmployment(LeaveRefused):
    """Ends after the last day of employment."""

    code = "after_employment"


class WaitingPeriod(LeaveRefused):
    """Begins in the first months, in which the policy gives no leave."""

    code = "waiting_period"


class NoPolicy(LeaveRefused):
    """No rule covers the person and year: the country is not on record, or HR has stated nothing for it."""

    code = "no_policy"


class NoWorkingDay(LeaveRefused):
    """All of it is weekend, holiday or otherwise free already."""

    code = "no_working_day"


class Overlap(LeaveRefused):
    """Another request of the person that waits or is approved has one of its days."""

    code = "overlap"


class ExceedsBalance(LeaveRefused):
    """More than is left, or than will have been earned by then."""

    code = "exceeds_balance"


class UnknownLeaveType(LeaveRefused):
    """There is no such kind of leave, or HR has retired it."""

    code = "unknown_leave_type"


class UnknownDelegate(LeaveRefused):
    """Nobody active in the company, or the person themselves."""

    code = "unknown_delegate"


class NotYourReport(LeaveRefused):
    """This person does not decide on this request. To the outside the same as one that is not there."""

    code = "not_your_report"


class AlreadyDecided(LeaveRefused):
    """Somebody approved, rejected or cancelled it before."""

    code = "already_decided"


class AlreadyStarted(LeaveRefused):
    """Approved leave that has begun is cancelled by the manager or HR, not by the person."""

    code = "already_started"


class ReasonNeeded(LeaveRefused):
    """Rejecting, and cancelling somebody else's leave, needs a reason."""

    code = "reason_needed"


@dataclass(frozen=True)
class Problem:
    """One reason why a request would be refused."""

    code: str
    message: str


def problem(error: LeaveRefused) -> Problem:
    """An error as a value, for a preview that lists all of them."""
    return Problem(code=error.code, message=str(error))
