"""From a parsed version to passages and vectors, and back to nothing."""

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import transaction
from numpy.typing import NDArray

from documents.models import Document, DocumentVersion, VersionText
from retrieval import chunking, generations
from retrieval.encoders import get_encoder
from retrieval.models import Chunk, IndexGeneration
from retrieval.sparse import encode_passage_sparse
from retrieval.stores import VectorPoint, get_store, store_for_upkeep
from retrieval.stores.filters import filter_of
from tenants import context
from tenants.models import Tenant

Publication = DocumentVersion.Publication

# Passages embedded between two renewals of the lease: about two seconds of work on one core.
_BATCH = 64


class IndexIncomplete(RuntimeError):
    """The store does not hold every passage of a version after they were written."""


@dataclass(frozen=True)
class StoredBlock:
    """A block of a version's stored text, as the chunker wants it."""

    kind: str
    text: str
    page: int | None
    heading_path: tuple[str, ...]


def provision_tenant(*, tenant: Tenant, admin_email: str = "") -> None:
    """Step of onboarding: the first index generation and its vector space. Repeatable."""
    with context.enter(tenant):
        generations.create_first()


def chunk_version(*, version: DocumentVersion) -> int:
    """Cut a parsed version into passages for every written generation, replacing those of an earlier attempt.

    Returns the number of passages in the live generation.
    """
    drafts = _drafts(version)
    with transaction.atomic():
        for generation in generations.written():
            _store_chunks(version, generation, drafts)
    return len(drafts)


def index_version(*, version: DocumentVersion, renew: Callable[[], None] = lambda: None) -> None:
    """Embed a version's passages and write their vectors; return when the store confirmed all of them.

    :param renew: called between batches; raises when the version was taken away.
    :raises IndexIncomplete: when the store holds fewer than were written.
    """
    for generation in generations.written():
        index_version_into(version=version, generation=generation, renew=renew)


def index_version_into(
    *, version: DocumentVersion, generation: IndexGeneration, renew: Callable[[], None] = lambda: None
) -> None:
    """The same for one generation. What an earlier attempt left is removed first.

    :raises IndexIncomplete: when the store holds fewer than were written.
    """
    store, space = get_store(), generations.space_of(generation)
    chunks = list(
        Chunk.objects.filter(version=version, generation=generation).select_related("generation").order_by("ordinal")
    )
    store.delete_version(space=space, version_id=version.pk)
    for number, batch in enumerate(_batches(chunks)):
        if number:
            renew()
        # Asked for anew: vectors may have been switched off meanwhile.
        get_store().upsert(space=space, points=_points(batch, version))
    held = store.count(space=space, version_id=version.pk)
    if held != len(chunks):
        raise IndexIncomplete(f"{held} of {len(chunks)} points of version {version.pk}")


def chunk_version_into(*, version: DocumentVersion, generation: IndexGeneration) -> int:
    """Cut a version for one generation only; used by a rebuild."""
    drafts = _drafts(version)
    with transaction.atomic():
        _store_chunks(version, generation, drafts)
    return len(drafts)


def forget_version(*, version_id: UUID) -> None:
    """Remove passages and vectors of a version that no longer serves; one that is needed is left alone."""
    with transaction.atomic():
        # The lock keeps a retry from claiming the version while its passages go.
        version = DocumentVersion.objects.select_for_update().filter(pk=version_id).first()
        if version is not None and _is_needed(version):
            return
        for generation in IndexGeneration.objects.all():
            store_for_upkeep().delete_version(space=generations.space_of(generation), version_id=version_id)
        Chunk.objects.filter(version_id=version_id).delete()


def refilter_document(*, document: Document) -> None:
    """Bring what is kept beside the vectors in line with the document's rights and its versions' days.

    Matters to a store that keeps a filter of its own; until then the check on the rows withholds what is forbidden.
    """
    if not store_for_upkeep().keeps_filters:
        return
    for version in DocumentVersion.objects.indexed().filter(document=document).select_related("document"):
        for generation in generations.written():
            store_for_upkeep().set_filter(
                space=generations.space_of(generation), version_id=version.pk, filter=filter_of(version)
            )


def _is_needed(version: DocumentVersion) -> bool:
    document = version.document
    if document.deleted_at is not None:
        return False
    if version.state in DocumentVersion.FINAL:
        return version.state == DocumentVersion.State.READY and version.publication != Publication.WITHDRAWN
    return True


def _drafts(version: DocumentVersion) -> Sequence[chunking.ChunkDraft]:
    encoder = get_encoder()
    return chunking.chunk_blocks(
        blocks=list(stored_blocks(VersionText.objects.get(version=version))),
        title=version.document.title,
        count_tokens=encoder.count_tokens,
        size_tokens=settings.CHUNK_SIZE,
        overlap_tokens=settings.CHUNK_OVERLAP,
        embed_tokens=encoder.max_tokens - encoder.special_tokens,
    )


def stored_blocks(parsed: VersionText) -> Iterator[StoredBlock]:
    """The blocks of a stored text in reading order."""
    for block in parsed.blocks:
        yield StoredBlock(
            kind=block["kind"],
            text=parsed.text[block["start"] : block["end"]],
            page=block["page"],
            heading_path=tuple(block["heading_path"]),
        )


def _store_chunks(version: DocumentVersion, generation: IndexGeneration, drafts: Iterable[chunking.ChunkDraft]) -> None:
    Chunk.objects.filter(version=version, generation=generation).delete()
    Chunk.objects.bulk_create([_chunk(version, generation, draft) for draft in drafts], batch_size=500)


def _chunk(version: DocumentVersion, generation: IndexGeneration, draft: chunking.ChunkDraft) -> Chunk:
    digest = hashlib.sha256(draft.text.encode()).hexdigest()
    return Chunk(
        # Deterministic: the same passage of the same version has the same id in every attempt.
        id=uuid.uuid5(version.pk, f"{generation.number}:{draft.ordinal}:{digest}"),
        version=version,
        generation=generation,
        ordinal=draft.ordinal,
        text=draft.text,
        heading=draft.heading[:500],
        page_from=draft.page_from,
        page_to=draft.page_to,
        start=draft.start,
        end=draft.end,
        token_count=draft.token_count,
        embed_text=draft.embed_text,
        digest=digest,
    )


def _points(chunks: Sequence[Chunk], version: DocumentVersion) -> list[VectorPoint]:
    # Rights and days may have changed since the version was read.
    current = DocumentVersion.objects.select_related("document").get(pk=version.pk)
    filter_ = filter_of(current)
    dense = _embedded(chunks)
    return [
        VectorPoint(
            chunk_id=chunk.pk,
            version_id=version.pk,
            document_id=current.document_id,
            filter=filter_,
            dense=dense[chunk.embed_text],
            sparse=encode_passage_sparse(chunk.embed_text),
        )
        for chunk in chunks
    ]


def _embedded(chunks: Sequence[Chunk]) -> dict[str, NDArray[np.float32]]:
    """Vectors by what is embedded. What this company has embedded before is not embedded again.

    A new version of a handbook mostly repeats the old one, and encoding is nearly all of the work. Another company's
    vectors are never used, although they would be the same.
    """
    wanted = {chunk.embed_text for chunk in chunks}
    generation = chunks[0].generation
    known = dict(
        Chunk.objects.filter(
            generation=generation, digest__in={chunk.digest for chunk in chunks}, embed_text__in=wanted
        )
        .exclude(version_id=chunks[0].version_id)
        .values_list("pk", "embed_text")
    )
    held = get_store().vectors(space=generations.space_of(generation), chunk_ids=known) if known else {}
    vectors = {known[chunk_id]: vector for chunk_id, vector in held.items()}
    missing = [text for text in dict.fromkeys(chunk.embed_text for chunk in chunks) if text not in vectors]
    if missing:
        vectors.update(zip(missing, get_encoder().encode_passages(missing), strict=True))
    return vectors


def _batches(chunks: Sequence[Chunk]) -> Iterator[Sequence[Chunk]]:
    for start in range(0, len(chunks), _BATCH):
        yield chunks[start : start + _BATCH]
