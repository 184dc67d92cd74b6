"""How sure it is, from 0 to 1, that the passages found answer the question; below a threshold the product abstains.

A logistic model of three signals, fitted once, offline; the coefficients are constants and the function is pure.
Meaning and words are both asked: cosine alone lets "right topic, other question" through, words alone miss
paraphrases.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from retrieval.amounts import asked_amount
from retrieval.coverage import coverage, terms_of
from retrieval.extract import Quote
from retrieval.pieces import pieces_of
from retrieval.sparse import SparseVector

# Fitted on half of the shared sets of questions (hrfaq_dev, contoso, policyqa_dev, clapnq with the default model;
# answerable against unanswerable, off-topic, and questions whose answering page was taken out), each set weighing the
# same. The intercept is then moved so that 0.5 is the operating point below. On the other half, AUROC against
# off-topic questions is .999 (HR FAQ), 1.000 (handbook), .995 (policies), .998 (encyclopedia); against unanswerable
# ones .912 (handbook), .893 (encyclopedia); against "answer's page taken out" only .54 to .64. At 0.5: 94, 100, 77
# and 100 % of good answers kept; 2, 3, 0 and 15 % of off-topic and 55 and 88 % of unanswerable questions let through.
# At 0.69: 98 % and 97 % of good handbook and encyclopedia answers kept, 35 and 60 % let through.
_INTERCEPT = -1.90
_COSINE = 3.95
_SENTENCE_COVERAGE = 0.72
_MARGIN = 1.90

# The same with words alone, for the time a vector store is down: 97 % of good HR and handbook answers kept, 11 % of
# off-topic questions let through.
_LEXICAL_INTERCEPT = -1.00
_LEXICAL_SENTENCE_COVERAGE = 3.11

# How well the quotes must speak about the question themselves: at _SUPPORT_EVEN they are as likely beside the point as
# not. Set on two demo handbooks and 250 handbook questions: all 46 and 97 % of the answers stay, of 45 unanswerable
# questions 15 pass where the passages alone let 22 through.
_SUPPORT_COVERAGE = 0.4
_SUPPORT_EVEN = 0.715
_SUPPORT_STEEPNESS = 8.0
# Taken off when the question asks for an amount of some unit and no quote holds one.
_MISSING_AMOUNT = 0.15

# Passages whose cosine and fused score count, and those whose sentences are read (0.3 ms each).
_PASSAGES = 5
_READ_PASSAGES = 3


@dataclasses.dataclass(frozen=True)
class Evidence:
    """A passage found, in rank order. ``dense`` is the raw cosine, None when the vector side was down."""

    text: str
    header: str
    dense: float | None
    fused: float


@dataclasses.dataclass(frozen=True)
class Signals:
    """What confidence looks at, each about 0 to 1.

    ``cosine``: best cosine of the first passages. ``sentence_coverage``: best share of the question's weight that one
    sentence with its context and headings holds. ``margin``: how far the first passage stands above the last of five.
    """

    cosine: float | None
    sentence_coverage: float
    margin: float


def confidence(*, weighted_query: SparseVector, evidence: Sequence[Evidence]) -> float:
    """Confidence in [0, 1]; 0 without evidence. Higher cosine, coverage or margin never lowers it.

    :param weighted_query: the question's terms with IDF weights (``sparse.weigh_query``); may be empty.
    :param evidence: the passages found, in rank order; the first five count.
    """
    if not evidence:
        return 0.0
    return confidence_of_signals(signals=measure_signals(weighted_query=weighted_query, evidence=evidence))


def confidence_of_signals(*, signals: Signals) -> float:
    """The logistic model; with words alone when there is no cosine."""
    if signals.cosine is None:
        return _logistic(_LEXICAL_INTERCEPT + _LEXICAL_SENTENCE_COVERAGE * signals.sentence_coverage)
    return _logistic(
        _INTERCEPT
        + _COSINE * signals.cosine
        + _SENTENCE_COVERAGE * signals.sentence_coverage
        + _MARGIN * signals.margin
    )


def support(*, question: str, quotes: Sequence[Quote]) -> float:
    """How sure it is, from 0 to 1, that the quotes themselves speak about the question; the best one counts.

    A passage may be on the topic while its sentences answer something else. 1 when meaning was not compared.
    """
    if not quotes:
        return 0.0
    measured = [quote.cosine + _SUPPORT_COVERAGE * quote.coverage for quote in quotes if quote.cosine is not None]
    if not measured:
        return 1.0
    best = max(measured)
    amount = asked_amount(question)
    if amount is not None and amount.unit is not None and not any(amount.is_in(quote.text) for quote in quotes):
        best -= _MISSING_AMOUNT
    return _logistic(_SUPPORT_STEEPNESS * (best - _SUPPORT_EVEN))


def measure_signals(*, weighted_query: SparseVector, evidence: Sequence[Evidence]) -> Signals:
    """The signals of a search result; all zero without evidence. Reads three passages, about 1 ms."""
    first = evidence[:_PASSAGES]
    cosines = [passage.dense for passage in first if passage.dense is not None]
    covered = (_best_sentence(weighted_query, passage) for passage in first[:_READ_PASSAGES])
    return Signals(
        cosine=max(cosines) if cosines else None,
        sentence_coverage=max(covered, default=0.0),
        margin=first[0].fused - first[-1].fused if first else 0.0,
    )


def _best_sentence(query: SparseVector, passage: Evidence) -> float:
    header = terms_of(passage.header)
    best = 0.0
    for piece in pieces_of(text=passage.text):
        spans = (piece.span, piece.context) if piece.context else (piece.span,)
        terms = header.union(*(terms_of(passage.text[span.start : span.end]) for span in spans))
        best = max(best, coverage(weighted_query=query, terms=terms))
    return best


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value))
