"""manage.py delete_tenant: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("delete_tenant")
