"""Storing an answer: question, words, citations, scores and the audit row, in one transaction."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from audit import services as audit
from documents.services import accesses
from hr.keys import KeyUnavailable
from retrieval import drafting, metrics, prompts
from retrieval.answers import Answer, AskedBack, CitedPassage, Contact, Outcome
from retrieval.marks import marks_of
from retrieval.models import Citation, Query
from retrieval.services import sealed_parts
from retrieval.services.asking import traces
from retrieval.services.asking.applicability import Cited, versions_of, why_it_applies
from retrieval.services.asking.questions import digest_of
from retrieval.services.asking.reading import Threshold, Written
from retrieval.services.asking.runs import Run, standpoint_details
from retrieval.services.sealed_parts import SealedParts
from tenants import context
from tenants.kill_switches import state

log = structlog.get_logger(__name__)


# The generator of an answer that comes from the asker's record alone.
RECORD = "record"
# The side bar shows titles to whoever looks over a shoulder.
PRIVATE_TITLE = "Private conversation"


class AskFailed(RuntimeError):
    """The answer could not be stored and audited, so it is not given."""


def record_asking(run: Run) -> None:
    """Put the question on record before the first word of its answer is shown.

    :raises AskFailed: when that is not possible.
    """
    try:
        with transaction.atomic():
            audit.record(verb="question.ask", target=f"query:{run.query_id}", digest=digest_of(run.question))
    except DatabaseError as error:
        raise AskFailed from error


@dataclass(frozen=True)
class Composed:
    """An answer that is not stored yet, with what is known of the versions that it cites."""

    answer: Answer
    versions: Mapping[UUID, Cited]
    is_found: bool


def compose(run: Run, written: Written, threshold: Threshold) -> Composed:
    """Check access once more, and put the answer together.

    Sentences whose versions were withdrawn, deleted or closed to this person meanwhile are taken out.
    """
    result, asked_back, draft = written.result, written.asked_back, written.draft
    state.check(state.Feature.EVERYTHING)
    cited = draft.citations or drafting.nearest(result.passages)
    versions = versions_of(ids={citation.version_id for citation in cited}, scope=run.reach)
    draft = draft.only_from(versions.keys())
    answered = bool(draft.sentences)
    if answered:
        asked_back = None
    nearest = tuple(c for c in cited if c.version_id in versions)
    nearest = () if asked_back or run.is_answered_otherwise else nearest
    citations = draft.citations if answered else nearest
    run.watch.timings_ms["total"] = round((time.perf_counter() - run.started) * 1000, 2)
    tenant = context.current_tenant()
    answer = Answer(
        query_id=run.query_id,
        conversation_id=run.conversation.pk,
        outcome=_outcome(run, answered, asked_back),
        text=" ".join(sentence.text for sentence in draft.sentences),
        sentences=draft.sentences,
        citations=citations,
        confidence=1.0 if run.results and not answered else written.confidence,
        threshold=threshold.value,
        contact=Contact(name=tenant.contact_name, email=tenant.contact_email),
        generator=draft.generator if answered else RECORD if run.results else "none",
        fallback_reason=draft.fallback_reason or ("vector_store_unavailable" if result.lexical_only else ""),
        prompt_version=prompts.current().version,
        embed_model=result.embed_model,
        timings_ms=dict(run.watch.timings_ms),
        as_of=run.reach.as_of,
        applies=why_it_applies(draft=draft, versions=versions, scope=run.reach) if answered else (),
        asked_back=asked_back,
        results=tuple(run.results),
        approved=run.approved,
        unanswered=run.for_documents if run.asks_two_things and not (answered or asked_back) else "",
    )
    is_found = bool(result.passages) and written.confidence >= threshold.value
    return Composed(answer=answer, versions=versions, is_found=is_found)


def store(run: Run, written: Written, threshold: Threshold) -> Answer:
    """Compose the answer and store it with its trace and its audit row.

    :raises AskFailed: when it cannot be stored; nothing is stored then.
    :raises tenants.kill_switches.state.SwitchedOff: when the company was switched off meanwhile.
    """
    composed = compose(run, written, threshold)
    answer = composed.answer
    # What somebody writes about something sensitive is not looked through for anything.
    marks = {} if answer.approved is not None else marks_of(text=run.question, by=run.employee)
    try:
        with transaction.atomic():
            _save(run, answer, composed.versions)
            traces.save(run, written, threshold, answer=answer, is_found=composed.is_found)
            _record(run, answer, marks)
            _note_shown(answer)
    except (DatabaseError, KeyUnavailable) as error:
        log.error("answer_not_stored", error=type(error).__name__)
        raise AskFailed from error
    metrics.QUERY_LATENCY.observe(time.perf_counter() - run.started)
    if answer.sentences or not run.is_answered_otherwise:
        metrics.CONFIDENCE.observe(written.confidence)
    kind = answer.generator if answer.generator in ("extractive", "none", RECORD) else "model"
    metrics.ANSWERS.labels(answer.outcome, kind).inc()
    return answer


def _outcome(run: Run, answered: bool, asked_back: AskedBack | None) -> Outcome:
    if run.approved is not None:
        return "sensitive"
    if answered or (run.results and asked_back is None):
        only_denied = not answered and all(result.status == "denied" for result in run.results)
        return "denied" if only_denied else "answered"
    return "asked_back" if asked_back else "abstained"


def _save(run: Run, answer: Answer, versions: Mapping[UUID, Cited]) -> None:
    now = timezone.now()
    is_sensitive = answer.approved is not None
    if is_sensitive and run.conversation._state.adding:
        run.conversation.title = PRIVATE_TITLE
    run.conversation.updated_at = now
    run.conversation.save()
    query = Query.objects.create(
        id=answer.query_id,
        conversation=run.conversation,
        employee=run.employee,
        asked_at=now,
        # What somebody writes about something sensitive stands sealed in the answer's record, and nowhere else.
        question="" if is_sensitive else run.question,
        searched_for="" if is_sensitive or run.searched_for == run.question else run.searched_for,
        outcome=answer.outcome,
        answer=answer.text,
        sentences=[{"text": s.text, "citations": list(s.citations)} for s in answer.sentences],
        generator=answer.generator,
        fallback_reason=answer.fallback_reason,
        confidence=answer.confidence,
        threshold=answer.threshold,
        prompt_version=answer.prompt_version,
        embed_model=answer.embed_model,
        timings_ms=dict(answer.timings_ms),
        as_of=answer.as_of,
        profile=asdict(run.standpoint.profile) if run.standpoint.profile else None,
        assumed=dict(run.standpoint.assumed),
        applies=[asdict(attribute) for attribute in answer.applies],
        asked_back=asdict(answer.asked_back) if answer.asked_back else None,
        lane=run.lane,
        hr_reading=context.current_tenant().hr_reading,
    )
    if is_sensitive or answer.results:
        parts = SealedParts(
            question=run.question if is_sensitive else "",
            unanswered=answer.unanswered,
            results=answer.results,
            approved=answer.approved,
        )
        sealed_parts.seal(query=query, parts=parts)
    Citation.objects.bulk_create(
        _citation(query, citation, versions[citation.version_id], is_source=bool(answer.sentences))
        for citation in answer.citations
    )


def _citation(query: Query, cited: CitedPassage, version: Cited, *, is_source: bool) -> Citation:
    return Citation(
        query=query,
        n=cited.n,
        chunk_id=cited.chunk_id,
        document_id=cited.document_id,
        version_id=cited.version_id,
        version_number=version.number,
        version_sha256=version.sha256,
        effective_from=version.effective_from,
        effective_to=version.effective_to,
        title=cited.title,
        heading=cited.heading,
        page=cited.page,
        quote=cited.quote,
        start=cited.start,
        end=cited.end,
        is_source=is_source,
    )


def _note_shown(answer: Answer) -> None:
    """Only what sentences quote: sources merely named would tell a sensitive message from an unanswered one."""
    cited = answer.citations if answer.sentences else ()
    shown = [accesses.Shown(one.document_id, one.version_id, one.chunk_id) for one in cited]
    accesses.note(shown=shown, how=accesses.How.ANSWER, query_id=answer.query_id)


def _record(run: Run, answer: Answer, marks: Mapping[str, list[str]]) -> None:
    # A sensitive message leaves the row of a question that was not answered, alike in every field: who may read the
    # log must not learn that it was one. So confidence, model and documents stand beside quoted sentences only.
    is_quoted = bool(answer.sentences)
    outcome = answer.outcome
    if answer.approved is not None:
        outcome = "answered" if is_quoted else "abstained"
    details: dict[str, Any] = {
        "outcome": outcome,
        "generator": answer.generator,
        "documents": sorted({str(citation.document_id) for citation in answer.citations}) if is_quoted else [],
        **standpoint_details(standpoint=run.standpoint),
        **marks,
    }
    audit.record(
        verb="question.answer",
        target=f"query:{answer.query_id}",
        confidence=answer.confidence if is_quoted else None,
        digest=digest_of(run.question),
        prompt_version=answer.prompt_version,
        model_version=answer.embed_model[:120] if is_quoted else "",
        details=details,
    )
