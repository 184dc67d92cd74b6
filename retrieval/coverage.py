"""How much of a question a text speaks about: the share of the question's weight whose terms the text holds."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from retrieval.sparse import SparseVector, encode_query_sparse


def terms_of(text: str) -> frozenset[int]:
    """The different stems of a text without stop words, as term numbers. About 0.1 ms for a passage."""
    return frozenset(encode_query_sparse(text).indices)


def coverage(*, weighted_query: SparseVector, terms: AbstractSet[int]) -> float:
    """Share, 0 to 1, of the question's IDF weight found among ``terms``; 0 for a question without terms.

    :param weighted_query: the question's terms weighted by ``sparse.weigh_query``: rare words count more, and a word
        that no document holds counts most, always as not covered.
    """
    total = sum(weighted_query.values)
    if total <= 0:
        return 0.0
    found = sum(
        value for index, value in zip(weighted_query.indices, weighted_query.values, strict=True) if index in terms
    )
    return min(1.0, found / total)
