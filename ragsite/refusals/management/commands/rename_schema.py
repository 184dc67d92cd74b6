"""manage.py rename_schema: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("rename_schema")
