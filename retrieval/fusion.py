"""One ranking from two: cosine of the dense vectors and BM25 of the sparse ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

Id = TypeVar("Id", bound=Hashable)

# Share of the dense score; the rest is BM25's.
DENSE_WEIGHT = 0.5


@dataclasses.dataclass(frozen=True)
class FusedHit(Generic[Id]):
    """One passage with its fused score in [0, 1] and both raw scores; None where the store gave none."""

    id: Id
    score: float
    dense: float | None
    sparse: float | None


def fuse(
    *, dense: Mapping[Id, float], sparse: Mapping[Id, float], dense_weight: float = DENSE_WEIGHT
) -> list[FusedHit[Id]]:
    """Passages by weighted sum of min-max normalised scores, best first; equal scores keep the order of ``str(id)``.

    :param dense: cosine in [-1, 1] by id. :param sparse: BM25 score >= 0 by id. The more of both a caller knows (stores can
        score by id), the better: a missing score counts as the list's lowest.
    """
    dense_unit = _scaled(dense)
    sparse_unit = _scaled(sparse)
    hits = [
        FusedHit(
            id=key,
            score=dense_weight * dense_unit.get(key, 0.0) + (1 - dense_weight) * sparse_unit.get(key, 0.0),
            dense=dense.get(key),
            sparse=sparse.get(key),
        )
        for key in {**dense, **sparse}
    ]
    return sorted(hits, key=lambda hit: (-hit.score, str(hit.id)))


def _scaled(scores: Mapping[Id, float]) -> dict[Id, float]:
    """Scores mapped to [0, 1]; all 1 when they are equal."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    if high == low:
        return dict.fromkeys(scores, 1.0)
    return {key: (score - low) / (high - low) for key, score in scores.items()}
