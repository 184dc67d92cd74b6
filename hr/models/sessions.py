"""Where the company's people are signed in with a browser."""

from django.db import models

from hr.models.employees import Employee
from tenants.models import BrowserSessionBase


class BrowserSession(BrowserSessionBase):
    """A person's, on the company's host."""

    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="browser_sessions")

    class Meta:
        db_table = "browser_sessions"

    class Privacy:
        erase = {
            "employee": "goes with the person",
            "browser": "what the person uses, in coarse words",
            "network": "where the person was, in coarse words",
        }
        keep = {
            "id": "row id",
            "digest": "digest of a random key",
            "created_at": "state",
            "last_used_at": "state",
            "expires_at": "state",
        }
