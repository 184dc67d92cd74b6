"""manage.py axes_reset: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("axes_reset")
