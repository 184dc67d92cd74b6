"""Is run A better than run B, or were the questions kind to it? A paired bootstrap over questions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

# Enough for two digits of a p-value; 300 questions take about 50 ms.
RESAMPLES = 10_000

# The same questions give the same interval every time.
SEED = 20_260_101

_BLOCK = 1_000


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Mean difference (first minus second) over ``questions``, its 95 % interval, and a two-sided p-value."""

    difference: float
    low: float
    high: float
    p_value: float
    questions: int


class NothingToCompare(ValueError):
    """The two runs share no question."""


def compare_paired(
    *, first: Mapping[str, float], second: Mapping[str, float], resamples: int = RESAMPLES, seed: int = SEED
) -> Comparison:
    """Compare two runs by their scores per question id, on the questions both have.

    Questions are drawn with replacement, each with both of its scores (Sakai 2006, "Evaluating evaluation metrics based
    on the bootstrap"). The p-value is the share of resamples, moved to mean 0, that differ at least as much.

    :raises NothingToCompare: if no question is in both.
    """
    shared = sorted(first.keys() & second.keys())
    if not shared:
        raise NothingToCompare("the two runs share no question")
    differences = np.array([first[key] - second[key] for key in shared], dtype=np.float64)
    observed = float(differences.mean())
    means = _resampled_means(differences, resamples=resamples, seed=seed)
    low, high = np.quantile(means, [0.025, 0.975])
    # A hair's breadth of tolerance, so that equal sums in another order count as equal.
    as_extreme = np.abs(means - observed) >= abs(observed) - 1e-12
    return Comparison(
        difference=observed,
        low=float(low),
        high=float(high),
        p_value=float((as_extreme.sum() + 1) / (resamples + 1)),
        questions=len(shared),
    )


def _resampled_means(values: np.ndarray, *, resamples: int, seed: int) -> np.ndarray:
    """float64, shape (resamples,); drawn in blocks so that memory stays small with many questions."""
    generator = np.random.default_rng(seed)
    blocks = []
    for start in range(0, resamples, _BLOCK):
        rows = generator.integers(0, len(values), size=(min(_BLOCK, resamples - start), len(values)))
        blocks.append(values[rows].mean(axis=1))
    return np.concatenate(blocks)
