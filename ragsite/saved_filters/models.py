"""A narrowed list under a name."""

from django.conf import settings
from django.db import models


class SavedFilter(models.Model):
    """One person's own; nobody else sees it. What was searched for may be a name, so it goes with the person."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=120, help_text="The list: app and model, such as hr_employee.")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, help_text="The list's address after the question mark.")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "saved_filters"
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="one_filter_of_a_name")]

    class Privacy:
        erase = {"owner": "whose it is", "name": "free text", "query": "may contain a name that was searched for"}
        keep = {"id": "row id", "page": "name of a list", "made_at": "state"}

    def __str__(self) -> str:
        return self.name
