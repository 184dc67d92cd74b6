"""Vector stores: one protocol, PostgreSQL or Qdrant behind it. Both hold ids, filter fields and numbers, never text."""

from retrieval.stores.protocol import (
    Found,
    Space,
    StoreUnavailable,
    VectorAccessDisabled,
    VectorPoint,
    VectorStore,
    WrongTenantScope,
)
from retrieval.stores.registry import get_store, store_for_upkeep

__all__ = [
    "Found",
    "Space",
    "StoreUnavailable",
    "VectorAccessDisabled",
    "VectorPoint",
    "VectorStore",
    "WrongTenantScope",
    "get_store",
    "store_for_upkeep",
]
