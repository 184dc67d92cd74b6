"""Where somebody is signed in with a browser, findable by person: Django's own sessions are sealed by their keys."""

from django.db import models


class BrowserSessionBase(models.Model):
    """One session, known by the SHA-256 of its key, so that this table opens none. Words are coarse on purpose."""

    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    browser = models.CharField(max_length=60, help_text="Family only, such as Firefox on Windows.")
    network = models.CharField(max_length=60, help_text="The wider network, never an address.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.browser}, {self.network}"


class OperatorSession(BrowserSessionBase):
    """An operator's, on the platform's console."""

    # No foreign key: the table of logins exists in every schema (see service_accounts.py).
    operator_id = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "operator_sessions"
