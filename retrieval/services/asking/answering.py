"""From a question to an answer, told step by step."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings

from hr.models import Employee
from retrieval import drafting, followup, generation
from retrieval.answers import Answer, Event, ScoredPassage, Standpoint
from retrieval.drafting import Draft
from retrieval.services.asking import applicability, storing
from retrieval.services.asking.attending import attend, call_for_model
from retrieval.services.asking.reading import NOTHING_FOUND, PASSAGES, extracted, understood
from retrieval.services.asking.runs import Run, SearchUnavailable, begin
from retrieval.tools import people_meant, registry
from retrieval.tools.results import ToolResult
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
    if generation.is_configured():
        # A model's words reach the asker before the answer is stored, so the question is on record before the first
        # one. Every question is, so that the log does not tell apart what is never sent to the model.
        storing.record_asking(run)
    yield from attend(run)
    if not run.for_documents:
        yield from _answered_otherwise(run, threshold)
        return
    try:
        reading = understood(run, threshold)
    except SearchUnavailable:
        if not run.is_answered_otherwise:
            raise
        yield from _answered_otherwise(run, threshold)
        return
    run.searched_for = reading.searched_for
    result, draft, confidence = reading.result, reading.draft, reading.confidence
    passages = result.passages[:PASSAGES]
    versions = applicability.versions_of(ids={passage.version_id for passage in passages}, scope=run.reach)
    asked_back = None
    is_found = confidence >= threshold and bool(passages)
    if is_found:
        asked_back = applicability.to_ask_back(result=result, draft=draft, versions=versions, scope=run.reach)
    is_told = False
    if asked_back is None and _model_writes(run, is_found):
        is_told = is_found
        if is_told:
            yield Event("search_results", {"passages": passages})
        draft = yield from _written(run, passages if is_found else ())
    if not is_found or asked_back is not None:
        draft = Draft(generator="none")
    if not draft.is_decided:
        quoted = extracted(run, run.searched_for, result).with_fallback(draft.fallback_reason)
        confidence = min(confidence, quoted.support)
        draft = quoted if confidence >= threshold else Draft(generator="none", fallback_reason=draft.fallback_reason)
    answer = storing.store(run, result, draft, asked_back=asked_back, confidence=confidence, threshold=threshold)
    if not is_told:
        yield Event("search_results", {"passages": passages})
    yield from _told(answer)


def _answered_otherwise(run: Run, threshold: float) -> Iterator[Event]:
    """The answer that needs no document, or whose documents cannot be searched at the moment."""
    answer = storing.store(
        run, NOTHING_FOUND, Draft(generator="none"), asked_back=None, confidence=0.0, threshold=threshold
    )
    yield from _told(answer)


def _told(answer: Answer) -> Iterator[Event]:
    if answer.generator == "extractive":
        for sentence in answer.sentences:
            yield Event("token", {"text": sentence.text + " "})
    for citation in answer.citations:
        yield Event("citation", {"citation": citation})
    yield Event("final", {"answer": answer})


def _model_writes(run: Run, is_found: bool) -> bool:
    """A model writes from passages, and may look into the asker's own record when they speak of themselves.

    What somebody writes about something sensitive is never sent to it.
    """
    if not generation.is_configured() or run.approved is not None:
        return False
    return is_found or _offers_tools(run)


def _offers_tools(run: Run) -> bool:
    is_small_talk = followup.is_small_talk(run.question)
    reads_record = run.standpoint.profile is None and not run.standpoint.documents_only
    return reads_record and people_meant.may_speak_of_oneself(run.question) and not is_small_talk


def _written(run: Run, passages: Sequence[ScoredPassage]) -> Generator[Event, None, Draft]:
    """The language model's sentences, each verified before it is shown. Returns the Draft."""
    told: list[ToolResult] = []
    tools = _tools_for(run, told) if _offers_tools(run) else None
    previous = run.previous if run.searched_for != run.for_documents else None
    with run.watch.stage("generate"):
        try:
            sentences = []
            written = drafting.written_sentences(
                question=run.for_documents, passages=passages, previous=previous, tools=tools
            )
            for sentence in written:
                sentences.append(sentence)
                yield from _looked_up(told)
                yield Event("token", {"text": sentence.text + " "})
        except generation.ModelUnavailable as error:
            return Draft(fallback_reason=error.reason)
    yield from _looked_up(told)
    if not sentences:
        return Draft(fallback_reason="nothing_proven")
    return drafting.cited(sentences=sentences, passages=passages, generator=settings.LLM_MODEL)


def _tools_for(run: Run, told: list[ToolResult]) -> drafting.Tools:
    """The tools as a model may call them: for the person of this run, whatever it writes."""

    def call(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        before = len(run.results)
        result, answer = call_for_model(run, name, arguments)
        if len(run.results) > before:
            told.append(result)
        return answer

    return drafting.Tools(offered=registry.offered(), call=call)


def _looked_up(told: list[ToolResult]) -> Iterator[Event]:
    while told:
        yield Event("tool", {"result": told.pop(0)})


def _threshold() -> float:
    own = context.current_tenant().min_confidence_threshold
    return settings.MIN_CONFIDENCE_THRESHOLD if own is None else own
