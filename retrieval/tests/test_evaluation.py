"""Ranking measures and the paired bootstrap, by arithmetic."""

import math
import random

import ir_measures
import pytest

from retrieval.evaluation import (
    QuestionSetInvalid,
    RankingScores,
    best_first,
    compare_paired,
    load_question_set,
    mean_scores,
    ndcg_at,
    recall_at,
    score_ranking,
)
from retrieval.evaluation.bootstrap import NothingToCompare
from retrieval.evaluation.measures import reciprocal_rank_at


def test_ndcg_discounts_by_the_logarithm_of_the_rank():
    # Relevant at ranks 2 and 3 of 3; ideal has ranks 1 and 2.
    value = ndcg_at(ranking=["x", "a", "b"], relevance={"a": 1, "b": 1})
    assert value == pytest.approx((1 / math.log2(3) + 1 / 2) / (1 + 1 / math.log2(3)))


def test_a_perfect_ranking_scores_one_and_a_blind_one_zero():
    assert ndcg_at(ranking=["a", "b"], relevance={"a": 2, "b": 1}) == 1.0
    assert ndcg_at(ranking=["x", "y"], relevance={"a": 2, "b": 1}) == 0.0
    assert ndcg_at(ranking=["a"], relevance={}) == 0.0


def test_recall_counts_what_is_in_the_first_k():
    assert recall_at(ranking=["a", "x", "b"], relevance={"a": 1, "b": 1, "c": 1, "x": 0}, k=2) == pytest.approx(1 / 3)


def test_reciprocal_rank_is_of_the_first_relevant():
    assert reciprocal_rank_at(ranking=["x", "y", "a", "b"], relevance={"a": 1, "b": 1}) == pytest.approx(1 / 3)
    assert reciprocal_rank_at(ranking=["x", "a"], relevance={"a": 1}, k=1) == 0.0


def test_a_document_ranks_where_its_best_passage_does():
    assert best_first(documents=["b", "a", "b", "c", "a"]) == ["b", "a", "c"]


def test_means_are_over_questions():
    rows = [RankingScores(1.0, 0.5, 1.0), RankingScores(0.0, 0.5, 0.5)]
    assert mean_scores(scores=rows) == RankingScores(0.5, 0.5, 0.75)
    assert mean_scores(scores=[]) == RankingScores(0.0, 0.0, 0.0)


def test_measures_agree_with_trec_eval():
    dice = random.Random(7)
    for _ in range(30):
        documents = [f"d{number}" for number in range(25)]
        relevance = {document: dice.choice([0, 1, 1, 2]) for document in dice.sample(documents, 6)} | {"d0": 1}
        ranking = dice.sample(documents, 20)

        ours = score_ranking(ranking=ranking, relevance=relevance)

        run = [ir_measures.ScoredDoc("q", document, -rank) for rank, document in enumerate(ranking)]
        qrels = [ir_measures.Qrel("q", document, grade) for document, grade in relevance.items()]
        theirs = ir_measures.calc_aggregate(
            [ir_measures.nDCG @ 10, ir_measures.R @ 10, ir_measures.RR @ 10], qrels, run
        )
        assert ours.ndcg == pytest.approx(theirs[ir_measures.nDCG @ 10])
        assert ours.recall == pytest.approx(theirs[ir_measures.R @ 10])
        assert ours.reciprocal_rank == pytest.approx(theirs[ir_measures.RR @ 10])


def test_equal_runs_do_not_differ():
    run = {f"q{number}": number / 10 for number in range(10)}
    comparison = compare_paired(first=run, second=run, resamples=500)
    assert (comparison.difference, comparison.low, comparison.high, comparison.p_value) == (0, 0, 0, 1)


def test_a_run_better_on_every_question_is_better():
    worse = {f"q{number}": number / 100 for number in range(40)}
    better = {key: value + 0.1 + (0.01 if int(key[1:]) % 2 else 0.0) for key, value in worse.items()}

    comparison = compare_paired(first=better, second=worse, resamples=2000)

    assert comparison.difference == pytest.approx(0.105)
    assert 0.1 <= comparison.low <= comparison.high <= 0.11
    assert comparison.p_value < 0.01


def test_one_lucky_question_is_no_proof():
    first = {f"q{number}": 0.5 for number in range(30)} | {"q0": 1.0}
    second = dict.fromkeys(first, 0.5)
    assert compare_paired(first=first, second=second, resamples=2000).p_value > 0.1


def test_only_shared_questions_are_compared():
    assert compare_paired(first={"a": 1.0, "b": 0.0}, second={"a": 0.0, "c": 1.0}, resamples=10).questions == 1
    with pytest.raises(NothingToCompare):
        compare_paired(first={"a": 1.0}, second={"b": 1.0})


def test_the_same_questions_give_the_same_interval():
    first, second = {"a": 1.0, "b": 0.2, "c": 0.4}, {"a": 0.1, "b": 0.3, "c": 0.4}
    assert compare_paired(first=first, second=second) == compare_paired(first=first, second=second)


def _write_set(folder, qrels="q1\td1\t1\n"):
    (folder / "corpus.jsonl").write_text('{"id": "d1", "title": "Leave", "text": "25 days", "tenant": "acme"}\n')
    (folder / "queries.jsonl").write_text('{"id": "q1", "text": "How many days?", "tenant": "acme"}\n')
    (folder / "qrels.tsv").write_text(qrels)


def test_a_question_set_is_read_with_its_judgements(tmp_path):
    _write_set(tmp_path)
    questions = load_question_set(folder=tmp_path)
    assert questions.groups == ("acme",)
    assert questions.documents[0].title == "Leave"
    assert questions.questions[0].relevance == {"d1": 1}
    assert questions.ingest is None


def test_a_question_without_a_relevant_document_is_left_out(tmp_path):
    _write_set(tmp_path, qrels="q1\td1\t0\n")
    assert load_question_set(folder=tmp_path).questions == ()


def test_a_broken_line_is_named(tmp_path):
    _write_set(tmp_path, qrels="q1\td1\t1\nq1 d2 1\n")
    with pytest.raises(QuestionSetInvalid, match=r"qrels\.tsv, line 2"):
        load_question_set(folder=tmp_path)
    with pytest.raises(QuestionSetInvalid, match=r"qrels\.tsv"):
        load_question_set(folder=tmp_path / "nowhere")
