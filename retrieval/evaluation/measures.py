"""nDCG@k, Recall@k and MRR@k of one ranking, with binary or graded relevance, as trec_eval computes them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence

# Depth of all three measures in our figures.
DEPTH = 10


@dataclasses.dataclass(frozen=True)
class RankingScores:
    """One question's scores, or their means; all 0 to 1."""

    ndcg: float
    recall: float
    reciprocal_rank: float


def score_ranking(*, ranking: Sequence[str], relevance: Mapping[str, int], k: int = DEPTH) -> RankingScores:
    """All three measures of one ranking.

    :param ranking: document ids, best first, each once (see ``best_first``).
    :param relevance: judged documents; what is missing or <= 0 is not relevant.
    """
    return RankingScores(
        ndcg=ndcg_at(ranking=ranking, relevance=relevance, k=k),
        recall=recall_at(ranking=ranking, relevance=relevance, k=k),
        reciprocal_rank=reciprocal_rank_at(ranking=ranking, relevance=relevance, k=k),
    )


def ndcg_at(*, ranking: Sequence[str], relevance: Mapping[str, int], k: int = DEPTH) -> float:
    """Sum of rel / log2(rank + 1) over the first k, divided by that of the ideal order; 0 when nothing is relevant.

    Jarvelin and Kekalainen 2002, with linear gain as in trec_eval's ``ndcg_cut``.
    """
    gains = [max(0, relevance.get(document, 0)) for document in ranking[:k]]
    ideal = sorted((grade for grade in relevance.values() if grade > 0), reverse=True)[:k]
    best = _discounted(ideal)
    return _discounted(gains) / best if best else 0.0


def recall_at(*, ranking: Sequence[str], relevance: Mapping[str, int], k: int = DEPTH) -> float:
    """Share of the relevant documents among the first k; 0 when nothing is relevant."""
    relevant = {document for document, grade in relevance.items() if grade > 0}
    return len(relevant & set(ranking[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank_at(*, ranking: Sequence[str], relevance: Mapping[str, int], k: int = DEPTH) -> float:
    """1 / rank of the first relevant document among the first k, else 0."""
    for rank, document in enumerate(ranking[:k], start=1):
        if relevance.get(document, 0) > 0:
            return 1.0 / rank
    return 0.0


def mean_scores(*, scores: Iterable[RankingScores]) -> RankingScores:
    """Means over questions; zeros when there are none."""
    rows = list(scores)
    count = max(1, len(rows))
    return RankingScores(
        ndcg=math.fsum(row.ndcg for row in rows) / count,
        recall=math.fsum(row.recall for row in rows) / count,
        reciprocal_rank=math.fsum(row.reciprocal_rank for row in rows) / count,
    )


def best_first(*, documents: Iterable[str]) -> list[str]:
    """Documents in the order of their best passage, from the documents of passages in rank order."""
    return list(dict.fromkeys(documents))


def _discounted(gains: Sequence[int]) -> float:
    return math.fsum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))
