"""Encoding a question beside the thread that asks it, which meanwhile waits for PostgreSQL.

onnxruntime and torch let go of the interpreter while they compute, so both really happen at once.
"""

from __future__ import annotations

import functools
import os
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.loader import get_encoder


def begin_query(text: str) -> Future[NDArray[np.float32]]:
    """Start to encode a question; the result is float32, shape (dim,), L2-normalised.

    The pool's threads see the text and nothing else: no connection, no tenant, no person.
    """
    return _pool().submit(_encode, text)


def _encode(text: str) -> NDArray[np.float32]:
    return get_encoder().encode_queries([text])[0]


@functools.cache
def _pool() -> ThreadPoolExecutor:
    # As many as cores: more runs at once are no faster. What is above that waits in order.
    return ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="encode")


# Threads do not survive a fork, but a pool would go on waiting for them.
os.register_at_fork(after_in_child=_pool.cache_clear)
