"""manage.py changepassword: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("changepassword")
