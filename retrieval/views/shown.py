"""An answer as this person may see it today: the stored one, less what rests on documents they can no longer read.

The grammar is closed: plain sentences, list items and numbers that link to our own passage page. Templates print the
text escaped; nothing in it can become markup, a picture or a link.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse

from hr import attributes
from hr.access import Scope, key_of
from retrieval.models import Citation, Feedback, Query
from retrieval.services import confirming, sealed_parts
from retrieval.services.sealed_parts import SealedParts
from retrieval.standing import standings
from retrieval.tools import own_requests, team
from retrieval.tools.results import ToolResult
from retrieval.topics.texts import ApprovedText
from tenants import context

# Half-way between the threshold below which nothing is said and certainty.
_WELL_SUPPORTED_SHARE = 0.5
# Column names that documents.parsing.tables repeats in every row.
_MAX_LABEL_CHARS = 60
_ITEM = re.compile(r"^(?:[-*•]|\d{1,3}[.)])\s+")


@dataclass(frozen=True)
class Source:
    """A cited passage. `standing` says why its version is not in force today; empty while it is.

    `quote` is empty when the answer itself quotes the passage in full.
    """

    n: int
    title: str
    headings: tuple[str, ...]
    page: int | None
    quote: str
    href: str
    standing: str

    @property
    def place(self) -> tuple[object, ...]:
        """What a reader would call the same place of the same document."""
        return (self.title, self.headings, self.page, self.standing)


@dataclass(frozen=True)
class Place:
    """The passages of an answer that stand at one place of one document: one card below the answer. Never empty."""

    sources: tuple[Source, ...]

    @property
    def first(self) -> Source:
        return self.sources[0]


@dataclass(frozen=True)
class Line:
    """One line of a sentence; `cells` are column name (may be empty) and value when it is a row of a table."""

    text: str

    @property
    def cells(self) -> tuple[tuple[str, str], ...]:
        if " | " not in self.text:
            return ()
        return tuple(_cell(cell) for cell in self.text.split(" | "))


@dataclass(frozen=True)
class Sentence:
    """One sentence with the sources that back it."""

    text: str
    sources: tuple[Source, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """More than one for a quoted table, list or run of paragraphs."""
        return tuple(Line(line.strip()) for line in self.text.split("\n") if line.strip())


@dataclass(frozen=True)
class Paragraph:
    """Sentences that are read together. `is_item` makes it an item of a list."""

    sentences: tuple[Sentence, ...]
    is_item: bool = False

    @property
    def is_withheld(self) -> bool:
        return not self.sentences


@dataclass(frozen=True)
class RecordPart:
    """What came from the asker's own record. `is_open`: its proposal still waits for their click."""

    result: ToolResult
    is_open: bool

    @property
    def is_denied(self) -> bool:
        return self.result.status == "denied"

    @property
    def is_proposal(self) -> bool:
        return self.result.status == "proposed"

    @property
    def is_listed(self) -> bool:
        """The rows are what was asked for, not only its proof: they are shown at once."""
        return self.is_proposal or self.result.tool in (team.ABSENCES, own_requests.REQUESTS)


@dataclass(frozen=True)
class ShownAnswer:
    """One question with its answer, ready for the template."""

    query: Query
    anchor: str
    paragraphs: tuple[Paragraph, ...]
    sources: tuple[Place, ...]
    nearest: tuple[Place, ...]
    feedback: Feedback | None
    sealed: SealedParts | None = None
    parts: tuple[RecordPart, ...] = ()

    @property
    def question(self) -> str:
        """As it was asked. What was written about something sensitive is sealed, and gone with the person's key."""
        if self.query.outcome != Query.Outcome.SENSITIVE:
            return self.query.question
        return self.sealed.question if self.sealed and self.sealed.question else "Private message"

    @property
    def approved(self) -> ApprovedText | None:
        return self.sealed.approved if self.sealed else None

    @property
    def unanswered(self) -> str:
        """What the documents did not say of a question with two parts."""
        return self.sealed.unanswered if self.sealed else ""

    @property
    def is_unreadable(self) -> bool:
        """A part of it is sealed and cannot be opened at the moment, or ever again."""
        return self.sealed is not None and not self.sealed.is_readable

    @property
    def has_documents(self) -> bool:
        """Whether anything of it rests on documents."""
        return bool(self.paragraphs)

    @property
    def is_abstention(self) -> bool:
        return self.query.outcome == Query.Outcome.ABSTAINED

    @property
    def asked_back(self) -> dict[str, Any] | None:
        """{question, name, options: [{name, key, label}]} when the record does not say what decides."""
        stored = self.query.asked_back
        return {**stored, "question": attributes.QUESTIONS[stored["name"]]} if stored else None

    @property
    def other_day(self) -> date | None:
        """The day whose policies answered, when it was not the day of the question."""
        asked_on = context.local_today(self.query.asked_at)
        return self.query.as_of if self.query.as_of != asked_on else None

    @property
    def applies_to(self) -> str:
        """Such as `Germany, Full time`; empty when the cited policies are for everybody."""
        return ", ".join(attribute["label"] for attribute in self.query.applies)

    @property
    def asked_as(self) -> str:
        """The synthetic person of a question that HR tried, in words."""
        profile = self.query.profile
        if not profile:
            return ""
        labels = [
            attributes.attribute(name=name, key=key_of(profile[name])).label
            for name in attributes.NAMES
            if profile[name]
        ]
        return ", ".join(part for part in (profile["role"], profile["department"], *labels) if part)

    @property
    def is_quoted(self) -> bool:
        """Verbatim sentences of documents, rather than a language model's words."""
        return self.query.generator == "extractive"

    @property
    def is_whole(self) -> bool:
        """Nothing of it is withheld; how well it was supported says something only then."""
        return not any(paragraph.is_withheld for paragraph in self.paragraphs)

    @property
    def is_well_supported(self) -> bool:
        threshold = self.query.threshold
        return self.query.confidence >= threshold + (1 - threshold) * _WELL_SUPPORTED_SHARE

    @property
    def confidence_percent(self) -> int:
        return round(self.query.confidence * 100)

    @property
    def threshold_percent(self) -> int:
        return round(self.query.threshold * 100)


def show(*, queries: Iterable[Query], scope: Scope) -> list[ShownAnswer]:
    """The answers to `queries`, re-checked against what `scope` may read now. Two queries beside the given ones.

    Pass queries with `citations` prefetched, `feedback` and `record__subject_key` selected.
    """
    queries = list(queries)
    sealed = {query.pk: sealed_parts.opened(query) for query in queries}
    results = [result for parts in sealed.values() if parts for result in parts.results]
    proposals = [UUID(result.proposal_id) for result in results if result.proposal_id]
    waiting = confirming.open_among(ids=proposals, employee_id=scope.employee_id)
    cited = {citation.version_id for query in queries for citation in query.citations.all()}
    standing = standings(version_ids=cited, scope=scope) if cited else {}
    return [
        replace(
            _show_one(query, standing),
            sealed=sealed[query.pk],
            parts=tuple(
                RecordPart(result=result, is_open=result.proposal_id in waiting)
                for result in _results(sealed[query.pk])
            ),
        )
        for query in queries
    ]


def headings_of(*, citation: Citation) -> tuple[str, ...]:
    """The heading path of a passage, less the document's own title."""
    path = tuple(part for part in citation.heading.split(" > ") if part)
    return path[1:] if path and path[0].casefold() == citation.title.casefold() else path


def _cell(text: str) -> tuple[str, str]:
    label, colon, value = text.partition(": ")
    return (label, value) if colon and len(label) <= _MAX_LABEL_CHARS else ("", text)


def _show_one(query: Query, standing: dict[UUID, str]) -> ShownAnswer:
    citations = sorted(query.citations.all(), key=lambda citation: citation.n)
    readable = [citation for citation in citations if citation.version_id in standing]
    sources = {citation.n: _source(query, citation, standing=standing[citation.version_id]) for citation in readable}
    abstained = query.outcome == Query.Outcome.ABSTAINED
    backing = tuple(sources[citation.n] for citation in readable if citation.is_source)
    nearest = tuple(sources[citation.n] for citation in readable if not citation.is_source)
    return ShownAnswer(
        query=query,
        anchor=f"a-{query.pk}",
        paragraphs=() if abstained else tuple(_paragraphs(query, sources)),
        sources=() if abstained else _places(backing),
        nearest=_places(nearest or (backing if abstained else ())),
        feedback=getattr(query, "feedback", None),
    )


def _results(parts: SealedParts | None) -> tuple[ToolResult, ...]:
    return parts.results if parts else ()


def _places(sources: Sequence[Source]) -> tuple[Place, ...]:
    """One card per place; a passage whose quote is shown keeps a card of its own."""
    cards: dict[object, list[Source]] = {}
    for source in sources:
        cards.setdefault(source.n if source.quote else source.place, []).append(source)
    return tuple(Place(sources=tuple(card)) for card in cards.values())


def _source(query: Query, citation: Citation, *, standing: str) -> Source:
    return Source(
        n=citation.n,
        title=citation.title,
        headings=headings_of(citation=citation),
        page=citation.page,
        quote="" if citation.is_source and _is_in_answer(citation.quote, query) else citation.quote,
        href=reverse("passage", kwargs={"query_id": query.pk, "n": citation.n}) + "#cited",
        standing=standing,
    )


def _is_in_answer(quote: str, query: Query) -> bool:
    return any(quote.strip() == stored.get("text", "").strip() for stored in query.sentences)


def _paragraphs(query: Query, sources: dict[int, Source]) -> list[Paragraph]:
    paragraphs: list[Paragraph] = []
    flowing: list[Sentence] = []

    def close() -> None:
        if flowing:
            paragraphs.append(Paragraph(sentences=tuple(flowing)))
            flowing.clear()

    for stored in query.sentences:
        backing = tuple(sources[n] for n in stored.get("citations", ()) if n in sources)
        if not backing:
            # Also a sentence that names no source at all: it cannot be told which document it came from.
            close()
            if not (paragraphs and paragraphs[-1].is_withheld):
                paragraphs.append(Paragraph(sentences=()))
            continue
        text = stored.get("text", "").strip()
        sentence = Sentence(text=text, sources=backing)
        if "\n" in text:
            close()
            paragraphs.append(Paragraph(sentences=(sentence,)))
        elif _ITEM.match(text) or " | " in text:
            close()
            item = Sentence(text=_ITEM.sub("", text), sources=backing)
            paragraphs.append(Paragraph(sentences=(item,), is_item=True))
        elif query.generator == "extractive" and flowing and not _same_place(flowing[-1].sources, backing):
            # Quotes from different places do not read as one paragraph.
            close()
            flowing.append(sentence)
        else:
            flowing.append(sentence)
    close()
    return paragraphs


def _same_place(left: Sequence[Source], right: Sequence[Source]) -> bool:
    return {source.n for source in left} == {source.n for source in right}
