"""Confidence: a pure function of scores and words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.confidence import Evidence, Signals, confidence, confidence_of_signals, measure_signals, support
from retrieval.coverage import coverage, terms_of
from retrieval.extract import Quote
from retrieval.sparse import SparseVector, encode_query_sparse

NO_TERMS = SparseVector(indices=(), values=())
SHARES = st.floats(0, 1)


def evidence(text="You get twenty weeks of parental leave.", *, dense=0.7, fused=0.6, header="") -> Evidence:
    return Evidence(text=text, header=header, dense=dense, fused=fused)


def asked(question: str) -> SparseVector:
    return encode_query_sparse(question)


def test_coverage_is_the_share_of_the_weight_of_the_terms_found():
    query = SparseVector(indices=(1, 2), values=(3.0, 1.0))
    assert coverage(weighted_query=query, terms={1, 7}) == pytest.approx(0.75)
    assert coverage(weighted_query=query, terms=set()) == 0.0
    assert coverage(weighted_query=NO_TERMS, terms={1}) == 0.0


def test_words_are_compared_by_stem():
    assert terms_of("employee leaves") == terms_of("Employees leave!")


def test_signals_come_from_the_best_passage_and_sentence():
    signals = measure_signals(
        weighted_query=asked("parental leave"),
        evidence=[
            evidence("Leave is paid.", dense=0.4, fused=0.5),
            evidence("Parental leave lasts.", dense=0.6, fused=0.2),
        ],
    )
    assert signals.cosine == 0.6
    assert signals.sentence_coverage == 1.0
    assert signals.margin == pytest.approx(0.3)


def test_words_of_the_heading_count_for_its_sentences():
    without = measure_signals(weighted_query=asked("parental leave"), evidence=[evidence("It lasts 20 weeks.")])
    below = measure_signals(
        weighted_query=asked("parental leave"), evidence=[evidence("It lasts 20 weeks.", header="Parental leave")]
    )
    assert (without.sentence_coverage, below.sentence_coverage) == (0.0, 1.0)


def test_confidence_is_the_logistic_of_the_weighted_signals():
    value = confidence_of_signals(signals=Signals(cosine=0.5, sentence_coverage=0.5, margin=0.1))
    score = -1.90 + 3.95 * 0.5 + 0.72 * 0.5 + 1.90 * 0.1
    assert value == pytest.approx(1 / (1 + math.exp(-score)))


def test_nothing_found_is_no_confidence():
    assert confidence(weighted_query=asked("leave"), evidence=[]) == 0.0


def test_a_good_match_is_above_and_a_foreign_question_below_one_half():
    assert confidence(weighted_query=asked("How long is parental leave?"), evidence=[evidence()]) > 0.7
    assert confidence(weighted_query=asked("Who won the world cup?"), evidence=[evidence(dense=0.08, fused=0.06)]) < 0.3


def test_a_question_without_words_needs_a_very_close_passage():
    assert confidence(weighted_query=NO_TERMS, evidence=[evidence(dense=0.25, fused=0.2)]) < 0.5


def test_words_alone_decide_when_the_vector_side_is_down():
    passage = evidence(dense=None, fused=0.3)
    assert confidence(weighted_query=asked("weeks of parental leave"), evidence=[passage]) > 0.5
    assert confidence(weighted_query=asked("capital of Mongolia"), evidence=[passage]) < 0.5


@given(cosine=SHARES, sentence=SHARES, margin=SHARES, more=SHARES)
def test_stronger_signals_never_lower_confidence(cosine, sentence, margin, more):
    base = confidence_of_signals(signals=Signals(cosine, sentence, margin))

    assert 0.0 <= base <= 1.0
    assert confidence_of_signals(signals=Signals(cosine + more, sentence, margin)) >= base
    assert confidence_of_signals(signals=Signals(cosine, sentence + more, margin)) >= base
    assert confidence_of_signals(signals=Signals(cosine, sentence, margin + more)) >= base


@given(question=st.text(max_size=200), text=st.text(min_size=1, max_size=200), dense=st.floats(-1, 1))
def test_any_question_and_passage_has_a_confidence(question, text, dense):
    value = confidence(weighted_query=asked(question), evidence=[evidence(text, dense=dense, fused=dense)])
    assert 0.0 <= value <= 1.0


def _quote(cosine, coverage, text="Leave lasts twenty weeks."):
    return Quote(source=0, start=0, end=len(text), text=text, cosine=cosine, coverage=coverage)


def test_quotes_beside_the_question_support_no_answer():
    assert support(question="When does leave end?", quotes=[_quote(0.42, 0.3)]) < 0.3
    assert support(question="When does leave end?", quotes=[_quote(0.75, 1.0)]) > 0.9
    assert support(question="When does leave end?", quotes=[]) == 0.0


def test_the_best_quote_counts():
    quotes = [_quote(0.2, 0.0), _quote(0.7, 1.0)]
    assert support(question="When?", quotes=quotes) == support(question="When?", quotes=quotes[1:])


def test_an_amount_that_no_quote_holds_lowers_support():
    question = "How much money do I get?"
    without, with_one = _quote(0.5, 0.6, "It is paid in May."), _quote(0.5, 0.6, "It is EUR 500.")
    assert support(question=question, quotes=[without]) < support(question=question, quotes=[with_one])


def test_support_is_not_judged_when_meaning_was_not_compared():
    assert support(question="When?", quotes=[_quote(None, 0.0)]) == 1.0
