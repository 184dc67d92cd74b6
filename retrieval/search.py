"""Search: encode, ask both sides of the store within the asker's scope, fuse, and check access again on the rows."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import structlog
from numpy.typing import NDArray

from documents.models import Document
from hr.access import Scope
from retrieval import generations, metrics
from retrieval.answers import ScoredPassage, Scores, SearchResult
from retrieval.encoders import get_encoder
from retrieval.fusion import CANDIDATES, FusedHit, fuse
from retrieval.models import Chunk
from retrieval.sparse import SparseVector, ceiling, encode_query_sparse
from retrieval.stores import Found, Space, StoreUnavailable, get_store, lexical
from retrieval.stores.protocol import check_scope

log = structlog.get_logger(__name__)

# Rows that a flip or an edit may take out after ranking are made up for from this many extra hits.
_SPARE_ROWS = 10


@dataclass(frozen=True)
class Question:
    """A question as both sides of the store want it. `dense` is float32, shape (dim,), L2-normalised."""

    text: str
    dense: NDArray[np.float32]
    sparse: SparseVector


class Stopwatch:
    """Milliseconds by stage; a stage that runs twice counts both times."""

    def __init__(self) -> None:
        self.timings_ms: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - started) * 1000
            self.timings_ms[name] = round(self.timings_ms.get(name, 0.0) + spent, 2)


def search(*, question: str, scope: Scope, limit: int = 10) -> SearchResult:
    """The passages that answer `question` best among those `scope` may read, best first.

    When the vector store is down the lexical index answers alone, and the result says so. Four queries.

    :raises retrieval.stores.WrongTenantScope: when the scope is another tenant's.
    :raises retrieval.generations.NoLiveGeneration: before onboarding was finished.
    """
    check_scope(scope)
    watch = Stopwatch()
    started = time.perf_counter()
    generation = generations.live()
    space = generations.space_of(generation)
    with watch.stage("encode"):
        asked = Question(
            text=question, dense=get_encoder().encode_queries([question])[0], sparse=encode_query_sparse(question)
        )
    with watch.stage("search"):
        found, lexical_only = _found(space, asked, scope, max(CANDIDATES, limit))
        highest = ceiling(weighted_query=found.weighted_query)
        hits = fuse(dense=found.dense, sparse=found.sparse, sparse_ceiling=highest)
    with watch.stage("load"):
        passages = _load(hits, scope, limit)
    metrics.GATEWAY_LATENCY.observe(time.perf_counter() - started)
    return SearchResult(
        passages=tuple(passages),
        weighted_query=found.weighted_query,
        question_vector=asked.dense,
        embed_model=generation.embed_model,
        timings_ms=watch.timings_ms,
        lexical_only=lexical_only,
    )


def _found(space: Space, asked: Question, scope: Scope, limit: int) -> tuple[Found, bool]:
    """What both sides found, and whether the vector side is down."""
    try:
        return get_store().search_both(
            space=space, vector=asked.dense, query=asked.sparse, scope=scope, limit=limit
        ), False
    except StoreUnavailable as error:
        log.warning("vector_store_unavailable", error=str(error))
        weighted = lexical.load(space=space, query=asked.sparse, scope=scope).weigh(asked.sparse)
        found = lexical.search(space=space, query=weighted, scope=scope, limit=limit)
        return Found(dense={}, sparse=found, weighted_query=weighted), True


def _load(hits: list[FusedHit[UUID]], scope: Scope, limit: int) -> list[ScoredPassage]:
    """The rows of the best hits. PostgreSQL decides once more who may read them, and which version serves."""
    wanted = hits[: limit + _SPARE_ROWS]
    # Two queries by key, as plain rows: joined, PostgreSQL walked through all versions (2.3 ms), and making model
    # instances took longer than both.
    chunks = {row.id: row for row in Chunk.objects.with_ids(h.id for h in wanted).values_list(*_COLUMNS, named=True)}
    serving = Document.objects.visible_to(scope).serving_versions({row.version_id for row in chunks.values()})
    documents = {row.serving_version_id: row for row in serving.values_list(*_DOCUMENT_COLUMNS, named=True)}
    kept = [hit for hit in wanted if hit.id in chunks and chunks[hit.id].version_id in documents][:limit]
    return [
        _passage(rank, hit, chunks[hit.id], documents[chunks[hit.id].version_id])
        for rank, hit in enumerate(kept, start=1)
    ]


_COLUMNS = (
    "id",
    "version_id",
    "heading",
    "page_from",
    "page_to",
    "text",
    "start",
    "end",
)
_DOCUMENT_COLUMNS = ("id", "serving_version_id", "external_id", "title")


def _passage(rank: int, hit: FusedHit[UUID], row: Any, document: Any) -> ScoredPassage:
    return ScoredPassage(
        rank=rank,
        chunk_id=row.id,
        document_id=document.id,
        version_id=row.version_id,
        external_id=document.external_id,
        title=document.title,
        heading=row.heading,
        page=row.page_from,
        page_to=row.page_to,
        text=row.text,
        start=row.start,
        end=row.end,
        scores=Scores(dense=hit.dense or 0.0, bm25=hit.sparse or 0.0, fused=hit.score),
    )
