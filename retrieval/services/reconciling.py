"""Reconcile: PostgreSQL is the truth; vectors and files must agree with it, in both directions."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from audit import services as audit
from documents import files
from documents.models import Document, DocumentVersion
from retrieval import generations
from retrieval.models import Chunk, IndexGeneration
from retrieval.services import indexing
from retrieval.stores import Space, lexical, store_for_upkeep
from retrieval.stores.filters import filter_of


@dataclass
class Differences:
    """What does not agree. Every list empty: all is well."""

    # Passages of indexed versions that the store does not hold, by version.
    versions_without_vectors: set[UUID] = field(default_factory=set)
    # Indexed versions without any passage in the live generation.
    versions_without_passages: set[UUID] = field(default_factory=set)
    # Points whose passage does not exist, or whose version should not be in search.
    stray_points: set[UUID] = field(default_factory=set)
    # Documents beside whose points another filter stands than theirs.
    wrong_filters: set[UUID] = field(default_factory=set)
    # Versions whose original is not in the file store; it cannot be made again.
    missing_files: set[UUID] = field(default_factory=set)
    # Files that no version knows.
    stray_files: set[str] = field(default_factory=set)

    @property
    def total(self) -> int:
        return sum(len(group) for group in vars(self).values())

    def counts(self) -> dict[str, int]:
        return {name: len(group) for name, group in vars(self).items()}


def compare() -> Differences:
    """All differences of the current tenant. Reads every passage id; versions that are being worked on are left out."""
    found = Differences()
    for generation in generations.written():
        if generation.state == IndexGeneration.State.LIVE:
            _compare_vectors(generation, found)
    _compare_files(found)
    return found


def repair(*, differences: Differences) -> None:
    """Mend what can be mended: embed again, remove strays, rewrite filters. Missing originals are only reported."""
    store, live = store_for_upkeep(), generations.live()
    space = generations.space_of(live)
    if differences.stray_points:
        store.delete_chunks(space=space, chunk_ids=differences.stray_points)
    for version in DocumentVersion.objects.filter(pk__in=differences.versions_without_passages).select_related(
        "document"
    ):
        indexing.chunk_version_into(version=version, generation=live)
        indexing.index_version_into(version=version, generation=live)
    for version in DocumentVersion.objects.filter(pk__in=differences.versions_without_vectors).select_related(
        "document"
    ):
        indexing.index_version_into(version=version, generation=live)
    for document in Document.objects.filter(pk__in=differences.wrong_filters):
        indexing.refilter_document(document=document)
    for key in differences.stray_files:
        files.remove(key)
    with transaction.atomic():
        audit.record(verb="index.reconcile", details=differences.counts())


def _compare_vectors(generation: IndexGeneration, found: Differences) -> None:
    space = generations.space_of(generation)
    indexed = {version.pk: version for version in DocumentVersion.objects.indexed().select_related("document")}
    expected = dict(Chunk.objects.filter(generation=generation, version_id__in=indexed).values_list("pk", "version_id"))
    in_work = set(DocumentVersion.objects.unfinished().values_list("pk", flat=True))
    digests = {pk: filter_of(version).digest for pk, version in indexed.items()}
    held = _held(space)
    for chunk_id, (version_id, digest) in held.items():
        if version_id in in_work:
            continue
        if chunk_id not in expected:
            found.stray_points.add(chunk_id)
        elif digest is not None and digest != digests[version_id]:
            found.wrong_filters.add(indexed[version_id].document_id)
    lexical_ids = lexical.chunk_ids(space=space)
    complete = held.keys() & lexical_ids
    found.versions_without_vectors |= {version for chunk, version in expected.items() if chunk not in complete}
    found.versions_without_passages |= set(indexed) - set(expected.values())
    found.stray_points |= {chunk for chunk in lexical_ids - held.keys() if chunk not in expected} - _chunks_of(in_work)


def _held(space: Space) -> dict[UUID, tuple[UUID, str | None]]:
    return {chunk: (version, digest) for chunk, version, digest in store_for_upkeep().points(space=space)}


def _chunks_of(version_ids: set[UUID]) -> set[UUID]:
    return set(Chunk.objects.filter(version_id__in=version_ids).values_list("pk", flat=True))


def _compare_files(found: Differences) -> None:
    # Files first: one that is stored while we look belongs to a version that we then see.
    stored = set(files.all_keys())
    known = {key: pk for pk, key in DocumentVersion.objects.values_list("pk", "storage_key")}
    found.missing_files |= {pk for key, pk in known.items() if key not in stored and not files.exists(key)}
    found.stray_files |= {key for key in stored if key not in known}
