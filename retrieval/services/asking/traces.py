"""How an answer came about, kept beside it in the same transaction."""

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings

from hr.access import Scope
from retrieval import tracing
from retrieval.answers import Answer
from retrieval.models import AnswerTrace
from retrieval.services.asking.questions import digest_of
from retrieval.services.asking.reading import Threshold, Written
from retrieval.services.asking.runs import Run

# What of a scope tells which documents and policies count, without telling whose it is.
_TOLD = (
    "role",
    "reads_confidential",
    "department",
    "country",
    "site",
    "employment_type",
    "assumed_country",
    "assumed_site",
    "assumed_employment_type",
)


def save(run: Run, written: Written, threshold: Threshold, *, answer: Answer, is_found: bool) -> None:
    """Store the trace of an answer that is being stored. One INSERT."""
    considered = written.result.considered
    AnswerTrace.objects.create(
        query_id=answer.query_id,
        channel="command" if run.standpoint.documents_only else run.channel,
        is_streamed=run.is_streamed,
        scope=told(run.reach),
        scope_digest=scope_digest(run.reach),
        candidates=tracing.candidates_of(
            considered=considered,
            passages={passage.chunk_id for passage in written.result.passages},
            cited={citation.chunk_id for citation in answer.citations},
            drafted={citation.chunk_id for citation in written.draft.citations},
            is_answered=bool(answer.sentences),
            is_found=is_found,
        ),
        signals={name: round(value, 4) for name, value in written.signals.items()},
        threshold_source=threshold.source,
        generation=considered.generation,
        chunker=considered.chunker,
        encoder=settings.EMBED_BACKEND if considered.generation is not None else "",
        searches=written.searches,
        model=run.model[:120],
        prompt_tokens=run.usage.prompt_tokens if run.usage else None,
        answer_tokens=run.usage.answer_tokens if run.usage else None,
    )


def told(scope: Scope) -> dict[str, Any]:
    """The filter's values that are set, without the person and the company."""
    return {name: value for name in _TOLD if (value := getattr(scope, name))}


def scope_digest(scope: Scope) -> str:
    """Equal filters, equal digests. The day is not part of it: it stands beside the question."""
    values = {name: value for name, value in asdict(scope).items() if name != "as_of"}
    return digest_of(json.dumps(values, sort_keys=True))
