"""manage.py delete_domain: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("delete_domain")
