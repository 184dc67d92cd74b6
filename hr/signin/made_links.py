"""Telling people that somebody made a sign-in link for them although they had a password."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from audit.models import AuditLog
from hr.models import Employee

# Longer than a link lives (3 days), and long enough for somebody who was away.
TOLD_FOR = timedelta(days=30)
_MOST = 3


@dataclass(frozen=True)
class MadeLink:
    """One link. `made_by` is an audit label."""

    made_at: datetime
    made_by: str

    @property
    def told(self) -> str:
        """The notice, for the person."""
        who = "by HR" if self.made_by.startswith("employee:") else "by whoever runs this installation"
        at = f"{timezone.localtime(self.made_at):%-d %B %Y, %H:%M %Z}"
        return (
            f"A sign-in link for you was made {who} on {at}. If you did not ask for it, somebody else may have "
            "used it: change your password, and tell the owner of your company's account, or whoever runs this "
            "installation."
        )


def links_made_for(employee: Employee) -> tuple[MadeLink, ...]:
    """Links of the last 30 days, newest first, three at most, that were made while the person had a password."""
    rows = AuditLog.objects.filter(
        target=employee.actor_label,
        verb="employee.sign_in_link",
        outcome=AuditLog.Outcome.SUCCESS,
        at__gte=timezone.now() - TOLD_FOR,
        details__had_password=True,
    )
    return tuple(MadeLink(at, actor) for at, actor in rows.order_by("-at").values_list("at", "actor")[:_MOST])
