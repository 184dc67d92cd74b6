"""The values that search and answering hand to pages, API and commands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from hr.access import Profile
from hr.attributes import Attribute
from retrieval.fusion import FusedHit
from retrieval.sparse import SparseVector
from retrieval.tools.results import ToolResult
from retrieval.topics.texts import ApprovedText

Channel = Literal["page", "api", "command"]
Outcome = Literal["answered", "abstained", "asked_back", "sensitive", "denied"]


@dataclass(frozen=True)
class Scores:
    """What a passage scored. `dense` is the cosine in [-1, 1], `bm25` >= 0, `fused` decides the rank."""

    dense: float
    bm25: float
    fused: float


@dataclass(frozen=True)
class ScoredPassage:
    """A passage that this person may read, with its place in its document. `rank` counts from 1."""

    rank: int
    chunk_id: UUID
    document_id: UUID
    version_id: UUID
    external_id: str | None
    title: str
    heading: str
    page: int | None
    page_to: int | None
    text: str
    start: int
    end: int
    scores: Scores
    digest: str = ""


@dataclass(frozen=True)
class Considered:
    """Everything that a search looked at, best first, and how far each came.

    `ranked` are the ids that were handed on, `unreadable` those that PostgreSQL took out when their rows were loaded:
    gone, no longer in force or closed to the asker since the search began. `digests` are of the texts that were loaded.
    """

    hits: tuple[FusedHit[UUID], ...] = ()
    ranked: frozenset[UUID] = frozenset()
    unreadable: frozenset[UUID] = frozenset()
    digests: Mapping[UUID, str] = field(default_factory=dict)
    generation: int | None = None
    chunker: str = ""


@dataclass(frozen=True)
class SearchResult:
    """Passages in rank order, and how long each stage took. `lexical_only`: the vector side was down.

    `weighted_query` holds the question's terms with this company's IDF weights; `question_vector` is the question's
    embedding, float32, shape (dim,), L2-normalised.
    """

    passages: tuple[ScoredPassage, ...]
    weighted_query: SparseVector
    question_vector: NDArray[np.float32]
    embed_model: str
    timings_ms: Mapping[str, float]
    lexical_only: bool = False
    considered: Considered = field(default_factory=Considered)


@dataclass(frozen=True)
class CitedPassage:
    """Number `n` in an answer. `quote` is verbatim text of the version, at characters start..end of its stored text."""

    n: int
    chunk_id: UUID
    document_id: UUID
    version_id: UUID
    title: str
    heading: str
    page: int | None
    quote: str
    start: int
    end: int


@dataclass(frozen=True)
class AnswerSentence:
    """One sentence and the numbers of the passages that back it; never empty in an answer."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True)
class AskedBack:
    """What the asker's record does not say and the answer depends on, with the values that documents differ by."""

    name: str
    options: tuple[Attribute, ...]


@dataclass(frozen=True)
class Standpoint:
    """From where a question is asked, apart from who asks.

    `as_of`: the day whose policies count; None is today. `assumed`: attributes (country, site, employment_type) that
    the asker's record lacks, as chosen for this question. `profile`: the synthetic person as whom HR asks.
    `documents_only`: no record is read, as when an operator tries a question with somebody's rights.
    """

    as_of: date | None = None
    assumed: Mapping[str, str] = field(default_factory=dict)
    profile: Profile | None = None
    documents_only: bool = False


@dataclass(frozen=True)
class Contact:
    """Whom to ask when the documents do not say. Both may be empty."""

    name: str
    email: str


@dataclass(frozen=True)
class Answer:
    """A stored answer or abstention. When abstained, `citations` are the nearest sources and `sentences` is empty.

    `applies` says why the cited policies apply to the asker; `asked_back` is set when the answer depends on something
    that their record does not say, and then `sentences` is empty, too. `results` come from the asker's own record;
    `approved` is the company's text on a sensitive topic; `unanswered` is the part of a question with two parts that
    the documents do not answer.
    """

    query_id: UUID
    conversation_id: UUID
    outcome: Outcome
    text: str
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[CitedPassage, ...]
    confidence: float
    threshold: float
    contact: Contact
    generator: str
    fallback_reason: str
    prompt_version: str
    embed_model: str
    timings_ms: Mapping[str, float]
    as_of: date
    applies: tuple[Attribute, ...] = ()
    asked_back: AskedBack | None = None
    results: tuple[ToolResult, ...] = ()
    approved: ApprovedText | None = None
    unanswered: str = ""


@dataclass(frozen=True)
class Event:
    """One step of a streamed answer.

    kind `tool`: data {"result": ToolResult}, from the asker's record; `search_results`: {"passages":
    tuple[ScoredPassage]}; `token`: {"text": str}, text still unverified;
    `citation`: {"citation": CitedPassage}; `final`: {"answer": Answer}, which replaces every token shown before;
    `error`: {"code": str, "detail": str}, after which nothing follows.
    """

    kind: Literal["tool", "search_results", "token", "citation", "final", "error"]
    data: Mapping[str, Any]
