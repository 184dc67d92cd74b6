"""Measuring search: question sets, ranking measures, and whether a difference between two runs is real."""

from retrieval.evaluation.bootstrap import Comparison, compare_paired
from retrieval.evaluation.measures import RankingScores, best_first, mean_scores, ndcg_at, recall_at, score_ranking
from retrieval.evaluation.questions import QuestionSet, QuestionSetInvalid, load_question_set

__all__ = [
    "Comparison",
    "QuestionSet",
    "QuestionSetInvalid",
    "RankingScores",
    "best_first",
    "compare_paired",
    "load_question_set",
    "mean_scores",
    "ndcg_at",
    "recall_at",
    "score_ranking",
]
