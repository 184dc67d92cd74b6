"""How an answer came about: what was asked of the index, what came back, and what was left out."""

from django.db import models
from django.db.models import Q

from retrieval.models.conversations import Query


class AnswerTrace(models.Model):
    """What an answer's own row does not say of how it came about. Written with it, gone with it.

    Ids, digests and figures only: the words stand in the question, the citations and the passages.
    """

    class Channel(models.TextChoices):
        PAGE = "page", "Page"
        API = "api", "API"
        COMMAND = "command", "Command"

    class ThresholdSource(models.TextChoices):
        COMPANY = "company", "The company's own"
        INSTALLATION = "installation", "The installation's"

    query = models.OneToOneField(Query, on_delete=models.CASCADE, primary_key=True, related_name="trace")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    is_streamed = models.BooleanField(default=False)
    scope = models.JSONField(help_text="Role and attributes that the search was filtered by, without the person.")
    scope_digest = models.CharField(max_length=64, help_text="Keyed, over the whole filter, the person included.")
    candidates = models.JSONField(
        default=list, help_text="List of [chunk id, cosine, BM25, fused, fate, digest]; see retrieval.tracing."
    )
    signals = models.JSONField(
        default=dict, help_text="{found, support, cosine, coverage, margin}: what the confidence was made of."
    )
    threshold_source = models.CharField(max_length=16, choices=ThresholdSource.choices)
    generation = models.PositiveIntegerField(null=True, help_text="Of the index; none when nothing was searched.")
    chunker = models.CharField(max_length=100, blank=True)
    encoder = models.CharField(max_length=16, blank=True, help_text="What computed the vectors: onnx or torch.")
    searches = models.PositiveSmallIntegerField(default=0, help_text="Readings of the question that were searched.")
    model = models.CharField(max_length=120, blank=True, help_text="The language model that was asked, whatever came.")
    prompt_tokens = models.PositiveIntegerField(null=True)
    answer_tokens = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "answer_traces"
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=["page", "api", "command"]), name="trace_channel_known"),
            models.CheckConstraint(
                condition=Q(threshold_source__in=["company", "installation"]), name="trace_threshold_source_known"
            ),
        ]

    class Privacy:
        erase = {"query": "whose it is", "scope": "the asker's attributes", "scope_digest": "names the asker's rights"}
        keep = dict.fromkeys(
            "channel is_streamed candidates signals threshold_source generation chunker encoder searches model "
            "prompt_tokens answer_tokens".split(),
            "not identifying by itself",
        )

    def __str__(self) -> str:
        return f"Trace of answer {self.query_id}"
