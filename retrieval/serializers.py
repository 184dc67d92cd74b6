"""What the API takes and says about questions. Component names carry the API's version."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from hr import attributes
from hr.access import Profile
from hr.models import Employee
from retrieval.answers import Answer, CitedPassage, ScoredPassage, SearchResult, Standpoint
from retrieval.models import Feedback, Query
from retrieval.services.explaining import ShownCitation
from retrieval.tools.results import VERSION as RECORD_VERSION
from retrieval.tools.results import ToolResult
from retrieval.topics.texts import ApprovedText
from tenants.days import validate_day

_MAX_RESULTS = 50
_DEFAULT_RESULTS = 10


class QuestionField(serializers.CharField):
    """Text that can be asked: not empty, not longer than MAX_QUESTION_CHARS, nothing that is no text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=settings.MAX_QUESTION_CHARS, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        # NUL and halves of surrogate pairs: JSON can carry them, PostgreSQL and UTF-8 cannot.
        if not isinstance(data, str) or "\x00" in data or any("\ud800" <= c <= "\udfff" for c in data):
            self.fail("invalid")
        return super().to_internal_value(data)


class AttributesV1(serializers.Serializer):
    country = serializers.CharField(required=False, allow_blank=True, max_length=2, help_text="Such as DE.")
    site = serializers.CharField(required=False, allow_blank=True, max_length=100)
    employment_type = serializers.CharField(
        required=False, allow_blank=True, max_length=16, help_text="Such as full_time or part_time."
    )


class ProfileV1(AttributesV1):
    role = serializers.ChoiceField(choices=[Employee.Role.EMPLOYEE, Employee.Role.MANAGER])
    department = serializers.CharField(required=False, allow_blank=True, max_length=100)


class StandpointV1(serializers.Serializer):
    as_of = serializers.DateField(
        required=False,
        allow_null=True,
        default=None,
        validators=[validate_day],
        help_text="Answer from what was in force on that day. Days to come are for HR and the owner.",
    )
    about = AttributesV1(
        required=False,
        default=dict,
        help_text="What the own record does not say; it never overrides the record.",
    )
    ask_as = ProfileV1(
        required=False, allow_null=True, default=None, help_text="For HR and the owner: what such a person would get."
    )


class SearchRequestV1(StandpointV1):
    question = QuestionField()
    limit = serializers.IntegerField(required=False, default=_DEFAULT_RESULTS, min_value=1, max_value=_MAX_RESULTS)


class ScoresV1(serializers.Serializer):
    dense = serializers.FloatField(help_text="Cosine of question and passage.")
    bm25 = serializers.FloatField()
    fused = serializers.FloatField(help_text="Decides the rank.")


class PassageV1(serializers.Serializer):
    rank = serializers.IntegerField(min_value=1)
    chunk_id = serializers.UUIDField()
    document_id = serializers.UUIDField()
    external_id = serializers.CharField(allow_null=True)
    title = serializers.CharField()
    page = serializers.IntegerField(allow_null=True)
    heading = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    scores = ScoresV1()


class SearchResponseV1(serializers.Serializer):
    results = PassageV1(many=True)
    embed_model = serializers.CharField()
    lexical_only = serializers.BooleanField(help_text="The vector store was down: words were searched, not meaning.")
    timings_ms = serializers.DictField(child=serializers.FloatField())


class QueryRequestV1(StandpointV1):
    question = QuestionField()
    conversation_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="To go on with; left out, a new one begins."
    )
    keep_private = serializers.BooleanField(
        required=False, default=False, help_text="Nobody else reads the question, whatever the company's rule."
    )


class CitationV1(serializers.Serializer):
    n = serializers.IntegerField(min_value=1)
    document_id = serializers.UUIDField()
    title = serializers.CharField()
    page = serializers.IntegerField(allow_null=True)
    heading = serializers.CharField(allow_blank=True)
    quote = serializers.CharField(help_text="Verbatim.")
    url = serializers.CharField(help_text="Path of the page that shows the passage in its document.")
    version_id = serializers.UUIDField(help_text="The very version that was cited; it can be re-read when it is past.")


class SentenceV1(serializers.Serializer):
    text = serializers.CharField()
    citations = serializers.ListField(child=serializers.IntegerField())


class ContactV1(serializers.Serializer):
    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)


class AttributeV1(serializers.Serializer):
    name = serializers.ChoiceField(choices=list(attributes.NAMES))
    key = serializers.CharField(help_text="Send it back in `about`.")
    # The field hides an attribute that only serializers of forms have.
    label = serializers.CharField()  # type: ignore[assignment]


class AskedBackV1(serializers.Serializer):
    name = serializers.ChoiceField(choices=list(attributes.NAMES))
    options = AttributeV1(many=True)


class RecordFactV1(serializers.Serializer):
    # The field hides an attribute that only serializers of forms have.
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField(allow_blank=True)


class RecordRowV1(serializers.Serializer):
    title = serializers.CharField()
    facts = RecordFactV1(many=True)
    url = serializers.CharField(allow_blank=True, help_text="Path of the row's own page, if it has one.")


class ProposalV1(serializers.Serializer):
    id = serializers.UUIDField(help_text="To confirm with.")
    digest = serializers.CharField(help_text="Send it back unchanged.")


class RecordPartV1(serializers.Serializer):
    tool = serializers.CharField()
    status = serializers.ChoiceField(choices=["done", "proposed", "asked", "denied", "empty", "unavailable"])
    title = serializers.CharField()
    lines = serializers.ListField(child=serializers.CharField())
    rows = RecordRowV1(many=True, help_text="The rows of the record that prove the lines.")
    steps = serializers.ListField(child=serializers.CharField(), help_text="How the lines were computed.")
    reason = serializers.CharField(allow_blank=True, help_text="A stable code when nothing was read.")
    proposal = ProposalV1(allow_null=True, help_text="Nothing has happened yet; see `confirmProposal`.")


class RecordV1(serializers.Serializer):
    version = serializers.IntegerField()
    parts = RecordPartV1(many=True)
    unanswered = serializers.CharField(
        allow_blank=True, help_text="What the documents did not say of a question with two parts."
    )


class SensitiveContactV1(ContactV1):
    phone = serializers.CharField(allow_blank=True)


class SensitiveV1(serializers.Serializer):
    topic = serializers.CharField()
    title = serializers.CharField()
    paragraphs = serializers.ListField(child=serializers.CharField(), help_text="The company's words, as approved.")
    contact = SensitiveContactV1()


class QueryResponseV1(serializers.Serializer):
    id = serializers.UUIDField()
    conversation_id = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=Query.Outcome.values)
    as_of = serializers.DateField(help_text="The day whose policies answered.")
    applies = AttributeV1(many=True, help_text="Why the cited policies apply to the asker.")
    asked_back = AskedBackV1(
        allow_null=True, help_text="What the asker's record does not say and the answer depends on; see `about`."
    )
    record = RecordV1(allow_null=True, help_text="What comes from the asker's own record.")
    sensitive = SensitiveV1(
        allow_null=True, help_text="The company's approved words; set when the outcome is `sensitive`."
    )
    answer = serializers.CharField(allow_blank=True, help_text="All of it as one text.")
    sentences = SentenceV1(many=True, help_text="What comes from the documents.")
    confidence = serializers.FloatField(min_value=0, max_value=1)
    threshold = serializers.FloatField(help_text="Below it the assistant says that the documents do not say.")
    citations = CitationV1(many=True, help_text="When abstained: the nearest sources.")
    contact = ContactV1(help_text="Whom to ask when the documents do not say.")
    generator = serializers.CharField(help_text="extractive, record, none, or the language model's name.")
    fallback_reason = serializers.CharField(allow_blank=True)
    prompt_version = serializers.CharField(allow_blank=True)
    embed_model = serializers.CharField()
    timings_ms = serializers.DictField(child=serializers.FloatField())


class EventV1(serializers.Serializer):
    event = serializers.ChoiceField(choices=["tool", "search_results", "token", "citation", "final", "error"])
    # The field hides an attribute that only serializers of forms have.
    data = serializers.CharField(help_text="One JSON object.")  # type: ignore[assignment]


class ProposalConfirmRequestV1(serializers.Serializer):
    digest = serializers.CharField(max_length=64, help_text="As it came with the proposal.")


class FeedbackRequestV1(serializers.Serializer):
    rating = serializers.ChoiceField(choices=Feedback.Rating.values)
    comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)
    is_hallucination = serializers.BooleanField(
        required=False, default=False, help_text="The answer says what its sources do not."
    )
    share = serializers.BooleanField(
        required=False, default=False, help_text="Let HR read the question, its answer and the comment."
    )


class FeedbackV1(FeedbackRequestV1):
    query_id = serializers.UUIDField()


# The functions below build what the serializers above describe. They are written out because a nested serializer cost
# more than the search itself for 50 passages; a test holds both together.


def standpoint_of(validated: dict[str, Any]) -> Standpoint:
    """Takes the fields of a StandpointV1 out of a request's validated data."""
    profile = validated.pop("ask_as")
    about = {name: value for name, value in validated.pop("about").items() if value}
    return Standpoint(as_of=validated.pop("as_of"), assumed=about, profile=Profile(**profile) if profile else None)


def searched(result: SearchResult) -> dict[str, Any]:
    """The body of a SearchResponseV1."""
    return {
        "results": [passage(found) for found in result.passages],
        "embed_model": result.embed_model,
        "lexical_only": result.lexical_only,
        "timings_ms": dict(result.timings_ms),
    }


def passage(found: ScoredPassage) -> dict[str, Any]:
    """The body of a PassageV1."""
    return {
        "rank": found.rank,
        "chunk_id": str(found.chunk_id),
        "document_id": str(found.document_id),
        "external_id": found.external_id,
        "title": found.title,
        "page": found.page,
        "heading": found.heading,
        "text": found.text,
        "scores": {"dense": found.scores.dense, "bm25": found.scores.bm25, "fused": found.scores.fused},
    }


def answered(answer: Answer) -> dict[str, Any]:
    """The body of a QueryResponseV1."""
    return {
        "id": str(answer.query_id),
        "conversation_id": str(answer.conversation_id),
        "outcome": answer.outcome,
        "as_of": answer.as_of.isoformat(),
        "applies": [asdict(attribute) for attribute in answer.applies],
        "asked_back": asdict(answer.asked_back) if answer.asked_back else None,
        "record": _record(answer),
        "sensitive": _sensitive(answer.approved) if answer.approved else None,
        "answer": _whole_text(answer),
        "sentences": [{"text": part.text, "citations": list(part.citations)} for part in answer.sentences],
        "confidence": answer.confidence,
        "threshold": answer.threshold,
        "citations": [cited(found, query_id=answer.query_id) for found in answer.citations],
        "contact": {"name": answer.contact.name, "email": answer.contact.email},
        "generator": answer.generator,
        "fallback_reason": answer.fallback_reason,
        "prompt_version": answer.prompt_version,
        "embed_model": answer.embed_model,
        "timings_ms": dict(answer.timings_ms),
    }


def record_part(result: ToolResult) -> dict[str, Any]:
    """The body of a RecordPartV1."""
    return {
        "tool": result.tool,
        "status": result.status,
        "title": result.title,
        "lines": list(result.lines),
        "rows": [
            {
                "title": row.title,
                "facts": [{"label": label, "value": value} for label, value in row.facts],
                "url": row.href,
            }
            for row in result.rows
        ],
        "steps": list(result.steps),
        "reason": result.reason,
        "proposal": {"id": result.proposal_id, "digest": result.proposal_digest} if result.proposal_id else None,
    }


def _record(answer: Answer) -> dict[str, Any] | None:
    if not answer.results:
        return None
    parts = [record_part(result) for result in answer.results]
    return {"version": RECORD_VERSION, "parts": parts, "unanswered": answer.unanswered}


def _sensitive(approved: ApprovedText) -> dict[str, Any]:
    return {
        "topic": approved.topic,
        "title": approved.title,
        "paragraphs": list(approved.paragraphs),
        "contact": {
            "name": approved.contact_name,
            "email": approved.contact_email,
            "phone": approved.contact_phone,
        },
    }


def _whole_text(answer: Answer) -> str:
    approved = answer.approved.paragraphs if answer.approved else ()
    return " ".join(part for part in (*approved, *(result.text for result in answer.results), answer.text) if part)


def cited(found: CitedPassage, *, query_id: UUID | None) -> dict[str, Any]:
    """The body of a CitationV1. While the answer is not stored (`query_id` None) the link leads to the document."""
    if query_id is None:
        url = reverse("document", kwargs={"document_id": found.document_id})
    else:
        url = reverse("passage", kwargs={"query_id": query_id, "n": found.n})
    return {
        "n": found.n,
        "document_id": str(found.document_id),
        "title": found.title,
        "page": found.page,
        "heading": found.heading,
        "quote": found.quote,
        "url": url,
        "version_id": str(found.version_id),
    }


def cited_then(found: ShownCitation, *, query_id: UUID) -> dict[str, Any]:
    """The body of a CitationV1 for a stored citation."""
    return {
        "n": found.n,
        "document_id": str(found.document_id),
        "title": found.title,
        "page": found.page,
        "heading": found.heading,
        "quote": found.quote,
        "url": reverse("passage", kwargs={"query_id": query_id, "n": found.n}),
        "version_id": str(found.version_id),
    }
