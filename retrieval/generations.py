"""Index generations: which one answers, which ones are written."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from retrieval.chunking import CHUNKER_VERSION
from retrieval.encoders import get_encoder
from retrieval.models import IndexGeneration
from retrieval.stores import Space, store_for_upkeep, tables


class NoLiveGeneration(RuntimeError):
    """The tenant has no index yet; onboarding was not finished."""


def live() -> IndexGeneration:
    """The generation that answers questions. One query.

    :raises NoLiveGeneration: before onboarding made the first one.
    """
    generation = IndexGeneration.objects.filter(state=IndexGeneration.State.LIVE).first()
    if generation is None:
        raise NoLiveGeneration("no live index generation")
    return generation


@dataclass(frozen=True)
class LiveIndex:
    """What a search needs to know of the live generation."""

    space: Space
    embed_model: str
    chunker: str


def live_index() -> LiveIndex:
    """The same as `live`, without making a model of it: a third of the time, once in every search. One query.

    :raises NoLiveGeneration: before onboarding made the first one.
    """
    sql = f"SELECT number, dim, embed_model, chunker FROM {tables.own('index_generations')} WHERE state = %s"  # noqa: S608 (ours)
    rows = tables.ask(sql, [IndexGeneration.State.LIVE.value])
    if not rows:
        raise NoLiveGeneration("no live index generation")
    number, dim, embed_model, chunker = rows[0]
    return LiveIndex(space=Space(generation=number, dim=dim), embed_model=embed_model, chunker=chunker)


def written() -> list[IndexGeneration]:
    """Every generation that new passages go to: the live one, and one that is being built beside it."""
    return list(IndexGeneration.objects.exclude(state=IndexGeneration.State.RETIRED).order_by("number"))


def space_of(generation: IndexGeneration) -> Space:
    """Where its vectors are."""
    return Space(generation=generation.number, dim=generation.dim)


def chunker_name() -> str:
    """Identifies how text is cut: two names, two generations."""
    return f"v{CHUNKER_VERSION}/{settings.CHUNK_SIZE}/{settings.CHUNK_OVERLAP}"


def create_first() -> IndexGeneration:
    """The first, live generation of a new tenant; the existing one when there is one. Makes its vector space."""
    with transaction.atomic():
        encoder = get_encoder()
        generation, _ = IndexGeneration.objects.get_or_create(
            number=1,
            defaults={
                "embed_model": encoder.model_id,
                "dim": encoder.dim,
                "chunker": chunker_name(),
                "state": IndexGeneration.State.LIVE,
                "live_at": timezone.now(),
            },
        )
        store_for_upkeep().ensure(space=space_of(generation))
    return generation
