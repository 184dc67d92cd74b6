"""PostgreSQL is the truth: what is lost or strays beside it is found and mended, and an index can be rebuilt live."""

import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from documents import files
from documents.models import Document
from hr import access
from retrieval import generations
from retrieval.models import Chunk, IndexGeneration
from retrieval.search import search
from retrieval.services import rebuilding, reconciling
from retrieval.stores import get_store, registry, tables
from retrieval.tests.test_indexing_and_search import LEAVE, SALARIES, ingest
from retrieval.tests.test_stores_contract import points


@pytest.fixture
def space(in_acme):
    ingest(LEAVE, "leave.md")
    return generations.space_of(generations.live())


def mended() -> reconciling.Differences:
    found = reconciling.compare()
    assert found.total
    reconciling.repair(differences=found)
    return reconciling.compare()


def test_healthy_index_has_no_differences(space):
    assert reconciling.compare().total == 0


def test_lost_vectors_are_embedded_again(space):
    version = Document.objects.get().serving_version
    get_store().delete_version(space=space, version_id=version.pk)

    assert reconciling.compare().versions_without_vectors == {version.pk}
    assert mended().total == 0
    assert get_store().count(space=space) == version.chunk_count


def test_lost_lexical_entries_are_written_again(space):
    tables.run(f"DELETE FROM {tables.name('lexical_chunks', space)}")

    assert mended().total == 0


def test_lost_passages_are_cut_again(space):
    Chunk.objects.all().delete()

    assert mended().total == 0
    assert Chunk.objects.exists()


def test_stray_points_are_removed(space):
    get_store().upsert(space=space, points=_points_for(space))

    assert len(reconciling.compare().stray_points) == 3
    assert mended().total == 0


@pytest.fixture
def qdrant_here(settings):
    """The installation's store is Qdrant, in the memory of this test."""
    settings.VECTOR_STORE, settings.QDRANT_URL = "qdrant", ":memory:"
    registry._build.cache_clear()
    yield
    registry._build.cache_clear()


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
def test_wrong_filter_is_rewritten(qdrant_here, in_acme):
    space = generations.space_of(generations.live())
    get_store().ensure(space=space)
    document = ingest(LEAVE, "leave.md")
    assert reconciling.compare().total == 0
    Document.objects.filter(pk=document.pk).update(is_confidential=True)  # past the services, and so past the outbox

    assert reconciling.compare().wrong_filters == {document.pk}
    assert mended().total == 0


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
def test_ingested_handbook_is_found_in_qdrant_as_soon_as_it_is_ready(qdrant_here, in_acme, bob):
    get_store().ensure(space=generations.space_of(generations.live()))
    ingest(LEAVE, "leave.md")

    assert any("80 working days" in text for text in _texts(bob))


def test_stray_file_is_removed_and_missing_one_is_reported(space):
    import io

    version = Document.objects.get().serving_version
    stray = files.key_of_version(uuid.uuid4())
    files.store(key=stray, source=io.BytesIO(b"nobody's"))
    files.remove(version.storage_key)

    found = reconciling.compare()
    reconciling.repair(differences=found)

    assert found.stray_files == {stray}
    assert not files.exists(stray)
    assert reconciling.compare().missing_files == {version.pk}


def test_command_says_what_remains_and_fails(space):
    files.remove(Document.objects.get().serving_version.storage_key)

    with pytest.raises(CommandError, match="1 differences remain"):
        call_command("reconcile", "--tenant", "acme", "--repair", stdout=StringIO())


def test_commands_refuse_to_guess_the_company(db):
    with pytest.raises(CommandError):
        call_command("reconcile", stdout=StringIO())
    with pytest.raises(CommandError, match="no company 'nobody'"):
        call_command("reconcile", "--tenant", "nobody", stdout=StringIO())


def test_rebuilt_index_answers_like_the_old_one(space, bob, settings, monkeypatch):
    monkeypatch.setattr(rebuilding, "GRACE_SECONDS", 0)
    before = _texts(bob)
    settings.CHUNK_SIZE = 60
    settings.CHUNK_OVERLAP = 10

    generation = rebuilding.rebuild()

    assert generations.live().number == generation.number == 2
    assert generations.live().chunker.endswith("/60/10")
    assert IndexGeneration.objects.count() == 1
    assert reconciling.compare().total == 0
    assert "80 working days" in before[0]
    assert "80 working days" in _texts(bob)[0]


def test_interrupted_rebuild_is_continued(space, monkeypatch):
    monkeypatch.setattr(rebuilding, "GRACE_SECONDS", 0)
    started = rebuilding._building()

    generation = rebuilding.rebuild()

    assert generation.number == started.number


def test_document_ingested_during_a_rebuild_is_in_both_indexes(space, bob, monkeypatch):
    monkeypatch.setattr(rebuilding, "GRACE_SECONDS", 0)
    rebuilding._building()
    ingest(b"# Travel\n\nFirst class is for journeys above four hours.\n", "travel.md")

    rebuilding.rebuild()

    assert any("First class" in text for text in _texts(bob, "first class train"))


def test_incomplete_rebuild_is_not_switched_to(space, monkeypatch):
    monkeypatch.setattr(rebuilding, "_build", lambda version, generation: None)

    with pytest.raises(rebuilding.RebuildIncomplete):
        rebuilding.rebuild()

    assert generations.live().number == 1


def test_confidential_filter_survives_a_rebuild(space, bob, monkeypatch):
    monkeypatch.setattr(rebuilding, "GRACE_SECONDS", 0)
    ingest(SALARIES, "salaries.md", is_confidential=True)

    rebuilding.rebuild()

    assert not any("71,300" in text for text in _texts(bob, "salary band 4"))


def _texts(employee, question: str = "How long is parental leave?") -> list[str]:
    return [p.text for p in search(question=question, scope=access.scope_of(employee)).passages]


def _points_for(space):
    """Three points of a version that does not exist, as wide as the live index."""
    from dataclasses import replace

    import numpy as np

    wide = np.zeros(space.dim, dtype=np.float32)
    wide[0] = 1
    strays = [replace(point, dense=wide) for point in points(3)]
    Document.objects.filter(pk=strays[0].document_id).delete()
    return strays
