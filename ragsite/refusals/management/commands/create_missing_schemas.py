"""manage.py create_missing_schemas: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("create_missing_schemas")
