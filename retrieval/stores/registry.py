"""The store that settings choose, one per process."""

import functools

from django.conf import settings

from retrieval.stores.protocol import VectorStore


@functools.cache
def _build(kind: str, url: str, api_key: str) -> VectorStore:
    if kind == "qdrant":
        from retrieval.stores import qdrant

        return qdrant.QdrantStore(client=qdrant.connect(url=url, api_key=api_key))
    from retrieval.stores.pgvector import PgVectorStore

    return PgVectorStore()


def get_store() -> VectorStore:
    """The configured vector store (VECTOR_STORE, QDRANT_URL)."""
    return _build(settings.VECTOR_STORE, settings.QDRANT_URL, settings.QDRANT_API_KEY)
