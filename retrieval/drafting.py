"""Drafts of answers: from the passages alone, by quoting or by a language model that is checked."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from retrieval import generation, grounding, prompts
from retrieval.answers import AnswerSentence, CitedPassage, ScoredPassage, SearchResult
from retrieval.confidence import Evidence, Signals, confidence_of_signals, measure_signals, support
from retrieval.coverage import coverage, terms_of
from retrieval.encoders import get_encoder
from retrieval.extract import Source, extract_quotes, words_of
from retrieval.sparse import SparseVector

EXTRACTIVE = "extractive"
# Rounds in which a language model may look things up; a model that needs more goes in circles.
MAX_TOOL_ROUNDS = 3
# Nearest sources shown beside an abstention.
_NEAREST = 3
_QUOTE_CHARS = 400
# A passage that shares no word with the question is near it only from this cosine on.
_NEAREST_COSINE = 0.3


@dataclass(frozen=True)
class Draft:
    """An answer on its way. `generator` is empty while nobody has written it yet, `none` for an abstention.

    `support`, 0 to 1, says how well its quotes speak about the question; 1 when that was not measured.
    """

    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[CitedPassage, ...] = ()
    generator: str = ""
    fallback_reason: str = ""
    support: float = 1.0

    @property
    def is_decided(self) -> bool:
        return self.generator != ""

    def with_fallback(self, reason: str) -> "Draft":
        return replace(self, fallback_reason=reason)

    def only_from(self, version_ids: AbstractSet[UUID]) -> "Draft":
        """Without what rests on other versions. Numbers stay as they are."""
        kept = tuple(citation for citation in self.citations if citation.version_id in version_ids)
        numbers = {citation.n for citation in kept}
        sentences = tuple(s for s in self.sentences if set(s.citations) <= numbers)
        return replace(self, citations=kept, sentences=sentences)


def signals_of(*, result: SearchResult) -> Signals:
    """What is measured of how the best passages fit the question; all zero when there are none."""
    evidence = [
        Evidence(
            text=passage.text,
            header=_header(passage),
            dense=None if result.lexical_only else passage.scores.dense,
            fused=passage.scores.fused,
        )
        for passage in result.passages
    ]
    return measure_signals(weighted_query=result.weighted_query, evidence=evidence)


def confidence_of(*, result: SearchResult, signals: Signals) -> float:
    """How sure it is, in [0, 1], that the best passages answer the question. `signals` are those of the result."""
    return confidence_of_signals(signals=signals) if result.passages else 0.0


def extract(*, question: str, result: SearchResult) -> Draft:
    """The sentences of the best passages that speak about the question, quoted, each with its own citation."""
    passages = result.passages
    quotes = extract_quotes(
        question=question,
        weighted_query=result.weighted_query,
        similarities=lambda texts: (get_encoder().encode_passages(texts) @ result.question_vector).tolist(),
        sources=[
            Source(
                text=passage.text,
                header=_header(passage),
                fused=passage.scores.fused,
                origin=passage.version_id,
                start=passage.start,
            )
            for passage in passages
        ],
    )
    citations = tuple(
        cite(
            n,
            passages[quote.source],
            passages[quote.source].start + quote.start,
            passages[quote.source].start + quote.end,
        )
        for n, quote in enumerate(quotes, start=1)
    )
    sentences = tuple(AnswerSentence(text=citation.quote, citations=(citation.n,)) for citation in citations)
    supported = support(question=question, quotes=quotes)
    return Draft(sentences=sentences, citations=citations, generator=EXTRACTIVE, support=supported)


def covers(*, question: str, draft: Draft, result: SearchResult) -> float:
    """Share, 0 to 1, of the weight of `question` that the draft's quotes and their headings hold; 1 without terms.

    `result` is of a search for a text that ends with `question`, so that its weights cover the question's terms.
    """
    wanted = terms_of(question)
    pairs = zip(result.weighted_query.indices, result.weighted_query.values, strict=True)
    own = [(index, value) for index, value in pairs if index in wanted]
    if not own:
        return 1.0
    terms = terms_of(" ".join(f"{c.title} {c.heading} {c.quote}" for c in draft.citations))
    query = SparseVector(indices=tuple(index for index, _ in own), values=tuple(value for _, value in own))
    return coverage(weighted_query=query, terms=terms)


def without_repetitions(*, result: SearchResult) -> SearchResult:
    """The result without passages that say word for word what a better one says, in whichever document."""
    first: dict[str, ScoredPassage] = {}
    for passage in result.passages:
        first.setdefault(words_of(passage.text), passage)
    return result if len(first) == len(result.passages) else replace(result, passages=tuple(first.values()))


def _header(passage: ScoredPassage) -> str:
    return f"{passage.title} {passage.heading}"


@dataclass(frozen=True)
class Tools:
    """What a language model may look up: how the tools are told to it, and what runs one.

    `call` takes a name and arguments and returns what the model is told; it never raises for what a model writes.
    """

    offered: Sequence[Mapping[str, Any]]
    call: Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


def written_sentences(
    *,
    question: str,
    passages: Sequence[ScoredPassage],
    previous: str | None,
    tools: Tools | None = None,
    on_usage: Callable[[generation.Usage], None] = lambda usage: None,
) -> Iterator[AnswerSentence]:
    """The language model's sentences that its passages prove, as they come. `on_usage` is told what each round cost.

    It may call tools in at most MAX_TOOL_ROUNDS rounds; the last one is without them. What tools say is data for it
    and proves no sentence: the asker reads the results themselves.

    :raises generation.ModelUnavailable: before or between sentences.
    """
    prompt = prompts.current()
    messages: list[dict[str, Any]] = list(
        prompts.messages(prompt=prompt, question=question, passages=passages, previous=previous)
    )
    for left in range(MAX_TOOL_ROUNDS if tools else 0, -1, -1):
        reader, wanted = grounding.SentenceReader(), []
        for part in generation.stream_parts(messages=messages, tools=tools.offered if tools and left else ()):
            if isinstance(part, generation.WantedCall):
                wanted.append(part)
                continue
            if isinstance(part, generation.Usage):
                on_usage(part)
                continue
            for text, numbers in reader.feed(part):
                yield from _proven(text, numbers, passages)
        for text, numbers in reader.finish():
            yield from _proven(text, numbers, passages)
        if not wanted or tools is None:
            return
        messages += _round(wanted, tools)


def _round(wanted: Sequence[generation.WantedCall], tools: Tools) -> list[dict[str, Any]]:
    """What was wanted and what came of it, as messages."""
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in wanted
    ]
    said: list[dict[str, Any]] = [{"role": "assistant", "content": None, "tool_calls": calls}]
    for call in wanted:
        told = tools.call(call.name, _arguments_of(call))
        said.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(told, ensure_ascii=False)})
    return said


def _arguments_of(call: generation.WantedCall) -> Mapping[str, Any]:
    """The call's arguments; something that no tool takes when they are no JSON object."""
    try:
        arguments = json.loads(call.arguments or "{}")
    except ValueError:
        arguments = None
    return arguments if isinstance(arguments, dict) else {"": call.arguments}


def cited(*, sentences: Sequence[AnswerSentence], passages: Sequence[ScoredPassage], generator: str) -> Draft:
    """A draft whose numbers run from 1 in order of first use; each citation quotes its whole passage."""
    used = list(dict.fromkeys(number for sentence in sentences for number in sentence.citations))
    renumbered = {old: new for new, old in enumerate(used, start=1)}
    return Draft(
        sentences=tuple(
            replace(sentence, citations=tuple(renumbered[n] for n in sentence.citations)) for sentence in sentences
        ),
        citations=tuple(
            cite(renumbered[old], passages[old - 1], passages[old - 1].start, passages[old - 1].end) for old in used
        ),
        generator=generator,
    )


def nearest(passages: Sequence[ScoredPassage]) -> tuple[CitedPassage, ...]:
    """The sources that came closest, one a document, for an honest "the documents do not say"; none for gibberish."""
    by_document: dict[UUID, ScoredPassage] = {}
    for passage in passages:
        if passage.scores.dense < _NEAREST_COSINE and passage.scores.bm25 <= 0:
            continue
        by_document.setdefault(passage.document_id, passage)
    closest = list(by_document.values())[:_NEAREST]
    return tuple(
        cite(n, passage, passage.start, min(passage.end, passage.start + _QUOTE_CHARS))
        for n, passage in enumerate(closest, start=1)
    )


def cite(n: int, passage: ScoredPassage, start: int, end: int) -> CitedPassage:
    """Citation `n` of characters start..end (offsets into the version's text) of a passage."""
    return CitedPassage(
        n=n,
        chunk_id=passage.chunk_id,
        document_id=passage.document_id,
        version_id=passage.version_id,
        title=passage.title,
        heading=passage.heading,
        page=passage.page,
        quote=passage.text[start - passage.start : end - passage.start],
        start=start,
        end=end,
    )


def _proven(text: str, numbers: Sequence[int], passages: Sequence[ScoredPassage]) -> Iterator[AnswerSentence]:
    sentence = grounding.proven(text=text, numbers=numbers, passages=passages)
    if sentence is not None:
        yield sentence
