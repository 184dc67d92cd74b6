"""manage.py create_domain: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("create_domain")
