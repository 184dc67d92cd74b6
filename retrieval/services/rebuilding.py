"""Reindex: build a new generation beside the live one, verify it, switch in one step, then drop the old one."""

import time
from collections.abc import Callable

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from audit import services as audit
from documents.models import DocumentVersion
from retrieval import generations
from retrieval.encoders import get_encoder
from retrieval.models import Chunk, IndexGeneration
from retrieval.services import indexing
from retrieval.stores import store_for_upkeep

State = IndexGeneration.State

# Searches that began before the switch still read the old generation; none takes this long.
GRACE_SECONDS = 2.0


class RebuildIncomplete(RuntimeError):
    """The new generation does not hold every indexed version; the old one goes on answering."""


def rebuild(*, progress: Callable[[int, int], None] = lambda done, total: None) -> IndexGeneration:
    """Cut and embed all indexed versions anew, with the present settings and model.

    Questions are answered from the old generation until the switch; files ingested meanwhile go to both. A rebuild that
    was interrupted is continued by the next call.

    :raises RebuildIncomplete: when verification fails; nothing is switched.
    """
    generation = _building()
    versions = list(_indexed_versions())
    for done, version in enumerate(versions, start=1):
        _build(version, generation)
        progress(done, len(versions))
    for version in _indexed_versions():  # what was published while we worked
        _build(version, generation)
    _verify(generation)
    _switch(generation)
    time.sleep(GRACE_SECONDS)
    drop_retired()
    return generation


def drop_retired() -> None:
    """Remove passages and vectors of retired generations."""
    for generation in IndexGeneration.objects.filter(state=State.RETIRED):
        store_for_upkeep().drop(space=generations.space_of(generation))
        generation.delete()


def _building() -> IndexGeneration:
    encoder = get_encoder()
    model = {"embed_model": encoder.model_id, "dim": encoder.dim, "chunker": generations.chunker_name()}
    with transaction.atomic():
        started = IndexGeneration.objects.select_for_update().filter(state=State.BUILDING).first()
        if started is not None and {name: getattr(started, name) for name in model} != model:
            store_for_upkeep().drop(space=generations.space_of(started))
            started.delete()
            started = None
        if started is None:
            last = IndexGeneration.objects.aggregate(Max("number"))["number__max"] or 0
            started = IndexGeneration.objects.create(number=last + 1, state=State.BUILDING, **model)
        audit.record(verb="index.rebuild", target=f"generation:{started.number}", details={"state": "started"})
    store_for_upkeep().ensure(space=generations.space_of(started))
    return started


def _build(version: DocumentVersion, generation: IndexGeneration) -> None:
    """Nothing to do when an interrupted run, or ingestion, has done it."""
    expected = Chunk.objects.filter(version=version, generation=generation).count()
    held = store_for_upkeep().count(space=generations.space_of(generation), version_id=version.pk)
    if expected and expected == held:
        return
    indexing.chunk_version_into(version=version, generation=generation)
    indexing.index_version_into(version=version, generation=generation)


def _verify(generation: IndexGeneration) -> None:
    space = generations.space_of(generation)
    for version in _indexed_versions():
        expected = Chunk.objects.filter(version=version, generation=generation).count()
        held = store_for_upkeep().count(space=space, version_id=version.pk)
        if not expected or expected != held:
            raise RebuildIncomplete(f"version {version.pk}: {held} of {expected} passages")


def _switch(generation: IndexGeneration) -> None:
    now = timezone.now()
    with transaction.atomic():
        IndexGeneration.objects.filter(state=State.LIVE).update(state=State.RETIRED)
        IndexGeneration.objects.filter(pk=generation.pk).update(state=State.LIVE, live_at=now)
        audit.record(verb="index.rebuild", target=f"generation:{generation.number}", details={"state": "live"})


def _indexed_versions() -> list[DocumentVersion]:
    return list(DocumentVersion.objects.indexed().select_related("document").order_by("received_at", "pk"))
