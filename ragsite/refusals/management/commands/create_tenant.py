"""manage.py create_tenant: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("create_tenant")
