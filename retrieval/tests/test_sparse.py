"""BM25 as sparse vectors."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.sparse import (
    AVERAGE_TERMS,
    BM25_B,
    BM25_K,
    SparseVector,
    ceiling,
    dot,
    encode_passage_sparse,
    encode_query_sparse,
    inverse_document_frequency,
    weigh_query,
)


def test_forms_of_a_word_share_a_term():
    assert encode_query_sparse("employees").indices == encode_query_sparse("Employee").indices


def test_stop_words_and_signs_are_no_terms():
    assert encode_query_sparse("what is the, of?!") == SparseVector(indices=(), values=())


def test_words_that_only_ask_are_no_terms():
    assert encode_query_sparse("How many days of leave do I get?") == encode_query_sparse("days leave")


def test_accents_do_not_matter():
    assert encode_query_sparse("résumé").indices == encode_query_sparse("resume").indices


def test_a_question_counts_each_term_once():
    assert encode_query_sparse("leave leave leave").values == (1.0,)


def test_passage_weight_is_bm25_term_frequency():
    vector = encode_passage_sparse("salary salary bonus")

    length = 1 - BM25_B + BM25_B * 3 / AVERAGE_TERMS
    twice = 2 * (BM25_K + 1) / (2 + BM25_K * length)
    once = 1 * (BM25_K + 1) / (1 + BM25_K * length)
    assert sorted(vector.values) == pytest.approx([once, twice], rel=1e-5)


def test_indices_fit_a_signed_32_bit_integer_and_ascend():
    vector = encode_passage_sparse("Parental leave is granted to every employee for twenty weeks at full salary.")
    assert list(vector.indices) == sorted(set(vector.indices))
    assert vector.indices[0] >= 0 and vector.indices[-1] < 2**31


def test_idf_is_qdrants_formula():
    # ln((10 - 1 + .5) / (1 + .5) + 1) = ln(7.333...)
    assert inverse_document_frequency(passages=10, containing=1) == pytest.approx(math.log(9.5 / 1.5 + 1))
    assert inverse_document_frequency(passages=10, containing=10) == pytest.approx(math.log(0.5 / 10.5 + 1))


@given(passages=st.integers(0, 10_000), data=st.data())
def test_idf_is_never_negative_and_falls_with_frequency(passages, data):
    first, second = sorted((data.draw(st.integers(0, passages)), data.draw(st.integers(0, passages))))
    rare = inverse_document_frequency(passages=passages, containing=first)
    common = inverse_document_frequency(passages=passages, containing=second)
    assert rare >= common > 0


def test_bm25_score_is_the_dot_product_with_the_weighted_question():
    query = SparseVector(indices=(1, 2, 3), values=(1.0, 1.0, 1.0))
    weighted = weigh_query(query=query, document_frequencies={1: 1, 2: 4}, passages=4)
    passage = SparseVector(indices=(2, 3, 9), values=(0.5, 2.0, 7.0))

    # Term 1 is not in the passage, term 9 not in the question; term 3 is in no other passage: highest IDF.
    expected = 0.5 * math.log(0.5 / 4.5 + 1) + 2.0 * math.log(4.5 / 0.5 + 1)
    assert dot(query=weighted, passage=passage) == pytest.approx(expected)
    assert ceiling(weighted_query=weighted) == pytest.approx(sum(weighted.values))


@given(st.text(max_size=300))
def test_any_text_has_a_vector(text):
    passage, query = encode_passage_sparse(text), encode_query_sparse(text)
    assert set(query.indices) <= set(passage.indices)
    assert all(value > 0 for value in passage.values)
