"""manage.py axes_reset_failure_logs: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("axes_reset_failure_logs")
