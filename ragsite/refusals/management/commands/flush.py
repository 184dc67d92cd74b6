"""manage.py flush: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("flush")
