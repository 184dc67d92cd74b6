"""manage.py axes_reset_ip: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("axes_reset_ip")
