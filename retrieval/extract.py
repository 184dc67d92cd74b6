"""Answer by quoting: the sentences of the best passages that speak about the question, verbatim, with their places."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from retrieval.coverage import coverage, terms_of
from retrieval.pieces import pieces_of
from retrieval.sentences import Span
from retrieval.sparse import SparseVector

# Sentences in an answer, and passages they may come from. Measured as token F1 against reference answers of 250
# handbook and 300 encyclopedia questions: .417 and .504; three passages .412 and .502; one sentence .32 and .38.
# Ranking sentences by their embeddings gives .385 and .515, at 25 to 75 ms a question: not worth its time.
MAX_SENTENCES = 3
MAX_PASSAGES = 2

# A further sentence must reach this share of the best one's score.
MIN_RELATIVE_SCORE = 0.7

# How much the passage's fused score counts beside the sentence's own coverage (both 0 to 1): a sentence of the best
# passage that shares no word with the question beats one of a mediocre passage that shares some.
_PASSAGE_WEIGHT = 3.0

# Very short sentences rarely answer; the bonus is full from here on.
_LENGTH_BONUS = 0.2
_FULL_LENGTH_CHARS = 200

# A question for a number prefers sentences that hold one.
_NUMBER_BONUS = 0.15
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|often|far|old|soon|early|late)\b"
    r"|\b(?:what|which) (?:amount|rate|percentage|limit|number)\b",
    re.I,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|half|unlimited|never)\b",
    re.I,
)


@dataclasses.dataclass(frozen=True)
class Source:
    """A passage to quote from. ``fused`` is its fused score; ``header`` its title and headings, not quotable."""

    text: str
    header: str
    fused: float


@dataclasses.dataclass(frozen=True)
class Quote:
    """Verbatim text: ``sources[source].text[start:end] == text``."""

    source: int
    start: int
    end: int
    text: str


@dataclasses.dataclass(frozen=True)
class _Candidate:
    source: int
    quote: Span
    score: float


def extract_quotes(
    *,
    question: str,
    weighted_query: SparseVector,
    sources: Sequence[Source],
    max_sentences: int = MAX_SENTENCES,
) -> tuple[Quote, ...]:
    """Up to ``max_sentences`` quotes that answer best, the best source first, in reading order within a source.

    Neighbouring sentences become one quote; a list's introduction takes its items along, an item or table row its
    introduction or header row. Costs about 2 ms and no embedding. Empty only when no source has visible text.

    :param weighted_query: the question's terms with IDF weights; without terms the passages' own order decides.
    :param sources: passages in rank order.
    """
    asks_number = bool(_ASKS_NUMBER.search(question))
    candidates = [
        candidate
        for number, source in enumerate(sources[:MAX_PASSAGES])
        for candidate in _candidates(number, source, weighted_query, asks_number)
    ]
    picked = _pick(candidates, sources, max_sentences)
    order = list(dict.fromkeys(candidate.source for candidate in picked))
    quotes = (quote for number in order for quote in _merged(number, sources[number].text, picked))
    return tuple(quotes)


def _candidates(number: int, source: Source, query: SparseVector, asks_number: bool) -> Iterator[_Candidate]:
    for piece in pieces_of(text=source.text):
        own = terms_of(_slice(source.text, piece.quote if piece.is_lead else piece.span))
        context = terms_of(_slice(source.text, piece.context)) if piece.context else frozenset()
        covered = coverage(weighted_query=query, terms=own) + coverage(weighted_query=query, terms=own | context)
        text = _slice(source.text, piece.quote)
        score = covered / 2 + _PASSAGE_WEIGHT * source.fused
        score += _LENGTH_BONUS * min(1.0, len(text) / _FULL_LENGTH_CHARS)
        score += _NUMBER_BONUS if asks_number and _NUMBER.search(text) else 0.0
        yield _Candidate(source=number, quote=piece.quote, score=score)


def _pick(candidates: Sequence[_Candidate], sources: Sequence[Source], limit: int) -> list[_Candidate]:
    """The best candidates, without repetitions (overlapping passages hold the same sentence twice)."""
    ranked = sorted(candidates, key=lambda candidate: -candidate.score)
    picked: list[_Candidate] = []
    for candidate in ranked:
        if len(picked) == limit or candidate.score < MIN_RELATIVE_SCORE * ranked[0].score:
            break
        text = _slice(sources[candidate.source].text, candidate.quote)
        if not any(text in _slice(sources[other.source].text, other.quote) for other in picked):
            picked.append(candidate)
    return picked


def _merged(number: int, text: str, picked: Sequence[_Candidate]) -> Iterator[Quote]:
    """The quotes of one source; those that overlap or touch become one."""
    spans = sorted((c.quote for c in picked if c.source == number), key=lambda span: (span.start, span.end))
    start, end = spans[0].start, spans[0].end
    for span in spans[1:]:
        if text[end : span.start].strip():
            yield Quote(source=number, start=start, end=end, text=text[start:end])
            start, end = span.start, span.end
        end = max(end, span.end)
    yield Quote(source=number, start=start, end=end, text=text[start:end])


def _slice(text: str, span: Span) -> str:
    return text[span.start : span.end]
