"""Whom to call when something is wrong with the installation."""

from django.db import models


class OnCallContact(models.Model):
    """Somebody who can help, and how to reach them. Shown on the status page, in incidents and on the 5xx page."""

    class Kind(models.TextChoices):
        ON_CALL = "on_call", "On-call engineer"
        DATABASE = "database", "Database administrator"
        SECURITY = "security", "Security team"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(
        max_length=120, help_text="A team or a role rather than a person: it is shown on error pages."
    )
    reach = models.CharField("how to reach", max_length=200, help_text="A telephone number, an address, a channel.")
    hours = models.CharField(
        "when", max_length=120, blank=True, help_text="For example: Monday to Friday, 8 to 18 h UTC. Empty: always."
    )
    on_error_pages = models.BooleanField(
        "on error pages", default=False, help_text="Whoever meets an error page sees it, signed in or not."
    )

    class Meta:
        db_table = "on_call_contacts"
        verbose_name = "contact"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["on_call", "database", "security"]), name="contact_kind_known"
            ),
            models.UniqueConstraint(
                fields=["kind", "name"],
                name="one_contact_of_a_kind_and_name",
                violation_error_message="This contact is there already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"
