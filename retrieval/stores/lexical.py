"""The inverted index in PostgreSQL: BM25 term weights by passage.

It serves the sparse side of PgVectorStore, gives both stores the same document frequencies (of this tenant only, and of
what may answer the asker: other people's words must not move a ranking), and is what search falls back to when a vector
store is down.

A term's postings are kept in blocks, one row for a term and a batch of a version's passages: PostgreSQL filters and
joins the blocks of a question's terms, numpy adds the weights up. One row per posting took 12 ms at 5,000 passages.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction

from hr.access import Scope
from retrieval.sparse import SparseVector
from retrieval.stores import answering, tables
from retrieval.stores.postings import NONE, POSTING, Postings, Words
from retrieval.stores.protocol import Space, VectorPoint
from tenants import context

_CHUNKS, _POSTINGS = "lexical_chunks", "lexical_postings"

# A term that no hash gives: its block counts the passages of a batch.
_EVERY_PASSAGE = -1


def ensure(*, space: Space) -> None:
    """Make the two tables if they are not there."""
    chunks, postings, number = tables.name(_CHUNKS, space), tables.name(_POSTINGS, space), space.generation
    tables.run(
        f"CREATE TABLE IF NOT EXISTS {chunks} ("
        f"slot integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, {tables.columns()});"
        f"CREATE INDEX IF NOT EXISTS lexical_chunks_{number}_version ON {chunks} (version_id);"
        f"CREATE INDEX IF NOT EXISTS lexical_chunks_{number}_document ON {chunks} (document_id);"
        # `batch` is the lowest slot in the block; with it a version's batches do not meet.
        f"CREATE TABLE IF NOT EXISTS {postings} (term bigint NOT NULL, batch integer NOT NULL,"
        f" tenant_id uuid NOT NULL CHECK (tenant_id = '{context.tenant_id()}'),"
        f" version_id uuid NOT NULL, block bytea NOT NULL, PRIMARY KEY (term, batch));"
        f"CREATE INDEX IF NOT EXISTS lexical_postings_{number}_version ON {postings} (version_id);"
    )


def _one_transaction() -> Any:
    """All or nothing, without a savepoint of its own where a store has begun already: what fails here fails there."""
    return transaction.atomic(savepoint=False)


def drop(*, space: Space) -> None:
    tables.run(f"DROP TABLE IF EXISTS {tables.name(_POSTINGS, space)}, {tables.name(_CHUNKS, space)}")


def upsert(*, space: Space, points: Sequence[VectorPoint]) -> Mapping[UUID, int]:
    """Write points, replacing those of the same chunk id; return the slot of every chunk."""
    if not points:
        return {}
    with _one_transaction():
        delete_chunks(space=space, chunk_ids=[point.chunk_id for point in points])
        slots: dict[UUID, int] = dict(
            tables.run(
                f"INSERT INTO {tables.name(_CHUNKS, space)}"
                " (chunk_id, version_id, document_id, tenant_id)"
                " SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[])"
                " RETURNING chunk_id, slot",
                list(owner_columns(points)),
            )  # type: ignore[arg-type]
        )
        by_version: dict[UUID, list[VectorPoint]] = defaultdict(list)
        for point in points:
            by_version[point.version_id].append(point)
        for version_points in by_version.values():
            _write_blocks(space, version_points, slots)
    return slots


def owner_columns(points: Sequence[VectorPoint]) -> tuple[list[object], ...]:
    """chunk, version and document ids and tenant of points, column by column."""
    tenant = context.tenant_id()
    return (
        [point.chunk_id for point in points],
        [point.version_id for point in points],
        [point.document_id for point in points],
        [tenant for _ in points],
    )


def delete_version(*, space: Space, version_id: UUID) -> None:
    with _one_transaction():
        for stem in (_POSTINGS, _CHUNKS):
            tables.run(f"DELETE FROM {tables.name(stem, space)} WHERE version_id = %s", [version_id])


def delete_chunks(*, space: Space, chunk_ids: Collection[UUID]) -> None:
    """Remove single passages; the blocks that hold them are written anew. Rare: versions come and go as a whole."""
    with _one_transaction():
        gone = tables.run(
            f"DELETE FROM {tables.name(_CHUNKS, space)} WHERE chunk_id = ANY(%s) RETURNING slot, version_id",
            [list(chunk_ids)],
        )
        if not gone:
            return
        slots = np.array([slot for slot, _ in gone], dtype="<i4")
        postings = tables.name(_POSTINGS, space)
        blocks = tables.run(
            f"SELECT term, batch, block FROM {postings} WHERE version_id = ANY(%s)",
            [list({version for _, version in gone})],
        )
        for term, batch, raw in blocks:
            block = np.frombuffer(bytes(raw), dtype=POSTING)
            kept = block[~np.isin(block["slot"], slots)]
            if len(kept) == len(block):
                continue
            if len(kept):
                tables.run(
                    f"UPDATE {postings} SET block = %s WHERE term = %s AND batch = %s", [kept.tobytes(), term, batch]
                )
            else:
                tables.run(f"DELETE FROM {postings} WHERE term = %s AND batch = %s", [term, batch])


def count(*, space: Space) -> int:
    return tables.run(f"SELECT count(*) FROM {tables.name(_CHUNKS, space)}")[0][0]


def chunk_ids(*, space: Space) -> set[UUID]:
    """Every chunk id in the index."""
    return {row[0] for row in tables.run(f"SELECT chunk_id FROM {tables.name(_CHUNKS, space)}")}


def load(*, space: Space, query: SparseVector, scope: Scope) -> Postings:
    """The postings of a question's terms within what may answer its asker. One query, a row a term."""
    versions, parameters = answering.versions(scope)
    rows = tables.ask(
        f"WITH answering AS MATERIALIZED ({versions})"
        f" SELECT p.term, string_agg(p.block, '') FROM {tables.name(_POSTINGS, space)} p"
        f" WHERE p.term = ANY(%(terms)s::bigint[]) AND {answering.holds('p')} GROUP BY p.term",
        {**parameters, "terms": [_EVERY_PASSAGE, *query.indices], "tenant_id": scope.tenant_id},
    )
    blocks = {term: np.frombuffer(raw, dtype=POSTING) for term, raw in rows}
    return Postings(slots=blocks.pop(_EVERY_PASSAGE, NONE)["slot"], by_term=blocks)


def weigh(*, space: Space, query: SparseVector, scope: Scope) -> Words:
    """Weigh a question's terms by what may answer its asker, and score every passage by them. One query."""
    postings = load(space=space, query=query, scope=scope)
    weighted = postings.weigh(query)
    return Words(query=weighted, scores=postings.scores(weighted), slots=postings.slots)


def best(*, space: Space, words: Words, limit: int) -> Mapping[UUID, float]:
    """The `limit` passages that the words alone rank highest, best first. One query."""
    slots = words.scores.best(limit)
    rows = tables.run(
        f"SELECT slot, chunk_id FROM {tables.name(_CHUNKS, space)} WHERE slot = ANY(%s)",
        [slots],
    )
    by_slot = dict(rows)  # type: ignore[arg-type]
    return {by_slot[slot]: words.scores.of(slot) for slot in slots if slot in by_slot}


def search(*, space: Space, query: SparseVector, scope: Scope, limit: int) -> Mapping[UUID, float]:
    """See VectorStore.search_sparse."""
    postings = load(space=space, query=query, scope=scope)
    words = Words(query=query, scores=postings.scores(query), slots=postings.slots)
    return best(space=space, words=words, limit=limit)


def score(*, space: Space, query: SparseVector, scope: Scope, chunk_ids: Collection[UUID]) -> Mapping[UUID, float]:
    """See VectorStore.score_sparse."""
    scores = load(space=space, query=query, scope=scope).scores(query)
    versions, parameters = answering.versions(scope)
    rows = tables.ask(
        f"WITH answering AS MATERIALIZED ({versions})"
        f" SELECT c.chunk_id, c.slot FROM {tables.name(_CHUNKS, space)} c"
        f" WHERE c.chunk_id = ANY(%(chunk_ids)s) AND {answering.holds('c')}",
        {**parameters, "chunk_ids": list(chunk_ids), "tenant_id": scope.tenant_id},
    )
    return {chunk_id: scores.of(slot) for chunk_id, slot in rows}


def _write_blocks(space: Space, points: Sequence[VectorPoint], slots: Mapping[UUID, int]) -> None:
    postings: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for point in points:
        slot = slots[point.chunk_id]
        postings[_EVERY_PASSAGE].append((slot, 0.0))
        for term, weight in zip(point.sparse.indices, point.sparse.values, strict=True):
            postings[term].append((slot, weight))
    tables.run(
        f"INSERT INTO {tables.name(_POSTINGS, space)} (term, batch, tenant_id, version_id, block)"
        " SELECT t, %s, %s, %s, b FROM unnest(%s::bigint[], %s::bytea[]) AS r (t, b)",
        [
            min(slots[point.chunk_id] for point in points),
            context.tenant_id(),
            points[0].version_id,
            list(postings),
            [np.array(entries, dtype=POSTING).tobytes() for entries in postings.values()],
        ],
    )
