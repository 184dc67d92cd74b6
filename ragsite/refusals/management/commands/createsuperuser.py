"""manage.py createsuperuser: refused, see ragsite.refusals."""

from ragsite.refusals import refused

Command = refused("createsuperuser")
