"""What retrieval asks of a vector store. One contract suite runs against every implementation."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from hr.access import Scope
from retrieval.sparse import SparseVector
from tenants import context
from tenants.kill_switches.state import SwitchedOff

if TYPE_CHECKING:
    from retrieval.stores.filters import PointFilter
    from retrieval.stores.postings import Words


class StoreUnavailable(RuntimeError):
    """The store does not answer. Search falls back to the lexical index; ingestion waits."""


class VectorAccessDisabled(SwitchedOff, StoreUnavailable):
    """Somebody switched the company's vectors off. Words are searched alone; indexing waits for the release."""


class WrongTenantScope(Exception):
    """A scope's tenant is not the thread's tenant: the two walls disagree. Refused."""


@dataclass(frozen=True)
class Space:
    """Where the vectors of one index generation live. Vectors of two generations never mix."""

    generation: int
    dim: int


@dataclass(frozen=True)
class VectorPoint:
    """A passage's vectors with what searches filter by. `dense` is float32, shape (dim,), L2-normalised."""

    chunk_id: UUID
    version_id: UUID
    document_id: UUID
    filter: PointFilter
    dense: NDArray[np.float32]
    sparse: SparseVector


@dataclass(frozen=True)
class Found:
    """Cosines and BM25 scores by chunk id."""

    dense: Mapping[UUID, float]
    sparse: Mapping[UUID, float]


class VectorStore(Protocol):
    """Every call works for the current tenant. Searches take the asker's scope and filter inside the query: only
    passages of versions that may answer this person on the scope's day are found, scored and counted.

    Any call raises StoreUnavailable when the store cannot be reached.
    """

    # Whether a copy of rights and days stands beside the vectors, which `set_filter` has to bring up to date.
    keeps_filters: bool

    def ensure(self, *, space: Space) -> None:
        """Make the space if it is not there. Repeatable."""

    def drop(self, *, space: Space) -> None:
        """Remove the current tenant's points of the space."""

    def upsert(self, *, space: Space, points: Sequence[VectorPoint]) -> None:
        """Write points, replacing those of the same chunk id; confirmed when it returns."""

    def delete_version(self, *, space: Space, version_id: UUID) -> None:
        """Remove a version's points; none is fine."""

    def set_filter(self, *, space: Space, version_id: UUID, filter: PointFilter) -> None:
        """Rewrite the filter of a version's points, where the store keeps one."""

    def search_dense(
        self, *, space: Space, vector: NDArray[np.float32], scope: Scope, limit: int
    ) -> Mapping[UUID, float]:
        """The `limit` points of highest cosine, best first: chunk id -> cosine."""

    def search_sparse(self, *, space: Space, query: SparseVector, scope: Scope, limit: int) -> Mapping[UUID, float]:
        """The `limit` points of highest dot product with an IDF-weighted question: chunk id -> BM25 score."""

    def score_dense(
        self, *, space: Space, vector: NDArray[np.float32], scope: Scope, chunk_ids: Collection[UUID]
    ) -> Mapping[UUID, float]:
        """Cosines of those that may answer among `chunk_ids`."""

    def score_sparse(
        self, *, space: Space, query: SparseVector, scope: Scope, chunk_ids: Collection[UUID]
    ) -> Mapping[UUID, float]:
        """BM25 scores of those that may answer among `chunk_ids`; one without a common term may be missing."""

    def search_both(
        self, *, space: Space, vector: NDArray[np.float32], words: Words, scope: Scope, limit: int
    ) -> Found:
        """Both searches: what one side finds, the other scores too. `words` comes from `lexical.weigh`."""

    def vectors(self, *, space: Space, chunk_ids: Collection[UUID]) -> Mapping[UUID, NDArray[np.float32]]:
        """The dense vectors of those of `chunk_ids` that the current tenant has: chunk id -> float32, shape (dim,)."""

    def count(self, *, space: Space, version_id: UUID | None = None) -> int:
        """How many points the current tenant has, or one of its versions."""

    def points(self, *, space: Space) -> Iterator[tuple[UUID, UUID, str | None]]:
        """(chunk id, version id, digest of the filter) of every point of the current tenant.

        The digest is None where the store keeps no filter because it asks PostgreSQL's truth.
        """

    def delete_chunks(self, *, space: Space, chunk_ids: Collection[UUID]) -> None:
        """Remove points by chunk id; used by reconcile."""

    def ping(self) -> None:
        """Return if the store answers."""


def check_scope(scope: Scope) -> None:
    """Both walls say the same tenant.

    :raises WrongTenantScope: when they do not.
    """
    if scope.tenant_id != context.tenant_id():
        raise WrongTenantScope("the scope belongs to another company")


def search_both_by_parts(
    store: VectorStore, *, space: Space, vector: NDArray[np.float32], weighted: SparseVector, scope: Scope, limit: int
) -> Found:
    """`search_both` in up to four calls, for a store that cannot do it in one."""
    dense = dict(store.search_dense(space=space, vector=vector, scope=scope, limit=limit))
    sparse = dict(store.search_sparse(space=space, query=weighted, scope=scope, limit=limit))
    only_sparse, only_dense = sparse.keys() - dense.keys(), dense.keys() - sparse.keys()
    if only_sparse:
        dense.update(store.score_dense(space=space, vector=vector, scope=scope, chunk_ids=only_sparse))
    if only_dense and weighted.indices:
        sparse.update(store.score_sparse(space=space, query=weighted, scope=scope, chunk_ids=only_dense))
    return Found(dense=dense, sparse=sparse)
