"""The inverted index in PostgreSQL: BM25 term weights by passage.

It serves the sparse side of PgVectorStore, gives both stores the same document frequencies (of this tenant only:
another company's words must not move our ranking), and is what search falls back to when a vector store is down.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db import transaction

from hr.access import Scope
from retrieval.sparse import SparseVector
from retrieval.stores import tables
from retrieval.stores.protocol import Space, VectorPoint

_CHUNKS, _POSTINGS = "lexical_chunks", "lexical_postings"


def ensure(*, space: Space) -> None:
    """Make the two tables if they are not there."""
    chunks, postings = tables.name(_CHUNKS, space), tables.name(_POSTINGS, space)
    tables.run(
        f"CREATE TABLE IF NOT EXISTS {chunks} ("
        f"slot integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, {tables.columns()});"
        f"CREATE INDEX IF NOT EXISTS lexical_chunks_{space.generation}_version ON {chunks} (version_id);"
        f"CREATE INDEX IF NOT EXISTS lexical_chunks_{space.generation}_document ON {chunks} (document_id);"
        # The primary key covers a search completely: term -> (slot, weight).
        f"CREATE TABLE IF NOT EXISTS {postings} ("
        f"term bigint NOT NULL, slot integer NOT NULL REFERENCES {chunks} ON DELETE CASCADE,"
        f" weight real NOT NULL, PRIMARY KEY (term, slot) INCLUDE (weight));"
        f"CREATE INDEX IF NOT EXISTS lexical_postings_{space.generation}_slot ON {postings} (slot);"
    )


def drop(*, space: Space) -> None:
    tables.run(f"DROP TABLE IF EXISTS {tables.name(_POSTINGS, space)}, {tables.name(_CHUNKS, space)}")


def upsert(*, space: Space, points: Sequence[VectorPoint]) -> None:
    """Write points, replacing those of the same chunk id."""
    if not points:
        return
    chunks, postings = tables.name(_CHUNKS, space), tables.name(_POSTINGS, space)
    with transaction.atomic():
        tables.run(f"DELETE FROM {chunks} WHERE chunk_id = ANY(%s)", [[point.chunk_id for point in points]])
        slots = dict(
            tables.run(
                f"INSERT INTO {chunks} (chunk_id, version_id, document_id, is_confidential, tenant_id)"
                " SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::boolean[], %s::uuid[])"
                " RETURNING chunk_id, slot",
                list(filter_columns(points)),
            )
        )
        rows = [
            (term, slots[point.chunk_id], weight)
            for point in points
            for term, weight in zip(point.sparse.indices, point.sparse.values, strict=True)
        ]
        if rows:
            terms, owners, weights = (list(column) for column in zip(*rows, strict=True))
            tables.run(
                f"INSERT INTO {postings} (term, slot, weight)"
                " SELECT * FROM unnest(%s::bigint[], %s::integer[], %s::real[])",
                [terms, owners, weights],
            )


def filter_columns(points: Sequence[VectorPoint]) -> tuple[list[object], ...]:
    """chunk, version and document ids, confidentiality and tenant of points, column by column."""
    from tenants import context

    tenant = context.tenant_id()
    return (
        [point.chunk_id for point in points],
        [point.version_id for point in points],
        [point.document_id for point in points],
        [point.is_confidential for point in points],
        [tenant for _ in points],
    )


def delete_version(*, space: Space, version_id: UUID) -> None:
    tables.run(f"DELETE FROM {tables.name(_CHUNKS, space)} WHERE version_id = %s", [version_id])


def delete_chunks(*, space: Space, chunk_ids: Collection[UUID]) -> None:
    tables.run(f"DELETE FROM {tables.name(_CHUNKS, space)} WHERE chunk_id = ANY(%s)", [list(chunk_ids)])


def set_confidential(*, space: Space, document_id: UUID, is_confidential: bool) -> None:
    tables.run(
        f"UPDATE {tables.name(_CHUNKS, space)} SET is_confidential = %s WHERE document_id = %s",
        [is_confidential, document_id],
    )


def count(*, space: Space) -> int:
    return tables.run(f"SELECT count(*) FROM {tables.name(_CHUNKS, space)}")[0][0]


def chunk_ids(*, space: Space) -> set[UUID]:
    """Every chunk id in the index."""
    return {row[0] for row in tables.run(f"SELECT chunk_id FROM {tables.name(_CHUNKS, space)}")}


def document_frequencies(*, space: Space, terms: Collection[int]) -> tuple[Mapping[int, int], int]:
    """(term -> how many of the tenant's passages hold it, number of passages). One query."""
    rows = tables.run(
        f"SELECT term, count(*), 0 FROM {tables.name(_POSTINGS, space)} WHERE term = ANY(%s::bigint[]) GROUP BY term"
        f" UNION ALL SELECT NULL, 0, count(*) FROM {tables.name(_CHUNKS, space)}",
        [list(terms)],
    )
    return {term: frequency for term, frequency, _ in rows if term is not None}, rows[-1][2]


def search(*, space: Space, query: SparseVector, scope: Scope, limit: int) -> Mapping[UUID, float]:
    """See VectorStore.search_sparse."""
    return dict(tables.run(*search_sql(space=space, query=query, scope=scope, limit=limit)))


def search_sql(*, space: Space, query: SparseVector, scope: Scope, limit: int) -> tuple[str, list[object]]:
    """The statement of `search` and its parameters: rows of (chunk_id, score)."""
    allowed, parameters = tables.readable(scope, "c")
    return (
        f"SELECT c.chunk_id, s.score FROM ("
        f" SELECT p.slot, sum(p.weight * w.weight) AS score FROM {tables.name(_POSTINGS, space)} p"
        f" JOIN unnest(%s::bigint[], %s::float8[]) AS w (term, weight) USING (term) GROUP BY p.slot) s"
        f" JOIN {tables.name(_CHUNKS, space)} c USING (slot) WHERE {allowed}"
        f" ORDER BY s.score DESC, c.chunk_id LIMIT %s",
        [list(query.indices), list(query.values), *parameters, limit],
    )


def score_sql(*, space: Space, query: SparseVector) -> tuple[str, list[object]]:
    """A scalar sub-query, and its parameters, for the BM25 score of the chunk `v.chunk_id` of the outer query."""
    return (
        f"SELECT sum(p.weight * w.weight) FROM {tables.name(_CHUNKS, space)} c"
        f" CROSS JOIN unnest(%s::bigint[], %s::float8[]) AS w (term, weight)"
        f" JOIN {tables.name(_POSTINGS, space)} p ON p.term = w.term AND p.slot = c.slot WHERE c.chunk_id = v.chunk_id",
        [list(query.indices), list(query.values)],
    )


def score(*, space: Space, query: SparseVector, scope: Scope, chunk_ids: Collection[UUID]) -> Mapping[UUID, float]:
    """See VectorStore.score_sparse."""
    allowed, parameters = tables.readable(scope, "c")
    rows = tables.run(
        f"SELECT c.chunk_id, sum(p.weight * q.weight) FROM {tables.name(_CHUNKS, space)} c"
        f" CROSS JOIN unnest(%s::bigint[], %s::float8[]) AS q (term, weight)"
        f" JOIN {tables.name(_POSTINGS, space)} p ON p.term = q.term AND p.slot = c.slot"
        f" WHERE c.chunk_id = ANY(%s) AND {allowed} GROUP BY c.chunk_id",
        [list(query.indices), list(query.values), list(chunk_ids), *parameters],
    )
    return dict(rows)
