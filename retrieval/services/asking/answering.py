"""From a question to an answer, told step by step."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings

from hr.models import Employee
from retrieval import drafting, followup, generation
from retrieval.answers import Answer, Channel, Event, ScoredPassage, Standpoint
from retrieval.drafting import Draft
from retrieval.services.asking import applicability, storing
from retrieval.services.asking.attending import attend, call_for_model
from retrieval.services.asking.reading import NOTHING_WRITTEN, PASSAGES, Threshold, Written, extracted, understood
from retrieval.services.asking.runs import Run, SearchUnavailable, begin
from retrieval.tools import people_meant, registry
from retrieval.tools.results import ToolResult
from tenants import context
from tenants.kill_switches import state


def ask(
    *,
    question: str,
    employee: Employee,
    conversation_id: UUID | None = None,
    standpoint: Standpoint = Standpoint(),  # noqa: B008 (frozen)
    channel: Channel = "page",
    keep_private: bool = False,
) -> Answer:
    """Answer from the documents that `employee` may read, store and audit it.

    Without `conversation_id` a new conversation begins. `keep_private`: nobody but the asker reads it, whatever the
    company's rule.

    :raises QuestionEmpty, QuestionTooLong: before anything is done.
    :raises ConversationNotFound: when it is not this person's.
    :raises AsOfInFuture, UnknownAttribute, hr.access.ProfileNotAllowed: when the standpoint cannot be taken.
    :raises SearchUnavailable: when nothing can be searched.
    :raises AskFailed: when the answer cannot be stored.
    """
    run = begin(
        question=question,
        employee=employee,
        conversation_id=conversation_id,
        standpoint=standpoint,
        channel=channel,
        keep_private=keep_private,
    )
    answer: Answer | None = None
    for event in events(run):
        answer = event.data["answer"] if event.kind == "final" else answer
    assert answer is not None, "the last event of a run is final"
    return answer


def events(run: Run) -> Iterator[Event]:
    """The run's steps; the last one is `final`.

    :raises SearchUnavailable, AskFailed: instead of it.
    """
    threshold = current_threshold()
    if generation.is_configured():
        # A model's words reach the asker before the answer is stored, so the question is on record before the first
        # one. Every question is, so that the log does not tell apart what is never sent to the model.
        storing.record_asking(run)
    yield from attend(run)
    written = NOTHING_WRITTEN
    if run.for_documents:
        try:
            written = yield from from_documents(run, threshold.value)
        except SearchUnavailable:
            if not run.is_answered_otherwise:
                raise
    answer = storing.store(run, written, threshold)
    if not written.is_told:
        yield Event("search_results", {"passages": written.result.passages[:PASSAGES]})
    yield from _told(answer)


def from_documents(run: Run, threshold: float) -> Generator[Event, None, Written]:
    """What the documents give, told as it happens. Nothing is stored.

    :raises SearchUnavailable: before the first event.
    """
    reading = understood(run, threshold)
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
    signals = dict(reading.signals)
    if not draft.is_decided:
        quoted = extracted(run, run.searched_for, result).with_fallback(draft.fallback_reason)
        signals["support"] = quoted.support
        confidence = min(confidence, quoted.support)
        draft = quoted if confidence >= threshold else Draft(generator="none", fallback_reason=draft.fallback_reason)
    return Written(
        result=result,
        draft=draft,
        confidence=confidence,
        asked_back=asked_back,
        signals=signals,
        searches=reading.searches,
        is_told=is_told,
    )


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
    if state.off(state.Feature.TOOLS) is not None:
        return False
    return reads_record and people_meant.may_speak_of_oneself(run.question) and not is_small_talk


def _written(run: Run, passages: Sequence[ScoredPassage]) -> Generator[Event, None, Draft]:
    """The language model's sentences, each verified before it is shown. Returns the Draft."""
    told: list[ToolResult] = []
    tools = _tools_for(run, told) if _offers_tools(run) else None
    previous = run.previous if run.searched_for != run.for_documents else None
    run.model = settings.LLM_MODEL
    with run.watch.stage("generate"):
        try:
            sentences = []
            written = drafting.written_sentences(
                question=run.for_documents,
                passages=passages,
                previous=previous,
                tools=tools,
                on_usage=run.spend,
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


def current_threshold() -> Threshold:
    """The company's own, or the installation's."""
    own = context.current_tenant().min_confidence_threshold
    if own is None:
        return Threshold(value=settings.MIN_CONFIDENCE_THRESHOLD, source="installation")
    return Threshold(value=own, source="company")
