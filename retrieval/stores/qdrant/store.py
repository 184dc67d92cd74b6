"""One collection per index generation, tenants kept apart by `tenant_id`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException

from hr.access import Scope
from retrieval.sparse import SparseVector
from retrieval.stores import lexical
from retrieval.stores.filters import PointFilter
from retrieval.stores.postings import Words
from retrieval.stores.protocol import Found, Space, StoreUnavailable, VectorPoint, search_both_by_parts
from retrieval.stores.qdrant import payload

_DENSE, _SPARSE = "dense", "bm25"
_BATCH = 256
# A store that does not answer in this time counts as down; a search is worth no longer wait.
TIMEOUT_SECONDS = 5

P = ParamSpec("P")
R = TypeVar("R")


def connect(*, url: str, api_key: str = "") -> QdrantClient:
    """A client for a server, or for a folder on this machine (`path:` URLs) and memory (`:memory:`) in tests."""
    if url == ":memory:":
        return QdrantClient(":memory:")
    if url.startswith("path:"):
        return QdrantClient(path=url.removeprefix("path:"))
    return QdrantClient(url=url, api_key=api_key or None, timeout=TIMEOUT_SECONDS, check_compatibility=False)


def _translated(method: Callable[P, R]) -> Callable[P, R]:
    """Transport errors of the client become our own."""

    @functools.wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except (ApiException, ConnectionError, TimeoutError, OSError) as error:
            raise StoreUnavailable(f"Qdrant: {type(error).__name__}") from error

    return call


class QdrantStore:
    """What a point carries is said in `payload`. PostgreSQL's lexical index is kept beside it."""

    keeps_filters = True

    def __init__(self, *, client: QdrantClient) -> None:
        self._client = client

    @_translated
    def ensure(self, *, space: Space) -> None:
        lexical.ensure(space=space)
        name = _collection(space)
        if self._client.collection_exists(name):
            return
        try:
            self._client.create_collection(
                name,
                vectors_config={_DENSE: models.VectorParams(size=space.dim, distance=models.Distance.COSINE)},
                # IDF comes with the question, from the tenant's own frequencies; Qdrant's modifier counts all tenants.
                sparse_vectors_config={_SPARSE: models.SparseVectorParams()},
            )
        except ValueError:
            if not self._client.collection_exists(name):  # somebody else was faster otherwise
                raise
        for field, schema in payload.indexes().items():
            self._client.create_payload_index(name, field_name=field, field_schema=schema)

    @_translated
    def drop(self, *, space: Space) -> None:
        lexical.drop(space=space)
        self._delete(space)

    @_translated
    def upsert(self, *, space: Space, points: Sequence[VectorPoint]) -> None:
        lexical.upsert(space=space, points=points)
        for start in range(0, len(points), _BATCH):
            batch = [_point(point) for point in points[start : start + _BATCH]]
            self._client.upsert(_collection(space), points=batch, wait=True)

    @_translated
    def delete_version(self, *, space: Space, version_id: UUID) -> None:
        lexical.delete_version(space=space, version_id=version_id)
        self._delete(space, payload.equals("version_id", str(version_id)))

    @_translated
    def delete_chunks(self, *, space: Space, chunk_ids: Collection[UUID]) -> None:
        lexical.delete_chunks(space=space, chunk_ids=chunk_ids)
        self._delete(space, models.HasIdCondition(has_id=[str(chunk_id) for chunk_id in chunk_ids]))

    @_translated
    def set_filter(self, *, space: Space, version_id: UUID, filter: PointFilter) -> None:
        self._client.set_payload(
            _collection(space),
            payload=payload.of_filter(filter),
            points=payload.own(payload.equals("version_id", str(version_id))),
            wait=True,
        )

    @_translated
    def search_dense(
        self, *, space: Space, vector: NDArray[np.float32], scope: Scope, limit: int
    ) -> Mapping[UUID, float]:
        return self._query(space, vector.tolist(), _DENSE, payload.answering(scope), limit)

    @_translated
    def search_sparse(self, *, space: Space, query: SparseVector, scope: Scope, limit: int) -> Mapping[UUID, float]:
        return self._query(space, _sparse(query), _SPARSE, payload.answering(scope), limit) if query.indices else {}

    @_translated
    def score_dense(
        self, *, space: Space, vector: NDArray[np.float32], scope: Scope, chunk_ids: Collection[UUID]
    ) -> Mapping[UUID, float]:
        return self._score(space, vector.tolist(), _DENSE, scope, chunk_ids)

    @_translated
    def score_sparse(
        self, *, space: Space, query: SparseVector, scope: Scope, chunk_ids: Collection[UUID]
    ) -> Mapping[UUID, float]:
        return self._score(space, _sparse(query), _SPARSE, scope, chunk_ids) if query.indices else {}

    def search_both(
        self, *, space: Space, vector: NDArray[np.float32], words: Words, scope: Scope, limit: int
    ) -> Found:
        return search_both_by_parts(self, space=space, vector=vector, weighted=words.query, scope=scope, limit=limit)

    @_translated
    def vectors(self, *, space: Space, chunk_ids: Collection[UUID]) -> Mapping[UUID, NDArray[np.float32]]:
        if not chunk_ids:
            return {}
        ids = models.HasIdCondition(has_id=[str(chunk_id) for chunk_id in chunk_ids])
        records, _ = self._client.scroll(
            _collection(space),
            scroll_filter=payload.own(ids),
            limit=len(chunk_ids),
            with_vectors=[_DENSE],
            with_payload=False,
        )
        return {
            UUID(str(record.id)): np.array(record.vector[_DENSE], dtype=np.float32)  # type: ignore[index, call-overload]
            for record in records
        }

    @_translated
    def count(self, *, space: Space, version_id: UUID | None = None) -> int:
        conditions = [payload.equals("version_id", str(version_id))] if version_id else []
        return self._client.count(_collection(space), count_filter=payload.own(*conditions), exact=True).count

    @_translated
    def points(self, *, space: Space) -> Iterator[tuple[UUID, UUID, str | None]]:
        return iter(list(self._scroll(space)))

    @_translated
    def ping(self) -> None:
        self._client.get_collections()

    def _scroll(self, space: Space) -> Iterator[tuple[UUID, UUID, str | None]]:
        offset: Any = None
        while True:
            page, offset = self._client.scroll(
                _collection(space), scroll_filter=payload.own(), limit=1000, offset=offset, with_payload=True
            )
            for record in page:
                held = record.payload or {}
                yield UUID(str(record.id)), UUID(held["version_id"]), held.get("filter_digest", "")
            if offset is None:
                return

    def _query(self, space: Space, query: Any, using: str, allowed: models.Filter, limit: int) -> Mapping[UUID, float]:
        found = self._client.query_points(
            _collection(space), query=query, using=using, query_filter=allowed, limit=limit, with_payload=False
        )
        return {UUID(str(point.id)): point.score for point in found.points}

    def _score(
        self, space: Space, query: Any, using: str, scope: Scope, chunk_ids: Collection[UUID]
    ) -> Mapping[UUID, float]:
        if not chunk_ids:
            return {}
        ids = models.HasIdCondition(has_id=[str(chunk_id) for chunk_id in chunk_ids])
        return self._query(space, query, using, payload.answering(scope, ids), len(chunk_ids))

    def _delete(self, space: Space, *conditions: models.Condition) -> None:
        name = _collection(space)
        if self._client.collection_exists(name):
            self._client.delete(name, points_selector=models.FilterSelector(filter=payload.own(*conditions)), wait=True)


def _collection(space: Space) -> str:
    """One collection per generation and width; all tenants of that generation share it."""
    return f"ragsite_g{space.generation}_d{space.dim}"


def _point(point: VectorPoint) -> models.PointStruct:
    return models.PointStruct(
        id=str(point.chunk_id),
        vector={_DENSE: point.dense.tolist(), _SPARSE: _sparse(point.sparse)},
        payload=payload.of_point(point),
    )


def _sparse(vector: SparseVector) -> models.SparseVector:
    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))
