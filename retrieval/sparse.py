"""BM25 as sparse vectors: term weights are stored with the passage, IDF is applied to the question.

Split this way PostgreSQL and Qdrant rank alike: both hold the same numbers, and IDF is the only part that depends on
the corpus. Source of the split: Qdrant's ``idf`` modifier; of the formula: Robertson and Zaragoza 2009, section 3.4.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdrant_edge import Bm25

# Words that ask rather than say. Qdrant's English stop words miss them, and being rare in handbooks they would
# outweigh what is asked about: in "how many days of leave do I get" the heaviest words would be "get" and "many".
# Leaving them out moves nDCG@10 of no measuring set by more than .001.
_ASKING = re.compile(
    r"\b(?:how|many|much|long|often|far|soon|gets?|got|getting|tell|please|explain|do|does|did|can|could|may|might"
    r"|shall|should|will|would|wants?|know|happens?|there)\b",
    re.IGNORECASE,
)

# Saturation and length normalisation, the usual values (Robertson and Zaragoza 2009, section 3.4).
BM25_K = 1.2
BM25_B = 0.75

# Length at which normalisation is neutral, in terms after stop words. A constant, not the corpus' mean: weights are
# stored, and a mean that moves with every upload would make old and new passages incomparable. It only scales how
# strongly length counts: 60 and 150 change nDCG@10 by less than .01 on every measuring set.
AVERAGE_TERMS = 100.0


@dataclasses.dataclass(frozen=True)
class SparseVector:
    """``values[i]`` belongs to term ``indices[i]`` (a 32-bit hash of the stem). Indices are unique and ascending."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


def encode_passage_sparse(text: str) -> SparseVector:
    """Weights of a passage; give it the same text as the dense encoder (title and headings in front: +.01 nDCG@10).

    Saturated, length-normalised term frequencies: tf * (k + 1) / (tf + k * (1 - b + b * terms / AVERAGE_TERMS)).
    """
    return _sorted(_bm25().embed_document(text))


def encode_query_sparse(text: str) -> SparseVector:
    """Each different term of the question once, weight 1. Empty when there are only stop words and signs."""
    return _sorted(_bm25().embed_query(_ASKING.sub(" ", text)))


def inverse_document_frequency(*, passages: int, containing: int) -> float:
    """ln((N - df + 0.5) / (df + 0.5) + 1), as Qdrant's ``idf`` modifier computes it; never negative.

    ``passages`` (N) is the size of the searched collection, ``containing`` (df) how many of them hold the term.
    """
    return math.log((passages - containing + 0.5) / (containing + 0.5) + 1.0)


def weigh_query(*, query: SparseVector, document_frequencies: Mapping[int, int], passages: int) -> SparseVector:
    """The question's vector times IDF; its dot product with a passage's vector is the BM25 score.

    A term that no passage holds keeps its (highest) IDF: it adds nothing to any score but counts as not covered.
    """
    weights = (
        value * inverse_document_frequency(passages=passages, containing=document_frequencies.get(index, 0))
        for index, value in zip(query.indices, query.values, strict=True)
    )
    return SparseVector(indices=query.indices, values=tuple(weights))


def ceiling(*, weighted_query: SparseVector) -> float:
    """Sum of the IDF weights: the score of an average-length passage that holds every term of the question once."""
    return sum(weighted_query.values)


def dot(*, query: SparseVector, passage: SparseVector) -> float:
    """Sum of products over shared indices."""
    weights = dict(zip(passage.indices, passage.values, strict=True))
    return sum(value * weights.get(index, 0.0) for index, value in zip(query.indices, query.values, strict=True))


@functools.cache
def _bm25() -> Bm25:
    from qdrant_edge import Bm25, Bm25Config

    return Bm25(Bm25Config(k=BM25_K, b=BM25_B, avg_len=AVERAGE_TERMS, language="english", ascii_folding=True))


def _sorted(vector) -> SparseVector:
    pairs = sorted(zip(vector.indices, vector.values, strict=True))
    return SparseVector(indices=tuple(index for index, _ in pairs), values=tuple(float(value) for _, value in pairs))
