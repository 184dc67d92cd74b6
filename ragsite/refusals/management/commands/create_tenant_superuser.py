"""manage.py create_tenant_superuser: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("create_tenant_superuser")
