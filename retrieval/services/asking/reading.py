"""What was found for each reading of a question, and how well it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import structlog
from django.db import DatabaseError

from retrieval import drafting, followup, generation, generations
from retrieval.answers import AskedBack, SearchResult
from retrieval.drafting import Draft
from retrieval.search import search
from retrieval.services.asking.runs import Run, SearchUnavailable
from retrieval.sparse import SparseVector
from retrieval.stores import StoreUnavailable

log = structlog.get_logger(__name__)

# Passages that an answer may be written from; further ones only made measured answers worse.
PASSAGES = 8
# With the previous question in front, the quotes must speak about this share of the follow-up's own words.
_OWN_COVERAGE = 0.5

NOTHING_FOUND = SearchResult(
    passages=(),
    weighted_query=SparseVector(indices=(), values=()),
    question_vector=np.zeros(0, dtype=np.float32),
    embed_model="",
    timings_ms={},
)


@dataclass(frozen=True)
class Threshold:
    """Below which confidence nothing is said, and who set it: `company` or `installation`."""

    value: float
    source: str


@dataclass(frozen=True)
class Reading:
    """What was found for one reading of a question. `draft` is undecided while a language model may write it.

    `signals` are what the confidence is made of: found, support and, of a follow-up, own; each 0 to 1.
    """

    searched_for: str
    result: SearchResult
    draft: Draft
    confidence: float
    signals: Mapping[str, float] = field(default_factory=dict)
    searches: int = 0


@dataclass(frozen=True)
class Written:
    """What the documents give in answer to a question, before access is checked for the last time.

    `is_told`: the asker knows the passages already.
    """

    result: SearchResult
    draft: Draft
    confidence: float = 0.0
    asked_back: AskedBack | None = None
    signals: Mapping[str, float] = field(default_factory=dict)
    searches: int = 0
    is_told: bool = False


# The answer that needs no document, or whose documents cannot be searched at the moment.
NOTHING_WRITTEN = Written(result=NOTHING_FOUND, draft=Draft(generator="none"), is_told=True)


def understood(run: Run, threshold: float) -> Reading:
    """The reading of the question with the best evidence. Only a follow-up has two, each with a search of its own.

    :raises SearchUnavailable: when nothing can be searched.
    """
    if followup.is_small_talk(run.question):
        return Reading(run.question, NOTHING_FOUND, Draft(generator="none"), 0.0)
    texts = followup.readings(question=run.for_documents, previous=run.previous)
    best = max((_read(run, text, threshold) for text in texts), key=lambda reading: reading.confidence)
    return replace(best, searches=len(texts))


def extracted(run: Run, text: str, result: SearchResult) -> Draft:
    """The quotes that answer `text`."""
    with run.watch.stage("extract"):
        return drafting.extract(question=text, result=result)


def _read(run: Run, text: str, threshold: float) -> Reading:
    result = _search(run, text)
    with run.watch.stage("confidence"):
        measured = drafting.signals_of(result=result)
        confidence = drafting.confidence_of(result=result, signals=measured)
    signals = {
        "found": confidence,
        "cosine": measured.cosine or 0.0,
        "coverage": measured.sentence_coverage,
        "margin": measured.margin,
    }
    is_alone = text == run.for_documents
    if confidence < threshold or not result.passages or (is_alone and generation.is_configured()):
        return Reading(text, result, Draft(), confidence, signals)
    draft = extracted(run, text, result)
    signals["support"] = draft.support
    confidence = min(confidence, draft.support)
    if not is_alone:
        # The previous question's own passages are always found again; they must speak about this one too.
        own = signals["own"] = drafting.covers(question=run.for_documents, draft=draft, result=result)
        confidence = min(confidence, own) if own < _OWN_COVERAGE else confidence
    return Reading(text, result, Draft() if generation.is_configured() else draft, confidence, signals)


def _search(run: Run, text: str) -> SearchResult:
    try:
        known = run.embedding if text == run.question else None
        result = search(question=text, scope=run.reach, limit=PASSAGES, embedding=known)
    except (StoreUnavailable, generations.NoLiveGeneration, DatabaseError) as error:
        log.error("search_unavailable", error=type(error).__name__)
        raise SearchUnavailable from error
    for stage, spent in result.timings_ms.items():
        run.watch.timings_ms[stage] = round(run.watch.timings_ms.get(stage, 0.0) + spent, 2)
    return drafting.without_repetitions(result=result)
