"""When the processes that nobody can ask were last heard of."""

from django.db import models


class Heartbeat(models.Model):
    """The last sign of life of the worker (it finished a task) or the beat (it sent one). Written by heartbeats.py."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "heartbeats"

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"
