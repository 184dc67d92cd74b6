"""Answer by quoting: the sentences of the best passages that speak about the question, verbatim, with their places."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Hashable, Iterator, Sequence

from retrieval.amounts import Amount, asked_amount
from retrieval.coverage import coverage, terms_of
from retrieval.pieces import MAX_ROWS, Piece, pieces_of
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

_WORD = re.compile(r"\w+")


@dataclasses.dataclass(frozen=True)
class Source:
    """A passage to quote from. ``fused`` is its fused score; ``header`` its title and headings, not quotable.

    ``origin`` names the text that the passage is cut from and ``start`` its offset there, so that two overlapping
    passages do not give the same characters twice; None when that is not known.
    """

    text: str
    header: str
    fused: float
    origin: Hashable = None
    start: int = 0


@dataclasses.dataclass(frozen=True)
class Quote:
    """Verbatim text: ``sources[source].text[start:end] == text``.

    ``cosine`` is its likeness to the question, None when meaning was not compared; ``coverage``, 0 to 1, the share of
    the question's weight that it holds together with its headings.
    """

    source: int
    start: int
    end: int
    text: str
    cosine: float | None = None
    coverage: float = 0.0


@dataclasses.dataclass(frozen=True)
class _Candidate:
    """A piece of a source. ``coverage`` and ``length`` are 0 to 1.

    ``score`` decides what is picked, first by words alone; ``cosine`` what is said first, 0 while unknown.
    ``is_block`` marks an introduction, item or row, which a plain sentence beside it does not join; ``heading`` is the
    heading line above it in the passage.
    """

    source: int
    quote: Span
    fused: float
    coverage: float
    length: float
    bonus: float
    score: float
    cosine: float = 0.0
    is_block: bool = False
    is_row: bool = False
    heading: str = ""


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
    amount = asked_amount(question)
    limits = CANDIDATES_BY_PASSAGE if similarities else (None,) * _PASSAGES_BY_WORDS
    candidates: list[_Candidate] = []
    for number, (source, limit) in enumerate(zip(sources, limits, strict=False)):
        found = _candidates(number, source, weighted_query, amount)
        candidates += sorted(found, key=lambda candidate: -candidate.score)[:limit]
    if similarities and candidates:
        candidates = _by_meaning(candidates, sources, similarities)
    picked = _pick(candidates, sources, max_sentences)
    # Picked by passage and sentence together, told by sentence: the plainest answer comes first.
    told = sorted(picked, key=lambda candidate: -candidate.cosine - candidate.bonus)
    order = list(dict.fromkeys(candidate.source for candidate in told))
    quotes = (quote for number in order for quote in _merged(number, sources[number].text, picked))
    return tuple(_measured(quote, sources[quote.source], picked, weighted_query, similarities) for quote in quotes)


def _candidates(number: int, source: Source, query: SparseVector, amount: Amount | None) -> Iterator[_Candidate]:
    pieces = pieces_of(text=source.text)
    # A heading says nothing by itself; it is quoted only from a passage that holds nothing else.
    heads = {p.span for p in pieces if p.is_title or source.text[p.span.end - 1] == "?"}
    sayable = {piece.span for piece in pieces} - heads - _cut_off(source.text, pieces)
    heading = ""
    for piece in pieces:
        if piece.span in heads:
            heading = _slice(source.text, piece.span)
        if sayable and piece.span not in sayable:
            continue
        own = terms_of(_slice(source.text, piece.quote if piece.is_lead else piece.span))
        context = terms_of(_slice(source.text, piece.context)) if piece.context else frozenset()
        covered = coverage(weighted_query=query, terms=own) + coverage(weighted_query=query, terms=own | context)
        text = _slice(source.text, piece.quote)
        length = min(1.0, len(text) / _FULL_LENGTH_CHARS)
        bonus = amount.bonus(text) if amount else 0.0
        yield _Candidate(
            source=number,
            quote=piece.quote,
            fused=source.fused,
            coverage=covered / 2,
            length=length,
            bonus=bonus,
            score=covered / 2 + _PASSAGE_WEIGHT * source.fused + _LENGTH_BONUS * length + bonus,
            is_block=piece.is_lead or piece.is_row or piece.quote.start < piece.span.start,
            is_row=piece.is_row,
            heading=heading,
        )


def _cut_off(text: str, pieces: Sequence[Piece]) -> set[Span]:
    """Items without a mark at the passage's beginning: their introduction stands in the passage before."""
    found: set[Span] = set()
    for piece in pieces:
        words = _slice(text, piece.span)
        if not words[0].islower() or words[-1] in ".!?:" or piece.is_row:
            break
        found.add(piece.span)
    return found


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
    """The best candidates, without repetitions (overlapping passages hold the same sentence twice), one row a table."""
    ranked = sorted(candidates, key=lambda candidate: -candidate.score)
    picked: list[_Candidate] = []
    for candidate in ranked:
        if len(picked) == limit or candidate.score < MIN_RELATIVE_SCORE * ranked[0].score:
            break
        rows = [other.source for other in picked if other.is_row]
        if candidate.is_row and (len(rows) == MAX_ROWS or candidate.source in rows):
            continue
        if not any(_repeats(candidate, other, sources) for other in picked):
            picked.append(candidate)
    return picked


def _repeats(candidate: _Candidate, other: _Candidate, sources: Sequence[Source]) -> bool:
    """Whether one says what the other says: the same characters of a text, or the same words elsewhere."""
    source, beside = sources[candidate.source], sources[other.source]
    if candidate.source != other.source and source.origin is not None and source.origin == beside.origin:
        start, end = source.start + candidate.quote.start, source.start + candidate.quote.end
        if start < beside.start + other.quote.end and beside.start + other.quote.start < end:
            return True
    words, known = words_of(_slice(source.text, candidate.quote)), words_of(_slice(beside.text, other.quote))
    return words in known or (candidate.source != other.source and known in words)


def words_of(text: str) -> str:
    """The words of a text, lower case, between single spaces: equal for texts that differ in layout only."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def _merged(number: int, text: str, picked: Sequence[_Candidate]) -> Iterator[Quote]:
    """The quotes of one source. Overlapping ones become one, and neighbours of one paragraph or one list."""
    own = sorted((c for c in picked if c.source == number), key=lambda c: (c.quote.start, c.quote.end))
    start, end, is_block = own[0].quote.start, own[0].quote.end, own[0].is_block
    for candidate in own[1:]:
        span = candidate.quote
        gap = text[end : span.start]
        if span.start >= end and (gap.strip() or ("\n" in gap and not (is_block and candidate.is_block))):
            yield Quote(source=number, start=start, end=end, text=text[start:end])
            start, end = span.start, span.end
        end, is_block = max(end, span.end), candidate.is_block
    yield Quote(source=number, start=start, end=end, text=text[start:end])


def _measured(
    quote: Quote,
    source: Source,
    picked: Sequence[_Candidate],
    query: SparseVector,
    similarities: Similarities | None,
) -> Quote:
    """The quote with how well it speaks about the question."""
    own = [c for c in picked if c.source == quote.source and quote.start <= c.quote.start < quote.end]
    headings = " ".join(c.heading for c in own)
    terms = terms_of(f"{source.header} {headings} {quote.text}")
    return dataclasses.replace(
        quote,
        cosine=max(c.cosine for c in own) if similarities else None,
        coverage=coverage(weighted_query=query, terms=terms),
    )


def _slice(text: str, span: Span) -> str:
    return text[span.start : span.end]
