"""Passages and the index generations that hold them."""

from django.db import models

from retrieval.querysets import ChunkQuerySet


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
