"""manage.py axes_reset_ip_username: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("axes_reset_ip_username")
