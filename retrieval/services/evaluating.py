"""Measure search as users get it: a question set goes through the product's own ingestion and search."""

import io
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from audit import ownership
from audit import services as audit
from documents import files
from documents import services as documents
from documents.models import DocumentVersion
from hr import access
from hr.models import Employee
from retrieval import generations
from retrieval.evaluation import QuestionSet, RankingScores, best_first, score_ranking
from retrieval.models import IndexGeneration
from retrieval.search import search
from retrieval.stores import store_for_upkeep
from tenants import context
from tenants import services as tenants
from tenants.models import Domain, Tenant

# Passages asked for; enough that ten different documents are among them.
_PASSAGES = 50
# How long a version may take that a running worker got to first.
_WORKER_SECONDS = 120


@dataclass(frozen=True)
class Evaluation:
    """Scores by question id, and what was indexed."""

    scores: Mapping[str, RankingScores]
    documents: int
    rejected: int
    chunks: int


def evaluate(*, questions: QuestionSet, progress: Callable[[str], None] = lambda line: None) -> Evaluation:
    """Ingest and ask a question set in scratch companies, one for each group of the set; removed afterwards."""
    scores: dict[str, RankingScores] = {}
    counts = [0, 0, 0]
    for group in questions.groups:
        with scratch_tenant() as tenant, context.enter(tenant):
            by_document, rejected = _ingest(questions, group)
            chunks = sum(DocumentVersion.objects.values_list("chunk_count", flat=True))
            for index, value in enumerate((len(by_document), rejected, chunks)):
                counts[index] += value
            asker = access.scope_of(Employee.objects.active().get(role=Employee.Role.CEO))
            asked = [question for question in questions.questions if question.group == group]
            for question in asked:
                result = search(question=question.text, scope=asker, limit=_PASSAGES)
                ranking = best_first(documents=(by_document[passage.document_id] for passage in result.passages))
                scores[question.id] = score_ranking(ranking=ranking, relevance=question.relevance)
        progress(f"{group or questions.name}: {len(by_document)} documents, {chunks} passages, {len(asked)} questions")
    return Evaluation(scores=scores, documents=counts[0], rejected=counts[1], chunks=counts[2])


@contextmanager
def scratch_tenant() -> Iterator[Tenant]:
    """A company nobody can reach from outside (its host name ends in .invalid), gone with all it has afterwards."""
    name = f"scratch-{uuid.uuid4().hex[:12]}"
    tenant = tenants.onboard(name=name, domain=f"{name}.invalid", admin_email="owner@scratch.invalid").tenant
    try:
        yield tenant
    finally:
        _discard(tenant)


def _discard(tenant: Tenant) -> None:
    with context.enter(tenant):
        for generation in IndexGeneration.objects.all():
            store_for_upkeep().drop(space=generations.space_of(generation))
        for key in list(files.all_keys()):
            files.remove(key)
    with context.enter_platform(), transaction.atomic():
        ownership.drop_company(schema=tenant.schema_name)
        Domain.objects.filter(tenant=tenant).delete()
        Tenant.objects.filter(pk=tenant.pk).delete()
        audit.record(verb="tenant.discard_scratch", target=f"tenant:{tenant.uuid}")


def _ingest(questions: QuestionSet, group: str) -> tuple[dict[uuid.UUID, str], int]:
    """Document ids of the set by ours, and how many files were rejected."""
    by_document = {}
    for document_id, title, name, content in _files(questions, group):
        receipt = documents.receive(
            source=io.BytesIO(content), original_name=name, title=title, external_id=document_id[-200:]
        )
        if not receipt.recognised:
            documents.process_version(version_id=receipt.version.pk)
        by_document[receipt.version.document_id] = document_id
    deadline = time.monotonic() + _WORKER_SECONDS
    while DocumentVersion.objects.unfinished().exists() and time.monotonic() < deadline:
        time.sleep(0.2)  # a running worker took some of them from the outbox
    return by_document, DocumentVersion.objects.exclude(state=DocumentVersion.State.READY).count()


def _files(questions: QuestionSet, group: str) -> Iterator[tuple[str, str, str, bytes]]:
    """(id, title, file name, content): the set's original files where it has them, else its texts."""
    if questions.ingest is not None:
        root: Path = questions.ingest / group if group else questions.ingest
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            prefix = f"{group}:" if group else ""
            yield f"{prefix}{path.relative_to(root).as_posix()}", "", path.name, path.read_bytes()
        return
    for document in questions.documents:
        if document.group == group:
            yield document.id, document.title or document.id, "text.txt", document.text.encode()
