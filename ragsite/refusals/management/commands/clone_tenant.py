"""manage.py clone_tenant: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("clone_tenant")
