"""What was asked and answered."""

import uuid

from django.db import models

from retrieval.querysets import ConversationQuerySet, QueryQuerySet
from tenants.models import Tenant


class Conversation(models.Model):
    """Questions of one person in one thread. Who else may read one of them: retrieval.services.hr_reading."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    employee = models.ForeignKey("hr.Employee", on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(db_index=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        db_table = "conversations"

    class Privacy:
        erase = {"employee": "whose it is", "title": "taken from the question"}
        keep = {"id": "row id", "created_at": "state", "updated_at": "state"}


class Query(models.Model):
    """One question, its answer, and everything needed to explain it."""

    class Outcome(models.TextChoices):
        ANSWERED = "answered", "Answered"
        ABSTAINED = "abstained", "The documents do not say"
        ASKED_BACK = "asked_back", "Asked back"
        SENSITIVE = "sensitive", "Approved text"
        DENIED = "denied", "Somebody else's record"

    class Lane(models.TextChoices):
        """The asker's say in who may read the question; the company's rule comes on top of it."""

        COMPANY = "company", "As the company's rule says"
        SHARED = "shared", "Shared with HR"
        PRIVATE = "private", "Kept private"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="queries")
    employee = models.ForeignKey("hr.Employee", on_delete=models.CASCADE, related_name="queries")
    asked_at = models.DateTimeField(db_index=True)
    question = models.TextField()
    searched_for = models.TextField(
        blank=True, help_text="The question as searched, made complete from the conversation."
    )
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    answer = models.TextField(blank=True)
    sentences = models.JSONField(
        default=list, help_text="List of {text, citations: [n, ...]}: the answer's closed grammar."
    )
    generator = models.CharField(max_length=120, help_text="extractive, or the language model's name.")
    fallback_reason = models.CharField(max_length=64, blank=True, help_text="Why a language model did not answer.")
    confidence = models.FloatField()
    threshold = models.FloatField()
    # Answers of before there were traces; written no more.
    candidates = models.JSONField(default=list, help_text="List of {chunk_id, rank, scores}: what search found.")
    prompt_version = models.CharField(max_length=64)
    embed_model = models.CharField(max_length=200)
    timings_ms = models.JSONField(default=dict)
    as_of = models.DateField(null=True, help_text="The day whose policies answered.")
    profile = models.JSONField(
        null=True,
        help_text="The synthetic person as whom HR asked: {role, department, country, site, employment_type}.",
    )
    assumed = models.JSONField(default=dict, help_text="Attributes that the asker chose for this question.")
    applies = models.JSONField(
        default=list, help_text="List of {name, key, label}: why the cited policies apply to the asker."
    )
    asked_back = models.JSONField(
        null=True, help_text="{name, options: [{name, key, label}]}: what has to be known before this can be answered."
    )
    lane = models.CharField(max_length=8, choices=Lane.choices, default=Lane.COMPANY)
    hr_reading = models.CharField(
        max_length=8,
        choices=Tenant.HrReading.choices,
        default=Tenant.HrReading.NEVER,
        help_text="The company's rule when it was asked, as the asker was told it.",
    )

    objects = QueryQuerySet.as_manager()

    class Meta:
        db_table = "queries"
        # As people of HR meet it, who do not see the question.
        verbose_name = "answer"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["answered", "abstained", "asked_back", "sensitive", "denied"]),
                name="query_outcome_known",
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1), name="query_confidence_between_0_and_1"
            ),
            models.CheckConstraint(
                condition=models.Q(lane__in=["company", "shared", "private"]), name="query_lane_known"
            ),
            models.CheckConstraint(
                condition=models.Q(hr_reading__in=["never", "shared", "reason"]), name="query_hr_reading_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome="sensitive", lane="shared"), name="query_sensitive_is_never_shared"
            ),
        ]

    class Privacy:
        erase = {
            "conversation": "whose it is",
            "employee": "whose it is",
            "question": "free text",
            "searched_for": "free text",
            "answer": "may repeat the question",
            "sentences": "may repeat the question",
            "assumed": "said by the asker",
            "applies": "repeats the asker's record",
        }
        keep = dict.fromkeys(
            "as_of profile asked_back id asked_at outcome generator fallback_reason confidence threshold candidates "
            "prompt_version embed_model timings_ms lane hr_reading".split(),
            "not identifying by itself",
        )

    def __str__(self) -> str:
        return f"Answer of {self.asked_at:%Y-%m-%d %H:%M} UTC ({str(self.pk)[:8]})"


class Citation(models.Model):
    """The passage behind a number in an answer. It keeps its quote, so that an old answer can be re-read exactly."""

    query = models.ForeignKey(Query, on_delete=models.CASCADE, related_name="citations")
    n = models.PositiveSmallIntegerField()
    chunk_id = models.UUIDField(help_text="May outlive the passage.")
    document_id = models.UUIDField(db_index=True)
    version_id = models.UUIDField()
    title = models.CharField(max_length=300)
    heading = models.CharField(max_length=500, blank=True)
    page = models.PositiveIntegerField(null=True)
    quote = models.TextField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    version_number = models.PositiveIntegerField(null=True)
    version_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the file that was cited.")
    effective_from = models.DateField(null=True, help_text="First day in force of the version, as it was when cited.")
    effective_to = models.DateField(null=True)
    is_source = models.BooleanField(default=True, help_text="False for a nearest source shown beside an abstention.")

    class Meta:
        db_table = "citations"
        constraints = [models.UniqueConstraint(fields=["query", "n"], name="citation_number_unique")]

    class Privacy:
        erase = {"query": "whose it is"}
        keep = dict.fromkeys(
            "id n chunk_id document_id version_id title heading page quote start end is_source version_number "
            "version_sha256 effective_from effective_to".split(),
            "company content",
        )


class Feedback(models.Model):
    """One judgement of one answer by the person who asked."""

    class Rating(models.TextChoices):
        UP = "up", "Helpful"
        DOWN = "down", "Not helpful"

    query = models.OneToOneField(Query, on_delete=models.CASCADE, related_name="feedback")
    rating = models.CharField(max_length=8, choices=Rating.choices)
    is_hallucination = models.BooleanField(default=False)
    comment = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    handled_at = models.DateTimeField(null=True, db_index=True, help_text="When somebody of HR has dealt with it.")
    handled_by = models.CharField(max_length=120, blank=True, help_text="A pseudonym such as employee:17.")

    class Meta:
        db_table = "feedback"
        verbose_name = "report on an answer"
        verbose_name_plural = "reports on answers"
        constraints = [
            models.CheckConstraint(condition=models.Q(rating__in=["up", "down"]), name="feedback_rating_known"),
            models.CheckConstraint(
                condition=models.Q(handled_at__isnull=True, handled_by="")
                | (models.Q(handled_at__isnull=False) & ~models.Q(handled_by="")),
                name="feedback_handled_by_somebody",
            ),
        ]

    class Privacy:
        erase = {"query": "whose it is", "comment": "free text"}
        keep = dict.fromkeys(
            "id rating is_hallucination created_at updated_at handled_at handled_by".split(),
            "not identifying by itself",
        )

    def __str__(self) -> str:
        return f"Report of {self.updated_at:%Y-%m-%d %H:%M} UTC"
