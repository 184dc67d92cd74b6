"""Search: encode, ask both sides of the store within the asker's scope, fuse, and check access again on the rows."""

import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import numpy as np
import structlog
from numpy.typing import NDArray

from hr.access import Scope
from retrieval import generations, metrics
from retrieval.answers import Considered, ScoredPassage, Scores, SearchResult
from retrieval.encoders import begin_query
from retrieval.fusion import CANDIDATES, FusedHit, fuse
from retrieval.sparse import ceiling, encode_query_sparse
from retrieval.stores import Found, Space, StoreUnavailable, answering, get_store, lexical, tables
from retrieval.stores.postings import Words
from retrieval.stores.protocol import check_scope

log = structlog.get_logger(__name__)

# Rows that a flip or an edit may take out after ranking are made up for from this many extra hits.
_SPARE_ROWS = 10


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


def search(
    *, question: str, scope: Scope, limit: int = 10, embedding: Future[NDArray[np.float32]] | None = None
) -> SearchResult:
    """The passages that answer `question` best among those `scope` may read, best first.

    The question is embedded while PostgreSQL looks up its words, unless its `embedding` was begun before;
    `timings_ms["encode"]` is what was waited for after that. When the vector store is down the words answer alone, and
    the result says so. Four queries.

    :raises retrieval.stores.WrongTenantScope: when the scope is another tenant's.
    :raises retrieval.generations.NoLiveGeneration: before onboarding was finished.
    """
    check_scope(scope)
    watch = Stopwatch()
    started = time.perf_counter()
    embedding = embedding or begin_query(question)
    with watch.stage("search"):
        index = generations.live_index()
        words = lexical.weigh(space=index.space, query=encode_query_sparse(question), scope=scope)
    with watch.stage("encode"):
        vector = embedding.result()
    with watch.stage("search"):
        found, lexical_only = _found(index.space, vector, words, scope, max(CANDIDATES, limit))
        hits = fuse(dense=found.dense, sparse=found.sparse, sparse_ceiling=ceiling(weighted_query=words.query))
    with watch.stage("load"):
        passages, unreadable = _load(hits, scope, limit)
    metrics.GATEWAY_LATENCY.observe(time.perf_counter() - started)
    return SearchResult(
        passages=tuple(passages),
        weighted_query=words.query,
        question_vector=vector,
        embed_model=index.embed_model,
        timings_ms=watch.timings_ms,
        lexical_only=lexical_only,
        considered=Considered(
            hits=tuple(hits),
            ranked=frozenset(passage.chunk_id for passage in passages),
            unreadable=unreadable,
            digests={passage.chunk_id: passage.digest for passage in passages},
            generation=index.space.generation,
            chunker=index.chunker,
        ),
    )


def _found(space: Space, vector: NDArray[np.float32], words: Words, scope: Scope, limit: int) -> tuple[Found, bool]:
    """What both sides found, and whether the vector side is down."""
    try:
        return get_store().search_both(space=space, vector=vector, words=words, scope=scope, limit=limit), False
    except StoreUnavailable as error:
        log.warning("vector_store_unavailable", error=str(error))
        return Found(dense={}, sparse=lexical.best(space=space, words=words, limit=limit)), True


def _load(hits: list[FusedHit[UUID]], scope: Scope, limit: int) -> tuple[list[ScoredPassage], frozenset[UUID]]:
    """The rows of the best hits, and those that had none.

    PostgreSQL decides once more which of them may answer this person on this day.
    """
    wanted = hits[: limit + _SPARE_ROWS]
    allowed, parameters = answering.condition(scope)
    # Written by hand: making Django's query, and instances of its rows, took longer than PostgreSQL. Beginning with the
    # passages (OFFSET 0), by key: joined freely, PostgreSQL walks through all versions and their passages.
    rows = tables.ask(
        f'SELECT c.id, c.version_id, c.heading, c.page_from, c.page_to, c.text, c.start, c."end", c.digest,'  # noqa: S608 (ours)
        f" d.id, d.external_id, d.title FROM {tables.own('document_chunks')} c CROSS JOIN LATERAL ("
        f"SELECT d.id, d.external_id, d.title FROM {tables.own('document_versions')} v"
        f" JOIN {tables.own('documents')} d ON d.id = v.document_id"
        f" WHERE v.id = c.version_id AND {allowed} OFFSET 0) d WHERE c.id = ANY(%(ids)s)",
        {**parameters, "ids": [hit.id for hit in wanted]},
    )
    by_id = {row[0]: row for row in rows}
    kept = [hit for hit in wanted if hit.id in by_id][:limit]
    unreadable = frozenset(hit.id for hit in wanted if hit.id not in by_id)
    return [_passage(rank, hit, by_id[hit.id]) for rank, hit in enumerate(kept, start=1)], unreadable


def _passage(rank: int, hit: FusedHit[UUID], row: tuple[Any, ...]) -> ScoredPassage:
    chunk_id, version_id, heading, page_from, page_to, text, start, end, digest, document_id, external_id, title = row
    return ScoredPassage(
        rank=rank,
        chunk_id=chunk_id,
        document_id=document_id,
        version_id=version_id,
        external_id=external_id,
        title=title,
        heading=heading,
        page=page_from,
        page_to=page_to,
        text=text,
        start=start,
        end=end,
        scores=Scores(dense=hit.dense or 0.0, bm25=hit.sparse or 0.0, fused=hit.score),
        digest=digest,
    )
