"""The company's approved words on sensitive topics."""

from django.db import models
from django.db.models import Q


class SensitiveTopicText(models.Model):
    """What is said, word for word, to somebody who writes about a topic, and whom they can turn to.

    Empty fields mean the product's own words and the company's general contact.
    """

    class Topic(models.TextChoices):
        HARASSMENT = "harassment", "Harassment and bullying"
        GRIEVANCE = "grievance", "Grievances and complaints"
        BEREAVEMENT = "bereavement", "Bereavement"
        HEALTH = "health", "Illness and mental health"
        REDUNDANCY = "redundancy", "Losing the job"
        WHISTLEBLOWING = "whistleblowing", "Reporting wrongdoing"

    topic = models.CharField(max_length=24, choices=Topic.choices, unique=True, editable=False)
    text = models.TextField(
        max_length=4000,
        blank=True,
        help_text="Shown word for word; a blank line begins a paragraph. Empty: the product's words.",
    )
    contact_name = models.CharField(max_length=120, blank=True, help_text="A person or an office that people trust.")
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "sensitive_topic_texts"
        verbose_name = "sensitive topic"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    topic__in=["harassment", "grievance", "bereavement", "health", "redundancy", "whistleblowing"]
                ),
                name="sensitive_topic_known",
            )
        ]

    class Privacy:
        erase = {
            "contact_name": "names a person who can be replaced in the console",
            "contact_email": "names a person who can be replaced in the console",
            "contact_phone": "names a person who can be replaced in the console",
        }
        keep = dict.fromkeys("id topic text updated_at".split(), "the company's own")

    def __str__(self) -> str:
        return self.get_topic_display()
