"""One ranking from two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.fusion import FusedHit, fuse

SCORES = st.dictionaries(st.integers(0, 20), st.floats(0, 1), max_size=8)


def test_score_is_the_weighted_sum_of_cosine_and_share_of_the_bm25_ceiling():
    hits = fuse(dense={"a": 0.5, "b": 0.8}, sparse={"a": 6.0, "b": 1.0}, sparse_ceiling=10.0, dense_weight=0.7)

    # a: 0.7 * 0.5 + 0.3 * 6 / 10 = 0.53; b: 0.7 * 0.8 + 0.3 * 1 / 10 = 0.59
    assert [hit.id for hit in hits] == ["b", "a"]
    assert [hit.score for hit in hits] == pytest.approx([0.59, 0.53])


def test_raw_scores_stay_beside_the_fused_one():
    (hit,) = fuse(dense={"a": 0.5}, sparse={"a": 2.0}, sparse_ceiling=4.0, dense_weight=0.5)
    assert hit == FusedHit(id="a", score=pytest.approx(0.5), dense=0.5, sparse=2.0)


def test_a_passage_without_a_cosine_counts_as_the_lowest_one_given():
    hits = fuse(dense={"a": 0.6, "b": 0.4}, sparse={"c": 5.0}, sparse_ceiling=10.0, dense_weight=0.5)

    # a: .5 * .6 = .30; b: .5 * .4 = .20; c: .5 * .4 + .5 * .5 = .45
    assert [(hit.id, hit.score) for hit in hits] == [
        ("c", pytest.approx(0.45)),
        ("a", pytest.approx(0.30)),
        ("b", pytest.approx(0.20)),
    ]
    assert hits[0].dense is None
    assert hits[1].sparse is None


def test_a_question_without_terms_is_ranked_by_cosine():
    hits = fuse(dense={"a": 0.1, "b": 0.9}, sparse={}, sparse_ceiling=0.0)
    assert [hit.id for hit in hits] == ["b", "a"]


def test_words_alone_still_rank_when_the_vector_side_is_down():
    hits = fuse(dense={}, sparse={"a": 1.0, "b": 3.0}, sparse_ceiling=4.0)
    assert [hit.id for hit in hits] == ["b", "a"]


def test_without_a_ceiling_the_best_bm25_score_takes_its_place():
    with_best = fuse(dense={"a": 0.2, "b": 0.1}, sparse={"a": 1.0, "b": 4.0}, sparse_ceiling=4.0)
    assert fuse(dense={"a": 0.2, "b": 0.1}, sparse={"a": 1.0, "b": 4.0}) == with_best


def test_equal_scores_are_ordered_by_id():
    assert [hit.id for hit in fuse(dense={"b": 0.5, "a": 0.5}, sparse={}, sparse_ceiling=1.0)] == ["a", "b"]


def test_nothing_found_is_an_empty_ranking():
    assert fuse(dense={}, sparse={}, sparse_ceiling=3.0) == []


@given(dense=SCORES, sparse=SCORES)
def test_every_passage_is_ranked_once_and_scores_fall(dense, sparse):
    hits = fuse(dense=dense, sparse=sparse, sparse_ceiling=1.0)

    assert sorted(hit.id for hit in hits) == sorted(dense.keys() | sparse.keys())
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@given(dense=SCORES, sparse=SCORES)
def test_a_higher_raw_score_never_lowers_a_rank(dense, sparse):
    if not dense:
        return
    best = max(dense)
    before = [hit.id for hit in fuse(dense=dense, sparse=sparse, sparse_ceiling=1.0)].index(best)

    raised = [hit.id for hit in fuse(dense={**dense, best: 2.0}, sparse=sparse, sparse_ceiling=1.0)].index(best)

    assert raised <= before or min(dense.values()) == dense[best]
