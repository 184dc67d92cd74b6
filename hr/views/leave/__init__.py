"""Pages about leave: one's own, and those of whoever decides on somebody's."""

from hr.views.leave.own import cancel_request, my_leave, new_request
from hr.views.leave.team import decide, delegate, end_delegation, team_leave

__all__ = ["cancel_request", "decide", "delegate", "end_delegation", "my_leave", "new_request", "team_leave"]
