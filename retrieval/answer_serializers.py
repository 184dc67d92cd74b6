"""What the API says of how an answer came about. Component names carry the API's version."""

from typing import Any

from rest_framework import serializers

from retrieval.models import Query
from retrieval.readers import readers_of
from retrieval.serializers import CitationV1, ScoresV1, SentenceV1, cited_then
from retrieval.services import wording
from retrieval.services.explaining import Explanation, ShownCandidate

_FATES = tuple(wording.FATES)


class KnownScoresV1(ScoresV1):
    dense = serializers.FloatField(allow_null=True, help_text="Cosine; null where only words were compared.")
    bm25 = serializers.FloatField(allow_null=True)


class CandidateV1(serializers.Serializer):
    rank = serializers.IntegerField(min_value=1)
    chunk_id = serializers.UUIDField()
    document_id = serializers.UUIDField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    heading = serializers.CharField(allow_blank=True)
    page = serializers.IntegerField(allow_null=True)
    scores = KnownScoresV1()
    fate = serializers.ChoiceField(choices=_FATES, help_text="What became of it, from `unreadable` to `cited`.")
    digest = serializers.CharField(allow_blank=True, help_text="SHA-256 of its text, where it was read.")


class IndexV1(serializers.Serializer):
    generation = serializers.IntegerField(allow_null=True, help_text="Null when nothing was searched.")
    chunker = serializers.CharField(allow_blank=True)
    encoder = serializers.CharField(allow_blank=True)
    embed_model = serializers.CharField(allow_blank=True)


class TokensV1(serializers.Serializer):
    prompt = serializers.IntegerField()
    answer = serializers.IntegerField()


class AnswerRecordV1(serializers.Serializer):
    id = serializers.UUIDField()
    conversation_id = serializers.UUIDField()
    asked_at = serializers.DateTimeField()
    as_of = serializers.DateField(allow_null=True, help_text="The day whose policies answered.")
    question = serializers.CharField(allow_blank=True, help_text="Empty for a message on something sensitive.")
    outcome = serializers.ChoiceField(choices=Query.Outcome.values)
    sentences = SentenceV1(many=True, help_text="Those whose documents may still be read.")
    withheld = serializers.IntegerField(help_text="Sentences whose documents may no longer be read.")
    citations = CitationV1(many=True, help_text="As they were then; when abstained: the nearest sources.")
    summary = serializers.ListField(child=serializers.CharField(), help_text="How it came about, in plain words.")
    confidence = serializers.FloatField(min_value=0, max_value=1)
    threshold = serializers.FloatField()
    threshold_source = serializers.CharField(allow_blank=True, help_text="company or installation.")
    signals = serializers.DictField(child=serializers.FloatField(), help_text="What the confidence was made of.")
    filter = serializers.DictField(help_text="Role and attributes by which the search was filtered.")
    filter_digest = serializers.CharField(allow_blank=True)
    candidates = CandidateV1(many=True, help_text="Passages that were looked at and that may be read now, best first.")
    hidden_candidates = serializers.IntegerField(help_text="Those that are gone or may not be read now.")
    generator = serializers.CharField()
    fallback_reason = serializers.CharField(allow_blank=True)
    model = serializers.CharField(allow_blank=True, help_text="The language model that was asked, whatever came.")
    tokens = TokensV1(allow_null=True)
    prompt_version = serializers.CharField(allow_blank=True)
    index = IndexV1()
    timings_ms = serializers.DictField(child=serializers.FloatField())
    lane = serializers.ChoiceField(choices=Query.Lane.values, help_text="The asker's say in who reads the question.")
    readers = serializers.CharField(help_text="Who can read it now, in words.")


class LaneRequestV1(serializers.Serializer):
    lane = serializers.ChoiceField(
        choices=Query.Lane.values,
        help_text="`shared` lets HR read it, `private` nobody, `company` whom the company's rule allows.",
    )


class LaneV1(LaneRequestV1):
    query_id = serializers.UUIDField()
    readers = serializers.CharField(help_text="Who can read it now, in words.")


def answer_record(*, query: Query, explanation: Explanation) -> dict[str, Any]:
    """The body of an AnswerRecordV1, for the asker."""
    trace = explanation.trace
    readable = [one for one in explanation.citations if one.is_readable]
    numbers = {one.n for one in readable}
    told = [
        {"text": sentence["text"], "citations": [n for n in sentence["citations"] if n in numbers]}
        for sentence in query.sentences
        if numbers & set(sentence["citations"])
    ]
    shown = [one for one in explanation.candidates if one.place is not None]
    tokens = None
    if trace is not None and trace.prompt_tokens is not None:
        tokens = {"prompt": trace.prompt_tokens, "answer": trace.answer_tokens}
    return {
        "id": str(query.pk),
        "conversation_id": str(query.conversation_id),
        "asked_at": query.asked_at.isoformat(),
        "as_of": query.as_of.isoformat() if query.as_of else None,
        "question": query.question,
        "outcome": explanation.outcome,
        "sentences": told,
        "withheld": len(query.sentences) - len(told),
        "citations": [cited_then(one, query_id=query.pk) for one in readable],
        "summary": wording.summary(explanation),
        "confidence": query.confidence,
        "threshold": query.threshold,
        "threshold_source": explanation.threshold_source,
        "signals": dict(trace.signals) if trace else {},
        "filter": dict(trace.scope) if trace else {},
        "filter_digest": trace.scope_digest if trace else "",
        "candidates": [_candidate(one) for one in shown],
        "hidden_candidates": len(explanation.candidates) - len(shown),
        "generator": query.generator,
        "fallback_reason": query.fallback_reason,
        "model": trace.model if trace else "",
        "tokens": tokens,
        "prompt_version": query.prompt_version,
        "index": {
            "generation": trace.generation if trace else None,
            "chunker": trace.chunker if trace else "",
            "encoder": trace.encoder if trace else "",
            "embed_model": query.embed_model,
        },
        "timings_ms": dict(query.timings_ms),
        "lane": query.lane,
        "readers": readers_of(query).text,
    }


def _candidate(shown: ShownCandidate) -> dict[str, Any]:
    place, one = shown.place, shown.candidate
    assert place is not None, "only candidates with a place are told"
    return {
        "rank": shown.rank,
        "chunk_id": str(one.chunk_id),
        "document_id": str(place.document_id),
        "version": place.version,
        "title": place.title,
        "heading": place.heading,
        "page": place.page,
        "scores": {"dense": one.dense, "bm25": one.bm25, "fused": one.fused},
        "fate": shown.fate,
        "digest": one.digest,
    }
