"""Ask a question, get a stored, cited answer or an honest abstention.

search -> confidence -> abstain, or write from the passages only -> verify -> check access again -> store and audit.
"""

import hashlib
import hmac
import time
import unicodedata
import uuid
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from audit import actors
from audit import services as audit
from documents.models import Document
from hr import access
from hr.models import Employee
from retrieval import drafting, followup, generation, generations, metrics, prompts
from retrieval.answers import Answer, Contact, Event, SearchResult
from retrieval.drafting import Draft
from retrieval.models import Citation, Conversation, Query
from retrieval.search import Stopwatch, search
from retrieval.services.conversations import ConversationNotFound
from retrieval.sparse import SparseVector
from retrieval.stores import StoreUnavailable
from tenants import context

log = structlog.get_logger(__name__)

# Passages that an answer may be written from; further ones only made measured answers worse.
PASSAGES = 8
_TITLE_CHARS = 80
# Questions of a conversation among which the last complete one is looked for.
_LOOKED_BACK = 20
# With the previous question in front, the quotes must speak about this share of the follow-up's own words.
_OWN_COVERAGE = 0.5
# Overrides of the writing direction: they make a question look like another one. The letters themselves know theirs.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_NOTHING_FOUND = SearchResult(
    passages=(),
    weighted_query=SparseVector(indices=(), values=()),
    question_vector=np.zeros(0, dtype=np.float32),
    embed_model="",
    timings_ms={},
)


class QuestionEmpty(ValueError):
    """The question has no visible character."""


class QuestionTooLong(ValueError):
    """The question is longer than MAX_QUESTION_CHARS."""


class SearchUnavailable(RuntimeError):
    """Neither vectors nor the lexical index can be asked. Try again later (503)."""


class AskFailed(RuntimeError):
    """The answer could not be stored and audited, so it is not given."""


@dataclass
class _Run:
    """One question on its way.

    `previous` is the last question of the conversation that was complete by itself, `searched_for` the reading of this
    one that was chosen.
    """

    question: str
    employee: Employee
    scope: access.Scope
    conversation: Conversation
    previous: str | None
    query_id: UUID = field(default_factory=uuid.uuid4)
    started: float = field(default_factory=time.perf_counter)
    watch: Stopwatch = field(default_factory=Stopwatch)

    searched_for: str = ""


@dataclass(frozen=True)
class _Reading:
    """What was found for one reading of a question. `draft` is undecided while a language model may write it."""

    searched_for: str
    result: SearchResult
    draft: Draft
    confidence: float


def ask(*, question: str, employee: Employee, conversation_id: UUID | None = None) -> Answer:
    """Answer from the documents that `employee` may read, store and audit it.

    Without `conversation_id` a new conversation begins.

    :raises QuestionEmpty, QuestionTooLong: before anything is done.
    :raises ConversationNotFound: when it is not this person's.
    :raises SearchUnavailable: when nothing can be searched.
    :raises AskFailed: when the answer cannot be stored.
    """
    run = _begin(question=question, employee=employee, conversation_id=conversation_id)
    answer: Answer | None = None
    for event in _events(run):
        answer = event.data["answer"] if event.kind == "final" else answer
    assert answer is not None, "the last event of a run is final"
    return answer


def ask_streaming(*, question: str, employee: Employee, conversation_id: UUID | None = None) -> Iterator[Event]:
    """The same as `ask`, told as it happens; the last event is `final` or `error`.

    Bad input raises before the first event. Words come sentence by sentence, each already verified. The iterator enters
    its tenant and actor by itself, because a streamed body is read after the middleware returned.
    """
    run = _begin(question=question, employee=employee, conversation_id=conversation_id)
    return _Told(run)


def clean_question(raw: str) -> str:
    """The question without control characters and surrounding space.

    :raises QuestionEmpty, QuestionTooLong: when it cannot be asked.
    """
    kept = "".join(c if unicodedata.category(c) not in ("Cc", "Cs", "Cn", "Co") else " " for c in raw if c not in _BIDI)
    question = " ".join(kept.split())
    if not any(unicodedata.category(c)[0] in "LNSP" for c in question):
        raise QuestionEmpty("The question is empty.")
    if len(question) > settings.MAX_QUESTION_CHARS:
        raise QuestionTooLong(
            f"The question has {len(question)} characters; {settings.MAX_QUESTION_CHARS} are allowed."
        )
    return question


def _begin(*, question: str, employee: Employee, conversation_id: UUID | None) -> _Run:
    question = clean_question(question)
    scope = access.scope_of(employee)
    if conversation_id is None:
        conversation = Conversation(employee=employee, title=question[:_TITLE_CHARS])
        return _Run(question=question, employee=employee, scope=scope, conversation=conversation, previous=None)
    known = Conversation.objects.owned_by(scope).filter(pk=conversation_id).first()
    if known is None:
        raise ConversationNotFound
    # One step back to a question that was complete by itself: follow-ups of follow-ups do not pile up.
    complete = known.queries.filter(searched_for="").order_by("-asked_at", "pk")[:_LOOKED_BACK]
    asked = (row.question for row in complete)
    previous = next((before for before in asked if not followup.is_small_talk(before)), None)
    return _Run(question=question, employee=employee, scope=scope, conversation=known, previous=previous)


class _Told:
    """The events of a run, told step by step.

    Every step enters tenant and actor and leaves them again, so that nothing of a request stays in a thread between two
    steps, whoever reads them.
    """

    def __init__(self, run: _Run) -> None:
        self._events = _guarded(run)
        self._tenant = context.current_tenant()
        self._actor = actors.current_actor()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        with context.enter(self._tenant), actors.acting_as(self._actor):
            return next(self._events)

    def close(self) -> None:
        """The reader has gone."""
        with context.enter(self._tenant), actors.acting_as(self._actor):
            self._events.close()


def _guarded(run: _Run) -> Generator[Event, None, None]:
    try:
        yield from _events(run)
    except SearchUnavailable:
        detail = "Search is not available. Please try again later."
        yield Event("error", {"code": "search_unavailable", "detail": detail})
    except AskFailed:
        detail = "The answer could not be recorded and is withheld."
        yield Event("error", {"code": "not_recorded", "detail": detail})


def _events(run: _Run) -> Iterator[Event]:
    threshold = _threshold()
    reading = _understood(run, threshold)
    run.searched_for = reading.searched_for
    result, draft, confidence = reading.result, reading.draft, reading.confidence
    passages = result.passages[:PASSAGES]
    if confidence < threshold or not passages:
        draft = Draft(generator="none")
    elif generation.is_configured():
        # Words reach the asker before the answer is stored, so the question is on record before the first one.
        _record_asking(run)
        yield Event("search_results", {"passages": passages})
        draft = yield from _written(run, result)
    if not draft.is_decided:
        extracted = _extracted(run, run.searched_for, result).with_fallback(draft.fallback_reason)
        confidence = min(confidence, extracted.support)
        draft = extracted if confidence >= threshold else Draft(generator="none", fallback_reason=draft.fallback_reason)
    answer = _store(run, result, _still_readable(run, draft), confidence=confidence, threshold=threshold)
    if not generation.is_configured() or reading.confidence < threshold or not passages:
        yield Event("search_results", {"passages": passages})
    if answer.generator == "extractive":
        for sentence in answer.sentences:
            yield Event("token", {"text": sentence.text + " "})
    for citation in answer.citations:
        yield Event("citation", {"citation": citation})
    yield Event("final", {"answer": answer})


def _understood(run: _Run, threshold: float) -> _Reading:
    """The reading of the question with the best evidence. Only a follow-up has two, each with a search of its own."""
    if followup.is_small_talk(run.question):
        return _Reading(run.question, _NOTHING_FOUND, Draft(generator="none"), 0.0)
    texts = followup.readings(question=run.question, previous=run.previous)
    return max((_read(run, text, threshold) for text in texts), key=lambda reading: reading.confidence)


def _read(run: _Run, text: str, threshold: float) -> _Reading:
    result = _search(run, text)
    with run.watch.stage("confidence"):
        confidence = drafting.confidence_of(result=result)
    is_alone = text == run.question
    if confidence < threshold or not result.passages or (is_alone and generation.is_configured()):
        return _Reading(text, result, Draft(), confidence)
    draft = _extracted(run, text, result)
    confidence = min(confidence, draft.support)
    if not is_alone:
        # The previous question's own passages are always found again; they must speak about this one too.
        own = drafting.covers(question=run.question, draft=draft, result=result)
        confidence = min(confidence, own) if own < _OWN_COVERAGE else confidence
    return _Reading(text, result, Draft() if generation.is_configured() else draft, confidence)


def _extracted(run: _Run, text: str, result: SearchResult) -> Draft:
    with run.watch.stage("extract"):
        return drafting.extract(question=text, result=result)


def _search(run: _Run, text: str) -> SearchResult:
    try:
        result = search(question=text, scope=run.scope, limit=PASSAGES)
    except (StoreUnavailable, generations.NoLiveGeneration, DatabaseError) as error:
        log.error("search_unavailable", error=type(error).__name__)
        raise SearchUnavailable from error
    for stage, spent in result.timings_ms.items():
        run.watch.timings_ms[stage] = round(run.watch.timings_ms.get(stage, 0.0) + spent, 2)
    return drafting.without_repetitions(result=result)


def _written(run: _Run, result: SearchResult) -> Generator[Event, None, Draft]:
    """The language model's sentences, each verified before it is shown. Returns the Draft."""
    passages = result.passages[:PASSAGES]
    with run.watch.stage("generate"):
        try:
            sentences = []
            previous = run.previous if run.searched_for != run.question else None
            for sentence in drafting.written_sentences(question=run.question, passages=passages, previous=previous):
                sentences.append(sentence)
                yield Event("token", {"text": sentence.text + " "})
        except generation.ModelUnavailable as error:
            return Draft(fallback_reason=error.reason)
    if not sentences:
        return Draft(fallback_reason="nothing_proven")
    return drafting.cited(sentences=sentences, passages=passages, generator=settings.LLM_MODEL)


def _still_readable(run: _Run, draft: Draft) -> Draft:
    """Sentences whose documents were deleted or closed to this person meanwhile are taken out."""
    ids = {citation.document_id for citation in draft.citations}
    readable = set(Document.objects.visible_to(run.scope).filter(pk__in=ids).values_list("pk", flat=True))
    return draft if ids <= readable else draft.only_from(readable)


def _threshold() -> float:
    own = context.current_tenant().min_confidence_threshold
    return settings.MIN_CONFIDENCE_THRESHOLD if own is None else own


def _store(run: _Run, result: SearchResult, draft: Draft, *, confidence: float, threshold: float) -> Answer:
    """Store question, answer, citations and scores, and write the audit row, in one transaction.

    :raises AskFailed: when that is not possible; nothing is stored then.
    """
    answered = bool(draft.sentences)
    citations = draft.citations if answered else drafting.nearest(result.passages)
    run.watch.timings_ms["total"] = round((time.perf_counter() - run.started) * 1000, 2)
    tenant = context.current_tenant()
    answer = Answer(
        query_id=run.query_id,
        conversation_id=run.conversation.pk,
        outcome="answered" if answered else "abstained",
        text=" ".join(sentence.text for sentence in draft.sentences),
        sentences=draft.sentences,
        citations=citations,
        confidence=confidence,
        threshold=threshold,
        contact=Contact(name=tenant.contact_name, email=tenant.contact_email),
        generator=draft.generator if answered else "none",
        fallback_reason=draft.fallback_reason or ("vector_store_unavailable" if result.lexical_only else ""),
        prompt_version=prompts.current().version,
        embed_model=result.embed_model,
        timings_ms=dict(run.watch.timings_ms),
    )
    try:
        with transaction.atomic():
            _save(run, result, answer)
            _record_answer(run, answer)
    except DatabaseError as error:
        log.error("answer_not_stored", error=type(error).__name__)
        raise AskFailed from error
    metrics.QUERY_LATENCY.observe(time.perf_counter() - run.started)
    metrics.CONFIDENCE.observe(confidence)
    metrics.ANSWERS.labels(
        answer.outcome, answer.generator if answer.generator in ("extractive", "none") else "model"
    ).inc()
    return answer


def _save(run: _Run, result: SearchResult, answer: Answer) -> None:
    now = timezone.now()
    run.conversation.updated_at = now
    run.conversation.save()
    query = Query.objects.create(
        id=answer.query_id,
        conversation=run.conversation,
        employee=run.employee,
        asked_at=now,
        question=run.question,
        searched_for=run.searched_for if run.searched_for != run.question else "",
        outcome=answer.outcome,
        answer=answer.text,
        sentences=[{"text": s.text, "citations": list(s.citations)} for s in answer.sentences],
        generator=answer.generator,
        fallback_reason=answer.fallback_reason,
        confidence=answer.confidence,
        threshold=answer.threshold,
        candidates=[
            {
                "chunk_id": str(p.chunk_id),
                "rank": p.rank,
                "dense": round(p.scores.dense, 4),
                "bm25": round(p.scores.bm25, 4),
                "fused": round(p.scores.fused, 4),
            }
            for p in result.passages
        ],
        prompt_version=answer.prompt_version,
        embed_model=answer.embed_model,
        timings_ms=dict(answer.timings_ms),
    )
    Citation.objects.bulk_create(
        Citation(
            query=query,
            n=c.n,
            chunk_id=c.chunk_id,
            document_id=c.document_id,
            version_id=c.version_id,
            title=c.title,
            heading=c.heading,
            page=c.page,
            quote=c.quote,
            start=c.start,
            end=c.end,
            is_source=answer.outcome == "answered",
        )
        for c in answer.citations
    )


def _record_asking(run: _Run) -> None:
    try:
        with transaction.atomic():
            audit.record(verb="question.ask", target=f"query:{run.query_id}", digest=digest_of(run.question))
    except DatabaseError as error:
        raise AskFailed from error


def _record_answer(run: _Run, answer: Answer) -> None:
    audit.record(
        verb="question.answer",
        target=f"query:{answer.query_id}",
        confidence=answer.confidence,
        digest=digest_of(run.question),
        prompt_version=answer.prompt_version,
        model_version=answer.embed_model[:120],
        details={
            "outcome": answer.outcome,
            "generator": answer.generator,
            "documents": sorted({str(citation.document_id) for citation in answer.citations}),
        },
    )


def digest_of(question: str) -> str:
    """A question's name in the audit log. Keyed, because a plain hash of a short question can be guessed."""
    return hmac.new(settings.SECRET_KEY.encode(), question.encode(), hashlib.sha256).hexdigest()
