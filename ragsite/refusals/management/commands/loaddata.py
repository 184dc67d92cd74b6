"""manage.py loaddata: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("loaddata")
