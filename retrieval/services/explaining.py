"""How an answer came about, as one viewer may see it: from its trace, less what this person may not read.

Neither what was asked nor what was answered is in it, and the asker is not named: those are read elsewhere, by whom the
company's rule and the asker allow it (`hr_reading`). A message on something sensitive looks like any that was not
answered, or like its quotes, as in the audit log.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from audit import services as audit
from documents.models import DocumentVersion
from hr import attributes
from hr.access import Scope, key_of
from retrieval import tracing
from retrieval.models import AnswerTrace, Chunk, Citation, Query
from retrieval.standing import standing_of
from retrieval.tracing import Candidate
from tenants import context

Outcome = Query.Outcome

_LABELS = {"department": "Department", "country": "Country", "site": "Site", "employment_type": "Employment"}


@dataclass(frozen=True)
class Place:
    """Where a passage stands. `version` is the number of the document's version."""

    title: str
    heading: str
    page: int | None
    document_id: UUID
    version: int


@dataclass(frozen=True)
class ShownCandidate:
    """A passage that was looked at. `place` is None when the viewer may not read it, or when it is no longer there.

    `is_gone` tells which; `is_changed`: the passage of this id has another text today.
    """

    rank: int
    candidate: Candidate
    fate: str
    place: Place | None
    is_gone: bool


@dataclass(frozen=True)
class ShownCitation:
    """A passage that the answer cites, as it was then. Empty of words for who may not read its version."""

    n: int
    is_readable: bool
    title: str
    heading: str
    page: int | None
    quote: str
    document_id: UUID
    version_id: UUID
    version_number: int | None
    version_sha256: str
    effective_from: date | None
    effective_to: date | None
    standing: str
    chunk_digest: str


@dataclass(frozen=True)
class Stage:
    """One step and how long it took."""

    name: str
    ms: float


@dataclass(frozen=True)
class Explanation:
    """Everything that the page and the API tell of one answer."""

    query_id: UUID
    asked_at: datetime
    as_of: date | None
    outcome: str
    confidence: float
    threshold: float
    threshold_source: str
    generator: str
    fallback_reason: str
    prompt_version: str
    embed_model: str
    asked_back: str
    is_found: bool
    trace: AnswerTrace | None
    filters: tuple[tuple[str, str], ...]
    candidates: tuple[ShownCandidate, ...]
    citations: tuple[ShownCitation, ...]
    stages: tuple[Stage, ...]
    total_ms: float

    def count(self, *fates: str) -> int:
        """How many candidates came to one of these fates."""
        return sum(shown.fate in fates for shown in self.candidates)

    @property
    def closely_read(self) -> int:
        return len(self.candidates) - self.count(tracing.UNREADABLE, tracing.BELOW_RANK)

    @property
    def was_searched(self) -> bool:
        return bool(self.candidates) or (self.trace is not None and self.trace.generation is not None)


def shown_outcome(query: Query) -> str:
    """The outcome as others than the asker see it: a sensitive message is one that the documents did not answer."""
    if query.outcome != Outcome.SENSITIVE:
        return query.outcome
    return Outcome.ANSWERED if query.sentences else Outcome.ABSTAINED


def explain(*, query: Query, viewer: Scope) -> Explanation:
    """The explanation for somebody with this scope. Three queries; pass a query with its `trace` selected."""
    is_own = query.employee_id == viewer.employee_id
    trace = getattr(query, "trace", None)
    citations = list(Citation.objects.filter(query=query).order_by("n"))
    candidates = _candidates(query, trace, citations)
    places, present = _places([one.chunk_id for one in candidates], viewer)
    outcome = query.outcome if is_own else shown_outcome(query)
    timings = dict(query.timings_ms)
    total = float(timings.pop("total", 0.0))
    sources = [citation for citation in citations if citation.is_source or is_own]
    return Explanation(
        query_id=query.pk,
        asked_at=query.asked_at,
        as_of=query.as_of,
        outcome=outcome,
        confidence=query.confidence,
        threshold=query.threshold,
        threshold_source=trace.threshold_source if trace else "",
        generator=query.generator,
        fallback_reason=query.fallback_reason,
        prompt_version=query.prompt_version,
        embed_model=query.embed_model,
        asked_back=str((query.asked_back or {}).get("name", "")),
        is_found=query.confidence >= query.threshold,
        trace=trace,
        filters=_filters(query, trace),
        candidates=tuple(
            ShownCandidate(
                rank=rank,
                candidate=one,
                fate=_fate(one, is_own=is_own),
                place=places.get(one.chunk_id),
                is_gone=one.chunk_id not in present,
            )
            for rank, one in enumerate(candidates, start=1)
        ),
        citations=tuple(_citations(sources, candidates, viewer)),
        stages=tuple(Stage(name=name, ms=float(ms)) for name, ms in timings.items()),
        total_ms=total,
    )


def citations_of(*, query: Query, viewer: Scope) -> list[ShownCitation]:
    """What a question's answer cites, as this viewer may see it. One query; pass `citations` prefetched."""
    citations = sorted((one for one in query.citations.all() if one.is_source), key=lambda one: one.n)
    return _citations(citations, [], viewer)


def open_explanation(*, query: Query, viewer: Scope) -> Explanation:
    """The same for somebody who looks: recorded before anything is shown."""
    explanation = explain(query=query, viewer=viewer)
    audit.record_read(
        verb="answer.open", target=f"query:{query.pk}", details={"candidates": len(explanation.candidates)}
    )
    return explanation


def _candidates(query: Query, trace: AnswerTrace | None, citations: list[Citation]) -> list[Candidate]:
    if trace is not None:
        return tracing.read(trace.candidates)
    cited = {citation.chunk_id for citation in citations}
    return tracing.read_former(query.candidates, cited=cited, is_answered=bool(query.sentences))


def _fate(candidate: Candidate, *, is_own: bool) -> str:
    # Beside a sensitive message no nearest sources are shown, beside others some are: for others both are the same.
    is_nearest = candidate.fate == tracing.NEAREST
    return tracing.TOO_WEAK if is_nearest and not is_own else candidate.fate


def _places(chunk_ids: list[UUID], viewer: Scope) -> tuple[dict[UUID, Place], set[UUID]]:
    """Where those stand that the viewer may read, and which are still there at all."""
    present = set(Chunk.objects.with_ids(chunk_ids).values_list("pk", flat=True))
    visible = (
        Chunk.objects.with_ids(chunk_ids)
        .filter(version__in=DocumentVersion.objects.visible_to(viewer))
        .values_list(
            "pk", "heading", "page_from", "version__number", "version__document_id", "version__document__title"
        )
    )
    places = {
        key: Place(title=title, heading=heading, page=page, document_id=document_id, version=number)
        for key, heading, page, number, document_id, title in visible
    }
    return places, present


def _citations(citations: list[Citation], candidates: list[Candidate], viewer: Scope) -> list[ShownCitation]:
    digests = {one.chunk_id: one.digest for one in candidates}
    ids = [citation.version_id for citation in citations]
    versions = {version.pk: version for version in DocumentVersion.objects.visible_to(viewer).filter(pk__in=ids)}
    today = context.local_today()
    return [_citation(one, versions.get(one.version_id), digests.get(one.chunk_id, ""), today) for one in citations]


def _citation(citation: Citation, version: DocumentVersion | None, digest: str, today: date) -> ShownCitation:
    is_readable = version is not None
    return ShownCitation(
        n=citation.n,
        is_readable=is_readable,
        title=citation.title if is_readable else "",
        heading=citation.heading if is_readable else "",
        page=citation.page if is_readable else None,
        quote=citation.quote if is_readable else "",
        document_id=citation.document_id,
        version_id=citation.version_id,
        version_number=citation.version_number,
        version_sha256=citation.version_sha256,
        effective_from=citation.effective_from,
        effective_to=citation.effective_to,
        standing=standing_of(version=version, today=today) if version is not None else "",
        chunk_digest=digest,
    )


def _filters(query: Query, trace: AnswerTrace | None) -> tuple[tuple[str, str], ...]:
    """The scope in words."""
    scope: Mapping[str, Any] = trace.scope if trace else {}
    found = [("Role", str(scope["role"]).capitalize())] if "role" in scope else []
    for name, label in _LABELS.items():
        assumed = scope.get(f"assumed_{name}")
        if own := scope.get(name):
            found.append((label, _label(name, own)))
        elif assumed:
            found.append((label, f"{_label(name, assumed)} (said for this question)"))
    if scope:
        confidential = "read" if scope.get("reads_confidential") else "left out"
        found.append(("Confidential documents", confidential))
    if query.profile:
        found.append(("Asked as", "somebody with these attributes, to see what they would get"))
    return tuple(found)


def _label(name: str, key: str) -> str:
    return attributes.attribute(name=name, key=key_of(key)).label if name in attributes.NAMES else key.capitalize()
