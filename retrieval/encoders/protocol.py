"""What the rest of retrieval may ask of an encoder, whatever computes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into unit vectors, so that a dot product is a cosine.

    Thread-safe: web threads share one instance per process.
    """

    @property
    def model_id(self) -> str:
        """Name and weights, e.g. ``all-MiniLM-L6-v2@53aa51172d14``: vectors of two ids must never be compared."""

    @property
    def dim(self) -> int:
        """Length of one vector."""

    @property
    def max_tokens(self) -> int:
        """Tokens the model reads of one text, its special tokens included; what is beyond is cut off silently."""

    @property
    def special_tokens(self) -> int:
        """Tokens the encoder adds to every passage itself (markers such as [CLS], and the passage prefix)."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """float32, shape (len(texts), dim), L2-normalised, in input order."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """float32, shape (len(texts), dim), L2-normalised, in input order."""

    def count_tokens(self, text: str) -> int:
        """Tokens of the bare text: no special tokens, no prefix, no truncation."""
