"""What differs between a stored answer and the same question's answer today, and why."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from documents.models import DocumentVersion
from hr import access
from retrieval.answers import Answer, CitedPassage
from retrieval.models import AnswerTrace, Chunk, Citation, Query
from retrieval.services.asking import traces
from retrieval.services.asking.runs import Run

Publication = DocumentVersion.Publication


@dataclass(frozen=True)
class CitedPlace:
    """A citation of one of the two answers, without words where the viewer may not read it. `digest` is SHA-256 of the
    quote; `why` says why it came or went; empty while it is in both."""

    document_id: UUID
    version_id: UUID
    title: str
    version_number: int | None
    heading: str
    quote: str
    digest: str
    is_readable: bool
    why: str = ""


@dataclass(frozen=True)
class Side:
    """One of the two answers. `outcome` is as others than the asker see it."""

    outcome: str
    confidence: float
    threshold: float
    generator: str
    prompt_version: str
    embed_model: str
    generation: int | None
    chunker: str


def compared(
    query: Query, answer: Answer, run: Run, found: dict[UUID, int], viewer: access.Scope | None
) -> tuple[tuple[CitedPlace, ...], tuple[CitedPlace, ...], tuple[CitedPlace, ...]]:
    """Citations in both answers, only in the stored one, only in today's. The same words of a version are the same
    citation, whatever passage holds them today."""
    former = list(Citation.objects.filter(query=query, is_source=True).order_by("n"))
    current = list(answer.citations) if answer.sentences else []
    readable = _readable({*(one.version_id for one in former), *(one.version_id for one in current)}, viewer)
    today = {_key(one): one for one in current}
    then = {_key(one): one for one in former}
    lost = [one for one in former if _key(one) not in today]
    reasons = _why_lost(lost, run, found, {one.document_id for one in current})
    numbers = dict(
        DocumentVersion.objects.filter(pk__in={one.version_id for one in current}).values_list("pk", "number")
    )
    return (
        tuple(_place(one, readable, number=one.version_number) for one in former if _key(one) in today),
        tuple(_place(one, readable, number=one.version_number, why=reasons[one.chunk_id]) for one in lost),
        tuple(
            _place(one, readable, number=numbers.get(one.version_id), why=_why_gained(one, query, then))
            for one in current
            if _key(one) not in then
        ),
    )


def _key(one: Citation | CitedPassage) -> tuple[UUID, str]:
    return one.version_id, " ".join(one.quote.split())


def _place(
    one: Citation | CitedPassage, readable: Collection[UUID], *, number: int | None, why: str = ""
) -> CitedPlace:
    is_readable = one.version_id in readable
    return CitedPlace(
        document_id=one.document_id,
        version_id=one.version_id,
        title=one.title if is_readable else "",
        version_number=number,
        heading=one.heading if is_readable else "",
        quote=one.quote if is_readable else "",
        digest=hashlib.sha256(one.quote.encode()).hexdigest(),
        is_readable=is_readable,
        why=why,
    )


def _readable(version_ids: Collection[UUID], viewer: access.Scope | None) -> set[UUID]:
    if viewer is None:
        return set()
    visible = DocumentVersion.objects.visible_to(viewer).filter(pk__in=version_ids)
    return set(visible.values_list("pk", flat=True))


def _why_lost(
    lost: Collection[Citation], run: Run, found: dict[UUID, int], cited_today: Collection[UUID]
) -> dict[UUID, str]:
    """By chunk id, the first cause that holds, from the document's end of life to the ranking."""
    ids = {one.version_id for one in lost}
    versions = {
        version.pk: version for version in DocumentVersion.objects.filter(pk__in=ids).select_related("document")
    }
    answering = set(DocumentVersion.objects.answering(run.reach).filter(pk__in=ids).values_list("pk", flat=True))
    readable = set(DocumentVersion.objects.visible_to(run.reach).filter(pk__in=ids).values_list("pk", flat=True))
    chunks = set(Chunk.objects.filter(pk__in=[one.chunk_id for one in lost]).values_list("pk", flat=True))
    return {
        one.chunk_id: _why_one_lost(
            one,
            version=versions.get(one.version_id),
            is_answering=one.version_id in answering,
            is_readable=one.version_id in readable,
            is_indexed=one.chunk_id in chunks,
            rank=found.get(one.chunk_id),
            is_document_cited=one.document_id in cited_today,
            as_of=run.reach.as_of,
        )
        for one in lost
    }


def _why_one_lost(
    one: Citation,
    *,
    version: DocumentVersion | None,
    is_answering: bool,
    is_readable: bool,
    is_indexed: bool,
    rank: int | None,
    is_document_cited: bool,
    as_of: date,
) -> str:
    if version is None or version.document.deleted_at is not None:
        return "the document was deleted"
    if version.publication == Publication.WITHDRAWN:
        return "the version was withdrawn"
    if not is_readable:
        return "rights changed: the asker may not read it today"
    if not is_answering:
        first, last = version.effective_from, version.effective_to
        if (first, last) != (one.effective_from, one.effective_to):
            return f"the version's days changed: it is not in force on {as_of}"
        return "it does not apply to the asker any more"
    if not is_indexed:
        return "the text was cut or indexed anew: another passage holds it now"
    if rank is None:
        return "other passages fit better today: it was not found among the best"
    if is_document_cited:
        return f"still found (place {rank}), but other sentences of the document were chosen"
    return f"still found (place {rank}), but not chosen"


def _why_gained(one: CitedPassage, query: Query, then: Collection[tuple[UUID, str]]) -> str:
    if any(version_id == one.version_id for version_id, _ in then):
        return "other sentences of a version that was cited already"
    version = DocumentVersion.objects.filter(pk=one.version_id).first()
    if version is not None and version.received_at > query.asked_at:
        return "this version was uploaded after the question was asked"
    trace = getattr(query, "trace", None)
    if trace is not None and str(one.chunk_id) in {row[0] for row in trace.candidates}:
        return "it was found then, too, but not chosen"
    return "it was not found then: new in the index, or open to the asker only now"


def changes(*, before: Side, after: Side, trace: AnswerTrace | None, run: Run) -> list[str]:
    """What is different about how it was answered, whether or not the answer is."""
    told = []
    if before.threshold != after.threshold:
        told.append(f"The threshold was {before.threshold:.2f} and is {after.threshold:.2f} today.")
    if trace is not None and trace.scope_digest != traces.scope_digest(run.reach):
        told.append("The asker's role or attributes are others today, and so is what the search is filtered by.")
    if before.embed_model != after.embed_model:
        told.append(f"The embedding model was {before.embed_model} and is {after.embed_model or 'none'} today.")
    if trace is not None and before.generation != after.generation:
        told.append(f"The index was generation {before.generation} and is {after.generation} today.")
    if trace is not None and before.chunker != after.chunker:
        told.append(f"Text was cut by {before.chunker} and is cut by {after.chunker} today.")
    if before.generator != after.generator:
        told.append(f"It was written by {before.generator}; today by {after.generator}.")
    if before.prompt_version != after.prompt_version:
        told.append(f"The prompt was {before.prompt_version} and is {after.prompt_version} today.")
    return told
