"""From a question to an answer, told step by step."""

from collections.abc import Generator, Iterator
from uuid import UUID

from django.conf import settings

from hr.models import Employee
from retrieval import drafting, generation
from retrieval.answers import Answer, Event, SearchResult, Standpoint
from retrieval.drafting import Draft
from retrieval.services.asking import applicability, storing
from retrieval.services.asking.reading import PASSAGES, Reading, extracted, understood
from retrieval.services.asking.runs import Run, begin
from tenants import context


def ask(
    *,
    question: str,
    employee: Employee,
    conversation_id: UUID | None = None,
    standpoint: Standpoint = Standpoint(),  # noqa: B008 (frozen)
) -> Answer:
    """Answer from the documents that `employee` may read, store and audit it.

    Without `conversation_id` a new conversation begins.

    :raises QuestionEmpty, QuestionTooLong: before anything is done.
    :raises ConversationNotFound: when it is not this person's.
    :raises AsOfInFuture, UnknownAttribute, hr.access.ProfileNotAllowed: when the standpoint cannot be taken.
    :raises SearchUnavailable: when nothing can be searched.
    :raises AskFailed: when the answer cannot be stored.
    """
    run = begin(question=question, employee=employee, conversation_id=conversation_id, standpoint=standpoint)
    answer: Answer | None = None
    for event in events(run):
        answer = event.data["answer"] if event.kind == "final" else answer
    assert answer is not None, "the last event of a run is final"
    return answer


def events(run: Run) -> Iterator[Event]:
    """The run's steps; the last one is `final`.

    :raises SearchUnavailable, AskFailed: instead of it.
    """
    threshold = _threshold()
    reading = understood(run, threshold)
    run.searched_for = reading.searched_for
    result, draft, confidence = reading.result, reading.draft, reading.confidence
    passages = result.passages[:PASSAGES]
    versions = applicability.versions_of(ids={passage.version_id for passage in passages}, scope=run.reach)
    asked_back = None
    if confidence < threshold or not passages:
        draft = Draft(generator="none")
    else:
        asked_back = applicability.to_ask_back(result=result, draft=draft, versions=versions, scope=run.reach)
        if asked_back is not None:
            draft = Draft(generator="none")
        elif generation.is_configured():
            # Words reach the asker before the answer is stored, so the question is on record before the first one.
            storing.record_asking(run)
            yield Event("search_results", {"passages": passages})
            draft = yield from _written(run, result)
    if not draft.is_decided:
        quoted = extracted(run, run.searched_for, result).with_fallback(draft.fallback_reason)
        confidence = min(confidence, quoted.support)
        draft = quoted if confidence >= threshold else Draft(generator="none", fallback_reason=draft.fallback_reason)
    answer = storing.store(run, result, draft, asked_back=asked_back, confidence=confidence, threshold=threshold)
    if not _was_told(reading, threshold, asked_back is not None):
        yield Event("search_results", {"passages": passages})
    if answer.generator == "extractive":
        for sentence in answer.sentences:
            yield Event("token", {"text": sentence.text + " "})
    for citation in answer.citations:
        yield Event("citation", {"citation": citation})
    yield Event("final", {"answer": answer})


def _was_told(reading: Reading, threshold: float, asked_back: bool) -> bool:
    """Whether the passages were shown before a language model wrote."""
    return (
        generation.is_configured()
        and reading.confidence >= threshold
        and bool(reading.result.passages)
        and not asked_back
    )


def _written(run: Run, result: SearchResult) -> Generator[Event, None, Draft]:
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


def _threshold() -> float:
    own = context.current_tenant().min_confidence_threshold
    return settings.MIN_CONFIDENCE_THRESHOLD if own is None else own
