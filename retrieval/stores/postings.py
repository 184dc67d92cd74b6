"""A question's postings, in memory: what may answer, how often its terms occur there, and BM25 scores."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.sparse import SparseVector, weigh_query

# One posting: the passage's number, and the weight of the term in it.
POSTING = np.dtype([("slot", "<i4"), ("weight", "<f4")])
NONE = np.empty(0, dtype=POSTING)


@dataclass(frozen=True)
class Postings:
    """The blocks of a question's terms within what may answer its asker, and the slots of all those passages."""

    by_term: Mapping[int, NDArray[np.void]]
    slots: NDArray[np.int32]

    @property
    def passages(self) -> int:
        """How many passages may answer."""
        return len(self.slots)

    @property
    def frequencies(self) -> Mapping[int, int]:
        """Term -> number of passages that hold it."""
        return {term: len(block) for term, block in self.by_term.items()}

    def weigh(self, query: SparseVector) -> SparseVector:
        """The question's terms with IDF weights."""
        return weigh_query(query=query, document_frequencies=self.frequencies, passages=self.passages)

    def scores(self, weighted: SparseVector) -> "SlotScores":
        """BM25 of every passage that holds a term of the question."""
        blocks = [
            (self.by_term[term], weight)
            for term, weight in zip(weighted.indices, weighted.values, strict=True)
            if term in self.by_term
        ]
        # Slots are numbered from 1 as passages are written, so an array over all of them is small.
        totals = np.zeros(max((int(block["slot"].max()) for block, _ in blocks), default=0) + 1, dtype=np.float64)
        for block, weight in blocks:
            totals[block["slot"]] += block["weight"] * weight  # a passage is in a term's postings once
        return SlotScores(totals=totals)


@dataclass(frozen=True)
class SlotScores:
    """Scores by slot; 0 where a passage holds no term. `totals`: float64, shape (highest slot + 1,)."""

    totals: NDArray[np.float64]

    def best(self, limit: int) -> list[int]:
        """The slots of the `limit` highest scores above 0, best first; equal scores in the order of writing."""
        found = np.flatnonzero(self.totals)
        if len(found) > limit:
            found = found[np.argpartition(-self.totals[found], limit - 1)[:limit]]
        return [int(slot) for slot in sorted(found, key=lambda slot: (-self.totals[slot], slot))]

    def of(self, slot: int) -> float:
        return float(self.totals[slot]) if slot < len(self.totals) else 0.0


@dataclass(frozen=True)
class Words:
    """The sparse side of a question, before its embedding is there.

    `query` holds the IDF-weighted terms, `scores` the score of every passage, `slots` all passages that may answer.
    """

    query: SparseVector
    scores: SlotScores
    slots: NDArray[np.int32]
