"""Vectors in Qdrant. The only package that imports qdrant_client."""

from retrieval.stores.qdrant.store import QdrantStore, connect

__all__ = ["QdrantStore", "connect"]
