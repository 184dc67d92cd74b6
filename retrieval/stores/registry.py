"""The store that settings choose, one per process."""

import functools

from django.conf import settings

from retrieval.stores.protocol import VectorAccessDisabled, VectorStore
from tenants.kill_switches import state


@functools.cache
def _build(kind: str, url: str, api_key: str) -> VectorStore:
    if kind == "qdrant":
        from retrieval.stores import qdrant

        return qdrant.QdrantStore(client=qdrant.connect(url=url, api_key=api_key))
    from retrieval.stores.pgvector import PgVectorStore

    return PgVectorStore()


def get_store() -> VectorStore:
    """The configured vector store (VECTOR_STORE, QDRANT_URL), for searching and indexing.

    :raises VectorAccessDisabled: while vectors are switched off for the current company.
    """
    if (switch := state.off(state.Feature.VECTORS)) is not None:
        raise VectorAccessDisabled(switch)
    return store_for_upkeep()


def store_for_upkeep() -> VectorStore:
    """The same for what has to go on while vectors are switched off: taking points away, counting, comparing."""
    return _build(settings.VECTOR_STORE, settings.QDRANT_URL, settings.QDRANT_API_KEY)
