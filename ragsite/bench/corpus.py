"""Passages in any number, without waiting hours for their embedding: real ones from the demo's texts, varied."""

import hashlib
import random
import re
import uuid
from collections.abc import Sequence

import numpy as np
from django.db import transaction
from django.utils import timezone

from documents.models import Document, DocumentVersion, VersionText
from ragsite.demo import catalog
from retrieval import generations
from retrieval.encoders import get_encoder
from retrieval.models import Chunk
from retrieval.sparse import encode_passage_sparse
from retrieval.stores import VectorPoint, get_store
from retrieval.stores.filters import filter_of
from tenants import context

_SENTENCES_PER_PASSAGE = 8
_PASSAGES_PER_DOCUMENT = 50
_REALLY_EMBEDDED = 2000
# Distance of a varied vector from the one it came from: neighbours differ, but not by more than real passages do.
_NOISE = 0.5


def questions() -> list[str]:
    """The demo's check questions, all companies."""
    return [question.question for company in catalog.load_catalog() for question in company.check_questions]


def fill(*, passages: int, seed: int = 7) -> None:
    """Add passages to the current tenant, past the worker: rows, lexical index and vectors as ingestion writes them.

    The first 2,000 are embedded; the rest get the vector of one of them plus noise, and a text of their own.
    """
    chance = random.Random(seed)
    sentences = _sentences()
    texts = [" ".join(chance.sample(sentences, _SENTENCES_PER_PASSAGE)) for _ in range(passages)]
    known = get_encoder().encode_passages(texts[:_REALLY_EMBEDDED])
    numbers = np.random.default_rng(seed)
    for start in range(0, passages, _PASSAGES_PER_DOCUMENT):
        part = texts[start : start + _PASSAGES_PER_DOCUMENT]
        vectors = [
            known[i] if i < len(known) else _varied(known[chance.randrange(len(known))], numbers)
            for i in range(start, start + len(part))
        ]
        _store(f"Bench document {seed}-{start}", part, vectors)


def _sentences() -> list[str]:
    found = []
    for company in catalog.load_catalog():
        for document in company.documents:
            source = catalog.source_of(document=document) or document.path
            if source.suffix in (".md", ".txt"):
                plain = re.sub(r"[#*|`]+", " ", source.read_text(encoding="utf-8"))
                found += [s.strip() for s in re.split(r"(?<=[.!?])\s+", plain) if 30 < len(s) < 250]
    return found


def _varied(vector: np.ndarray, numbers: np.random.Generator) -> np.ndarray:
    moved = vector + numbers.normal(0, _NOISE / np.sqrt(len(vector)), len(vector)).astype(np.float32)
    return moved / np.linalg.norm(moved)


@transaction.atomic
def _store(title: str, texts: Sequence[str], vectors: Sequence[np.ndarray]) -> None:
    generation = generations.live()
    document = Document.objects.create(title=title, created_by="bench")
    version = DocumentVersion.objects.create(
        document=document,
        number=1,
        state=DocumentVersion.State.READY,
        sha256=hashlib.sha256(title.encode()).hexdigest(),
        size_bytes=1,
        original_name="bench.txt",
        storage_key=f"bench/{document.pk}",
        uploaded_by="bench",
        ready_at=timezone.now(),
        effective_from=context.local_today(),
    )
    VersionText.objects.create(version=version, text="\n\n".join(texts), blocks=[])
    document.serving_version = version
    document.save()
    chunks, position = [], 0
    for ordinal, text in enumerate(texts):
        chunks.append(
            Chunk(
                id=uuid.uuid5(version.pk, str(ordinal)),
                version=version,
                generation=generation,
                ordinal=ordinal,
                text=text,
                start=position,
                end=position + len(text),
                token_count=len(text) // 4,
                embed_text=text,
                digest="",
            )
        )
        position += len(text) + 2
    Chunk.objects.bulk_create(chunks)
    filter_ = filter_of(version)
    points = [
        VectorPoint(
            chunk_id=chunk.pk,
            version_id=version.pk,
            document_id=document.pk,
            filter=filter_,
            dense=np.asarray(vector, dtype=np.float32),
            sparse=encode_passage_sparse(chunk.text),
        )
        for chunk, vector in zip(chunks, vectors, strict=True)
    ]
    get_store().upsert(space=generations.space_of(generation), points=points)
