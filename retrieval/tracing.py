"""What became of each passage that a search looked at, as it is kept beside the answer.

A candidate is a row of six values: chunk id, cosine, BM25, fused score, fate, and the digest of its text where it was
loaded. Ids, digests and figures only; the words stand in the citations and the passages.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from retrieval.answers import Considered

# Fates, in the order in which a passage can fall out.
UNREADABLE = "unreadable"
BELOW_RANK = "below_rank"
REPEATS = "repeats"
CLOSED = "closed"
NEAREST = "nearest"
TOO_WEAK = "too_weak"
UNUSED = "unused"
CITED = "cited"

_DIGITS = 4


@dataclass(frozen=True)
class Candidate:
    """One passage that a search looked at. A score is None where that side did not know the passage."""

    chunk_id: UUID
    dense: float | None
    bm25: float | None
    fused: float
    fate: str
    digest: str


def candidates_of(
    *,
    considered: Considered,
    passages: Collection[UUID],
    cited: Collection[UUID],
    drafted: Collection[UUID],
    is_answered: bool,
    is_found: bool,
) -> list[list[Any]]:
    """Rows of everything that was looked at, best first.

    :param passages: ids of what was left after repetitions were taken out.
    :param cited: ids that the stored answer cites, as a source or as a nearest one.
    :param drafted: ids that the draft cited before access was checked for the last time.
    :param is_found: whether the confidence reached the threshold.
    """

    def fate(chunk_id: UUID) -> str:
        if chunk_id in considered.unreadable:
            return UNREADABLE
        if chunk_id not in considered.ranked:
            return BELOW_RANK
        if chunk_id not in passages:
            return REPEATS
        if chunk_id in cited:
            return CITED if is_answered else NEAREST
        if chunk_id in drafted:
            return CLOSED
        return UNUSED if is_found else TOO_WEAK

    return [
        [
            str(hit.id),
            _rounded(hit.dense),
            _rounded(hit.sparse),
            _rounded(hit.score),
            fate(hit.id),
            considered.digests.get(hit.id, ""),
        ]
        for hit in considered.hits
    ]


def read(rows: Sequence[Sequence[Any]]) -> list[Candidate]:
    """The rows as values again."""
    return [
        Candidate(chunk_id=UUID(key), dense=dense, bm25=bm25, fused=fused, fate=fate, digest=digest)
        for key, dense, bm25, fused, fate, digest in rows
    ]


def read_former(rows: Sequence[Mapping[str, Any]], *, cited: Collection[UUID], is_answered: bool) -> list[Candidate]:
    """The candidates of an answer of before there were traces: only what was handed on, with less of a fate."""
    found = [(UUID(row["chunk_id"]), row) for row in rows]
    return [
        Candidate(
            chunk_id=key,
            dense=row["dense"],
            bm25=row["bm25"],
            fused=row["fused"],
            fate=(CITED if is_answered else NEAREST) if key in cited else UNUSED if is_answered else TOO_WEAK,
            digest="",
        )
        for key, row in found
    ]


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(float(score), _DIGITS)
