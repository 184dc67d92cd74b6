"""The installation's own pages: schedules, contacts, incidents. Platform host only."""

from ragsite.admin import contacts, incidents, schedules

__all__ = ["contacts", "incidents", "schedules"]
