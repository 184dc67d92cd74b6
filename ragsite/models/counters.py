"""How often somebody did something, for the limits of the API."""

from django.db import models


class ThrottleCounter(models.Model):
    """How often somebody did something in the running and the former minute. Written by ragsite.api.counters only.

    `key` is a keyed digest of scope, company and person or network: the table names nobody. It is UNLOGGED: counters
    cost no write-ahead log, and after a crash of the database they start from zero.
    """

    key = models.CharField(max_length=32, primary_key=True)
    # No index: an index on it would cost every update its place on the page (HOT).
    period = models.BigIntegerField(help_text="Number of the minute since 1970.")
    current = models.IntegerField()
    previous = models.IntegerField()
    ceiling = models.IntegerField(help_text="Counting stops here, so that a refused caller is not refused for ever.")

    class Meta:
        db_table = "throttle_counters"

    def __str__(self) -> str:
        return self.key
