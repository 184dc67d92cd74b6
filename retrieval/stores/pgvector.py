"""Vectors in the tenant's own schema, by pgvector."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from hr.access import Scope
from retrieval.sparse import SparseVector
from retrieval.stores import answering, lexical, tables
from retrieval.stores.filters import PointFilter
from retrieval.stores.postings import Words
from retrieval.stores.protocol import Found, Space, VectorPoint

_VECTORS = "vectors"

# pgvector's own defaults; 16 links keep recall@50 above .99 at 50,000 passages with ef_search 200.
_HNSW = "m = 16, ef_construction = 64"

# Unit vectors: the negative inner product orders like the cosine distance and is cheaper. The question is a subquery
# so that it is sent once; the index takes it either way.
_PRODUCT = "v.embedding <#> (SELECT question FROM asked)"

# A search among so few passages compares all of them: it takes no longer than the index (1 ms for 1,000), and is exact.
# For who may read a small share of many, the index is slower, because it brings the others as well, and gives up after
# 20,000 of them (hnsw.max_scan_tuples). Measured at 50,000 passages: the index takes as long for 5 % of them.
_FEW_PASSAGES = 1000
_FEW_PASSAGES_AMONG_MANY = 3000
_SMALL_SHARE = 0.1


class PgVectorStore:
    """Dense vectors in `vectors_<generation>`, sparse ones in the lexical index."""

    keeps_filters = False

    def ensure(self, *, space: Space) -> None:
        vectors = tables.name(_VECTORS, space)
        stem = f"vectors_{space.generation}"
        with transaction.atomic():
            lexical.ensure(space=space)
            tables.run(
                # Inline storage: a row of 384 floats fits a page, and de-toasting would double the cost of a scan.
                f"CREATE TABLE IF NOT EXISTS {vectors} ("
                f"{tables.columns()}, slot integer NOT NULL, embedding vector({space.dim}) STORAGE PLAIN NOT NULL);"
                f"CREATE INDEX IF NOT EXISTS {stem}_hnsw ON {vectors}"
                f" USING hnsw (embedding vector_ip_ops) WITH ({_HNSW});"
                f"CREATE INDEX IF NOT EXISTS {stem}_slot ON {vectors} (slot);"
                f"CREATE INDEX IF NOT EXISTS {stem}_version ON {vectors} (version_id);"
                f"CREATE INDEX IF NOT EXISTS {stem}_document ON {vectors} (document_id);"
            )

    def drop(self, *, space: Space) -> None:
        with transaction.atomic():
            lexical.drop(space=space)
            tables.run(f"DROP TABLE IF EXISTS {tables.name(_VECTORS, space)}")

    def upsert(self, *, space: Space, points: Sequence[VectorPoint]) -> None:
        if not points:
            return
        with transaction.atomic():
            slots = lexical.upsert(space=space, points=points)
            tables.run(
                f"INSERT INTO {tables.name(_VECTORS, space)}"
                " (chunk_id, version_id, document_id, tenant_id, slot, embedding)"
                " SELECT c, v, d, t, s, e::vector FROM"
                " unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::integer[], %s::text[])"
                " AS r (c, v, d, t, s, e)"
                " ON CONFLICT (chunk_id) DO UPDATE SET version_id = excluded.version_id, slot = excluded.slot,"
                " document_id = excluded.document_id, embedding = excluded.embedding",
                [
                    *lexical.owner_columns(points),
                    [slots[point.chunk_id] for point in points],
                    [_literal(point.dense) for point in points],
                ],
            )

    def delete_version(self, *, space: Space, version_id: UUID) -> None:
        with transaction.atomic():
            lexical.delete_version(space=space, version_id=version_id)
            tables.run(f"DELETE FROM {tables.name(_VECTORS, space)} WHERE version_id = %s", [version_id])

    def delete_chunks(self, *, space: Space, chunk_ids: Collection[UUID]) -> None:
        with transaction.atomic():
            lexical.delete_chunks(space=space, chunk_ids=chunk_ids)
            tables.run(f"DELETE FROM {tables.name(_VECTORS, space)} WHERE chunk_id = ANY(%s)", [list(chunk_ids)])

    def set_filter(self, *, space: Space, version_id: UUID, filter: PointFilter) -> None:
        """Nothing to do: searches ask the documents themselves."""

    def search_dense(
        self, *, space: Space, vector: NDArray[np.float32], scope: Scope, limit: int
    ) -> Mapping[UUID, float]:
        asked, parameters = _asked(vector, scope)
        rows = tables.ask(
            f"{asked} SELECT v.chunk_id, -({_PRODUCT}) FROM {tables.name(_VECTORS, space)} v"
            f" WHERE {answering.holds('v')} ORDER BY {_PRODUCT} LIMIT {limit:d}",
            parameters,
        )
        # The index brings them nearly in order (hnsw.iterative_scan = relaxed_order).
        return dict(sorted(rows, key=lambda row: -row[1]))  # type: ignore[arg-type]

    def search_sparse(self, *, space: Space, query: SparseVector, scope: Scope, limit: int) -> Mapping[UUID, float]:
        return lexical.search(space=space, query=query, scope=scope, limit=limit)

    def score_dense(
        self, *, space: Space, vector: NDArray[np.float32], scope: Scope, chunk_ids: Collection[UUID]
    ) -> Mapping[UUID, float]:
        asked, parameters = _asked(vector, scope)
        rows = tables.ask(
            f"{asked} SELECT v.chunk_id, -({_PRODUCT}) FROM {tables.name(_VECTORS, space)} v"
            f" WHERE v.chunk_id = ANY(%(chunk_ids)s) AND {answering.holds('v')}",
            {**parameters, "chunk_ids": list(chunk_ids)},
        )
        return dict(rows)  # type: ignore[arg-type]

    def score_sparse(
        self, *, space: Space, query: SparseVector, scope: Scope, chunk_ids: Collection[UUID]
    ) -> Mapping[UUID, float]:
        return lexical.score(space=space, query=query, scope=scope, chunk_ids=chunk_ids)

    def search_both(
        self, *, space: Space, vector: NDArray[np.float32], words: Words, scope: Scope, limit: int
    ) -> Found:
        """One statement: the nearest vectors, and the cosines of what the words found."""
        asked, parameters = _asked(vector, scope)
        rows = f"SELECT v.chunk_id, v.slot, -({_PRODUCT}) FROM {tables.name(_VECTORS, space)} v WHERE"
        few = _are_few(words.slots)
        nearest = f"v.slot = ANY(%(slots)s) AND {answering.holds('v')} ORDER BY ({_PRODUCT}) + 0"
        if not few:
            nearest = f"{answering.holds('v')} ORDER BY {_PRODUCT}"
        found = tables.ask(
            f"{asked} ({rows} {nearest} LIMIT {limit:d})"
            f" UNION ALL {rows} v.slot = ANY(%(best)s) AND {answering.holds('v')}",
            {
                **parameters,
                "best": words.scores.best(limit),
                **({"slots": words.slots.tolist()} if few else {}),
            },
        )
        return Found(
            dense={chunk_id: cosine for chunk_id, _, cosine in found},
            sparse={chunk_id: words.scores.of(slot) for chunk_id, slot, _ in found},
        )

    def vectors(self, *, space: Space, chunk_ids: Collection[UUID]) -> Mapping[UUID, NDArray[np.float32]]:
        rows = tables.run(
            f"SELECT chunk_id, embedding::real[] FROM {tables.name(_VECTORS, space)} WHERE chunk_id = ANY(%s)",
            [list(chunk_ids)],
        )
        return {chunk_id: np.array(values, dtype=np.float32) for chunk_id, values in rows}

    def count(self, *, space: Space, version_id: UUID | None = None) -> int:
        condition, parameters = ("WHERE version_id = %s", [version_id]) if version_id else ("", [])
        return tables.run(f"SELECT count(*) FROM {tables.name(_VECTORS, space)} {condition}", parameters)[0][0]

    def points(self, *, space: Space) -> Iterator[tuple[UUID, UUID, str | None]]:
        yield from tables.run(  # type: ignore[misc]
            f"SELECT chunk_id, version_id, NULL FROM {tables.name(_VECTORS, space)}"
        )

    def ping(self) -> None:
        tables.run("SELECT 1")


def _are_few(slots: NDArray[np.int32]) -> bool:
    """Whether comparing all of these is better than the index. Slots are numbered as they are written."""
    if len(slots) <= _FEW_PASSAGES:
        return True
    return len(slots) <= min(_FEW_PASSAGES_AMONG_MANY, _SMALL_SHARE * int(slots.max()))


def _asked(vector: NDArray[np.float32], scope: Scope) -> tuple[str, dict[str, Any]]:
    """What every search begins with, and its parameters: the question, and the versions that may answer."""
    versions, parameters = answering.versions(scope)
    return (
        f"WITH asked AS MATERIALIZED (SELECT %(vector)s::vector AS question), answering AS MATERIALIZED ({versions})",
        {**parameters, "vector": vector, "tenant_id": scope.tenant_id},
    )


def _literal(vector: NDArray[np.float32]) -> str:
    """pgvector's text form. Nine digits give a float32 back exactly, in a third of the time of all its digits."""
    return f"[{','.join(['%.9g'] * len(vector))}]" % tuple(vector.tolist())
