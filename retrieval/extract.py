"""Answer by quoting: the sentences of the best passages that speak about the question, verbatim, with their places."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence

from retrieval.coverage import coverage, terms_of
from retrieval.pieces import pieces_of
from retrieval.sentences import Span
from retrieval.sparse import SparseVector

Similarities = Callable[[Sequence[str]], Sequence[float]]

# Sentences in an answer. Measured as token F1 against reference answers of 250 handbook, 300 encyclopedia and 67 HR
# questions: three sentences .41, .50 and .35; one .32, .38 and .20.
MAX_SENTENCES = 3

# A further sentence must reach this share of the best one's score.
MIN_RELATIVE_SCORE = 0.7

# Candidates by words from the first, second and third passage. Only these are compared by meaning: six short texts cost
# one core about 20 ms, all sentences of the passages 100 ms and no better an answer. Of 38 questions on two demo
# handbooks the quotes then hold the answer of 37 (34 by words alone), at the same token F1.
CANDIDATES_BY_PASSAGE = (3, 2, 1)

# Passages read when nothing compares meaning; a third one only made measured answers worse.
_PASSAGES_BY_WORDS = 2

# Longer quotes are compared by their beginning, to bound the cost.
_COMPARED_CHARS = 200

# How much the passage's fused score counts beside the sentence's own coverage (both 0 to 1): a sentence of the best
# passage that shares no word with the question beats one of a mediocre passage that shares some.
_PASSAGE_WEIGHT = 3.0

# The same when meaning is compared too: the sentence's own cosine takes over part of it.
_PASSAGE_WEIGHT_WITH_MEANING = 2.0

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
    """A piece of a source. ``coverage`` and ``length`` are 0 to 1.

    ``score`` decides what is picked, first by words alone; ``cosine`` what is said first, 0 while unknown.
    """

    source: int
    quote: Span
    fused: float
    coverage: float
    length: float
    bonus: float
    score: float
    cosine: float = 0.0


def extract_quotes(
    *,
    question: str,
    weighted_query: SparseVector,
    sources: Sequence[Source],
    similarities: Similarities | None = None,
    max_sentences: int = MAX_SENTENCES,
) -> tuple[Quote, ...]:
    """Up to ``max_sentences`` quotes that answer best, the plainest answer first, in reading order within a source.

    Neighbouring sentences become one quote; a list's introduction takes its items along, an item or table row its
    introduction or header row. Empty only when no source has visible text. Costs about 1 ms and one call of
    ``similarities`` with at most six short texts.

    :param weighted_query: the question's terms with IDF weights; without terms the passages' own order decides.
    :param sources: passages in rank order; the first three count.
    :param similarities: cosines of texts to the question, in input order; None compares words only.
    """
    asks_number = bool(_ASKS_NUMBER.search(question))
    limits = CANDIDATES_BY_PASSAGE if similarities else (None,) * _PASSAGES_BY_WORDS
    candidates: list[_Candidate] = []
    for number, (source, limit) in enumerate(zip(sources, limits, strict=False)):
        found = _candidates(number, source, weighted_query, asks_number)
        candidates += sorted(found, key=lambda candidate: -candidate.score)[:limit]
    if similarities and candidates:
        candidates = _by_meaning(candidates, sources, similarities)
    picked = _pick(candidates, sources, max_sentences)
    # Picked by passage and sentence together, told by sentence: the plainest answer comes first.
    told = sorted(picked, key=lambda candidate: -candidate.cosine - candidate.bonus)
    order = list(dict.fromkeys(candidate.source for candidate in told))
    quotes = (quote for number in order for quote in _merged(number, sources[number].text, picked))
    return tuple(quotes)


def _candidates(number: int, source: Source, query: SparseVector, asks_number: bool) -> Iterator[_Candidate]:
    for piece in pieces_of(text=source.text):
        own = terms_of(_slice(source.text, piece.quote if piece.is_lead else piece.span))
        context = terms_of(_slice(source.text, piece.context)) if piece.context else frozenset()
        covered = coverage(weighted_query=query, terms=own) + coverage(weighted_query=query, terms=own | context)
        text = _slice(source.text, piece.quote)
        length = min(1.0, len(text) / _FULL_LENGTH_CHARS)
        bonus = _NUMBER_BONUS if asks_number and _NUMBER.search(text) else 0.0
        yield _Candidate(
            source=number,
            quote=piece.quote,
            fused=source.fused,
            coverage=covered / 2,
            length=length,
            bonus=bonus,
            score=covered / 2 + _PASSAGE_WEIGHT * source.fused + _LENGTH_BONUS * length + bonus,
        )


def _by_meaning(
    candidates: Sequence[_Candidate], sources: Sequence[Source], similarities: Similarities
) -> list[_Candidate]:
    """The candidates with scores that add the cosine to the question; words and length then count half."""
    texts = [_slice(sources[candidate.source].text, candidate.quote)[:_COMPARED_CHARS] for candidate in candidates]
    return [
        dataclasses.replace(
            candidate,
            cosine=float(cosine),
            score=float(cosine)
            + candidate.coverage / 2
            + _PASSAGE_WEIGHT_WITH_MEANING * candidate.fused
            + _LENGTH_BONUS / 2 * candidate.length
            + candidate.bonus,
        )
        for candidate, cosine in zip(candidates, similarities(texts), strict=True)
    ]


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
