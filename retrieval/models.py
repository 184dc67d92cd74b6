"""Passages, index generations, conversations, and what was asked and answered."""

import uuid

from django.db import models

from retrieval.querysets import ChunkQuerySet, ConversationQuerySet, QueryQuerySet


class IndexGeneration(models.Model):
    """One way of turning passages into vectors. Exactly one is live; a rebuild fills another one beside it."""

    class State(models.TextChoices):
        BUILDING = "building", "Building"
        LIVE = "live", "Live"
        RETIRED = "retired", "Retired"

    number = models.PositiveIntegerField(unique=True)
    embed_model = models.CharField(max_length=200)
    dim = models.PositiveIntegerField()
    chunker = models.CharField(max_length=100, help_text="Version, size and overlap of the chunker.")
    state = models.CharField(max_length=16, choices=State.choices, default=State.BUILDING)
    created_at = models.DateTimeField(auto_now_add=True)
    live_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "index_generations"
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="live"), name="one_live_generation"),
            models.CheckConstraint(
                condition=models.Q(state__in=["building", "live", "retired"]), name="index_generation_state_known"
            ),
        ]

    class Privacy:
        erase: dict[str, str] = {}
        keep = dict.fromkeys("id number embed_model dim chunker state created_at live_at".split(), "state")


class Chunk(models.Model):
    """A passage of a version. Its id is uuid5 of version, generation, ordinal and text digest: same input, same id."""

    id = models.UUIDField(primary_key=True, editable=False)
    version = models.ForeignKey("documents.DocumentVersion", on_delete=models.CASCADE, related_name="chunks")
    generation = models.ForeignKey(IndexGeneration, on_delete=models.CASCADE, related_name="chunks")
    ordinal = models.PositiveIntegerField()
    text = models.TextField()
    heading = models.CharField(max_length=500, blank=True, help_text="Heading path, outermost first, joined by ' > '.")
    page_from = models.PositiveIntegerField(null=True)
    page_to = models.PositiveIntegerField(null=True)
    start = models.PositiveIntegerField(help_text="Character offset into VersionText.text.")
    end = models.PositiveIntegerField()
    token_count = models.PositiveIntegerField()
    embed_text = models.TextField(help_text="What is embedded: title, heading path and text.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the text.")

    objects = ChunkQuerySet.as_manager()

    class Meta:
        db_table = "document_chunks"
        constraints = [
            models.UniqueConstraint(fields=["version", "generation", "ordinal"], name="chunk_ordinal_unique"),
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="chunk_is_not_empty"),
        ]
        indexes = [models.Index(fields=["generation", "digest"], name="chunk_same_text")]

    class Privacy:
        erase: dict[str, str] = {}
        keep = dict.fromkeys(
            "id version generation ordinal text heading page_from page_to start end token_count embed_text "
            "digest".split(),
            "company content",
        )


class Conversation(models.Model):
    """Questions of one person in one thread. Nobody else reads it."""

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
    candidates = models.JSONField(default=list, help_text="List of {chunk_id, rank, scores}: what search found.")
    prompt_version = models.CharField(max_length=64)
    embed_model = models.CharField(max_length=200)
    timings_ms = models.JSONField(default=dict)

    objects = QueryQuerySet.as_manager()

    class Meta:
        db_table = "queries"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["answered", "abstained"]), name="query_outcome_known"
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1), name="query_confidence_between_0_and_1"
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
        }
        keep = dict.fromkeys(
            "id asked_at outcome generator fallback_reason confidence threshold candidates prompt_version "
            "embed_model timings_ms".split(),
            "not identifying by itself",
        )


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
    is_source = models.BooleanField(default=True, help_text="False for a nearest source shown beside an abstention.")

    class Meta:
        db_table = "citations"
        constraints = [models.UniqueConstraint(fields=["query", "n"], name="citation_number_unique")]

    class Privacy:
        erase = {"query": "whose it is"}
        keep = dict.fromkeys(
            "id n chunk_id document_id version_id title heading page quote start end is_source".split(),
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

    class Meta:
        db_table = "feedback"
        constraints = [
            models.CheckConstraint(condition=models.Q(rating__in=["up", "down"]), name="feedback_rating_known")
        ]

    class Privacy:
        erase = {"query": "whose it is", "comment": "free text"}
        keep = dict.fromkeys("id rating is_hallucination created_at updated_at".split(), "not identifying by itself")
