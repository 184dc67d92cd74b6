"""One contract for every vector store: PostgreSQL, Qdrant's local mode, and a Qdrant server when QDRANT_URL is set."""

import os
import uuid
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from documents.models import Document, DocumentVersion
from hr import access
from hr.access import Audience, Scope
from retrieval.sparse import SparseVector, encode_passage_sparse, encode_query_sparse
from retrieval.stores import Space, StoreUnavailable, VectorPoint, WrongTenantScope, lexical, qdrant
from retrieval.stores.filters import filter_of
from retrieval.stores.pgvector import PgVectorStore
from retrieval.stores.postings import Words
from tenants import context

# The local mode scans, and says that it makes no indexes.
pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

DIM = 8
WORDS = "leave parental salary travel expense laptop remote holiday sick note manager budget".split()

KINDS = [
    "pgvector",
    "qdrant-local",
    pytest.param(
        "qdrant-server",
        marks=pytest.mark.skipif(not os.environ.get("QDRANT_URL"), reason="set QDRANT_URL to test against a server"),
    ),
]


def make_store(kind: str):
    if kind == "pgvector":
        return PgVectorStore()
    url = ":memory:" if kind == "qdrant-local" else os.environ["QDRANT_URL"]
    return qdrant.QdrantStore(client=qdrant.connect(url=url, api_key=os.environ.get("QDRANT_API_KEY", "")))


@pytest.fixture
def space() -> Space:
    # A number of its own: a shared Qdrant server keeps what an earlier run left.
    return Space(generation=uuid.uuid4().int % 10_000 + 100, dim=DIM)


@pytest.fixture(params=KINDS)
def store(request, in_acme, space):
    made = make_store(request.param)
    made.ensure(space=space)
    yield made
    made.drop(space=space)


def make_version(**rights) -> DocumentVersion:
    """A version that everybody may read and that has been in force since 2020, or as `rights` say."""
    of_document = {name: value for name, value in rights.items() if name not in _OF_VERSION}
    document = Document.objects.create(title="Leave", created_by="employee:1", **of_document)
    of_version = {name: value for name, value in rights.items() if name in _OF_VERSION}
    return DocumentVersion.objects.create(
        document=document,
        number=1,
        state="ready",
        sha256="0" * 64,
        size_bytes=1,
        original_name="leave.md",
        storage_key=str(document.pk),
        uploaded_by="employee:1",
        **{"effective_from": date(2020, 1, 1), **of_version},
    )


_OF_VERSION = {field.name for field in DocumentVersion._meta.get_fields()}


def points(count: int, *, seed: int = 1, version: DocumentVersion | None = None, **rights) -> list[VectorPoint]:
    numbers = np.random.default_rng(seed)
    vectors = numbers.normal(size=(count, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    version = version or make_version(**rights)
    return [
        VectorPoint(
            chunk_id=uuid.uuid4(),
            version_id=version.pk,
            document_id=version.document_id,
            filter=filter_of(version),
            dense=vector,
            sparse=encode_passage_sparse(" ".join(numbers.choice(WORDS, size=6))),
        )
        for vector in vectors
    ]


def weighted(space: Space, text: str, employee) -> SparseVector:
    query = encode_query_sparse(text)
    return lexical.load(space=space, query=query, scope=access.scope_of(employee)).weigh(query)


def words(space: Space, text: str, scope: Scope) -> Words:
    return lexical.weigh(space=space, query=encode_query_sparse(text), scope=scope)


def test_dense_search_returns_cosines_best_first(store, space, bob):
    stored = points(30)
    store.upsert(space=space, points=stored)
    question = stored[7].dense

    found = store.search_dense(space=space, vector=question, scope=access.scope_of(bob), limit=5)

    expected = sorted(((float(p.dense @ question), p.chunk_id) for p in stored), reverse=True)[:5]
    assert list(found) == [chunk_id for _, chunk_id in expected]
    assert list(found.values()) == pytest.approx([score for score, _ in expected], abs=1e-5)


def test_sparse_search_returns_the_dot_product(store, space, bob):
    stored = points(30)
    store.upsert(space=space, points=stored)
    query = weighted(space, "parental leave", bob)

    found = store.search_sparse(space=space, query=query, scope=access.scope_of(bob), limit=30)

    for point in stored:
        held = dict(zip(point.sparse.indices, point.sparse.values, strict=True))
        expected = sum(w * held.get(i, 0) for i, w in zip(query.indices, query.values, strict=True))
        assert found.get(point.chunk_id, 0.0) == pytest.approx(expected, rel=1e-4)


def test_confidential_points_are_filtered_inside_the_search(store, space, alice, bob):
    secret, public = points(50, seed=2, is_confidential=True), points(5, seed=3)
    store.upsert(space=space, points=secret + public)
    question, query = secret[0].dense, weighted(space, " ".join(WORDS), alice)

    for search in (
        lambda scope: store.search_dense(space=space, vector=question, scope=scope, limit=5),
        lambda scope: store.search_sparse(space=space, query=query, scope=scope, limit=5),
        lambda scope: (
            store.search_both(
                space=space, vector=question, words=words(space, " ".join(WORDS), scope), scope=scope, limit=5
            ).dense
        ),
        lambda scope: store.score_dense(
            space=space, vector=question, scope=scope, chunk_ids=[p.chunk_id for p in secret + public]
        ),
        lambda scope: store.score_sparse(
            space=space, query=query, scope=scope, chunk_ids=[p.chunk_id for p in secret + public]
        ),
    ):
        # Five results for bob although fifty confidential points rank above: nothing is thinned out afterwards.
        assert set(search(access.scope_of(bob))) == {p.chunk_id for p in public}
        assert set(search(access.scope_of(alice))) & {p.chunk_id for p in secret}


def test_both_searches_at_once_equal_their_parts(store, space, bob):
    from retrieval.stores.protocol import search_both_by_parts

    store.upsert(space=space, points=points(60))
    asked = {"space": space, "vector": points(1, seed=9)[0].dense, "scope": access.scope_of(bob), "limit": 10}
    weighed = words(space, "travel expense budget", access.scope_of(bob))

    found = store.search_both(words=weighed, **asked)
    parts = search_both_by_parts(store, weighted=weighed.query, **asked)

    assert weighed.query == weighted(space, "travel expense budget", bob)
    # Equal words give equal scores, and then either of two passages may be the tenth.
    shared = found.dense.keys() & parts.dense.keys()
    assert len(shared) >= 10
    assert {k: found.dense[k] for k in shared} == pytest.approx({k: parts.dense[k] for k in shared}, abs=1e-5)
    assert {k: found.sparse.get(k, 0.0) for k in shared} == pytest.approx(
        {k: parts.sparse.get(k, 0.0) for k in shared}, rel=1e-4
    )
    assert sorted(found.sparse.values())[-10:] == pytest.approx(sorted(parts.sparse.values())[-10:], rel=1e-4)


def test_question_without_terms_is_answered_by_meaning_alone(store, space, bob):
    store.upsert(space=space, points=points(10))
    scope = access.scope_of(bob)

    found = store.search_both(
        space=space, vector=points(1)[0].dense, words=words(space, "how do I", scope), scope=scope, limit=5
    )

    assert len(found.dense) == 5
    assert not any(found.sparse.values())


def test_words_of_unreadable_passages_move_no_weight(store, space, alice, bob):
    store.upsert(space=space, points=points(20, seed=2, is_confidential=True) + points(20, seed=3))

    weights_of_bob = weighted(space, "parental leave budget", bob)
    store.delete_version(space=space, version_id=uuid.uuid4())
    postings = lexical.load(
        space=space, query=encode_query_sparse("parental leave budget"), scope=access.scope_of(alice)
    )

    assert postings.passages == 40
    assert postings.weigh(encode_query_sparse("parental leave budget")) != weights_of_bob


def test_another_company_sees_and_changes_nothing(store, space, globex, bob, charlie):
    stored = points(10)
    store.upsert(space=space, points=stored)

    with context.enter(globex):
        store.ensure(space=space)
        foreign = access.scope_of(charlie)
        assert store.count(space=space) == 0
        assert list(store.points(space=space)) == []
        assert not store.search_dense(space=space, vector=stored[0].dense, scope=foreign, limit=10)
        store.delete_version(space=space, version_id=stored[0].version_id)
        store.delete_chunks(space=space, chunk_ids=[stored[1].chunk_id])
        closed = replace(stored[0].filter, audience=Audience(is_confidential=True))
        store.set_filter(space=space, version_id=stored[0].version_id, filter=closed)
        store.drop(space=space)

    assert store.count(space=space) == 10
    found = store.search_dense(space=space, vector=stored[0].dense, scope=access.scope_of(bob), limit=10)
    assert len(found) == 10


def test_scope_of_another_company_is_refused(store, space, globex, charlie):
    with context.enter(globex):
        foreign = access.scope_of(charlie)

    with pytest.raises(WrongTenantScope):
        store.search_dense(space=space, vector=points(1)[0].dense, scope=foreign, limit=1)
    with pytest.raises(WrongTenantScope):
        store.search_sparse(space=space, query=SparseVector(indices=(1,), values=(1.0,)), scope=foreign, limit=1)


def test_writing_twice_changes_nothing(store, space):
    stored = points(10)

    store.upsert(space=space, points=stored)
    store.upsert(space=space, points=stored)

    assert store.count(space=space) == 10
    assert lexical.count(space=space) == 10


def test_stored_vectors_can_be_read_back(store, space, globex):
    stored = points(5)
    store.upsert(space=space, points=stored)
    wanted = [point.chunk_id for point in stored[:3]] + [uuid.uuid4()]

    read = store.vectors(space=space, chunk_ids=wanted)

    assert read.keys() == {point.chunk_id for point in stored[:3]}
    assert np.allclose(read[stored[0].chunk_id], stored[0].dense, atol=1e-6)
    with context.enter(globex):
        store.ensure(space=space)
        assert not store.vectors(space=space, chunk_ids=wanted)
        store.drop(space=space)


def test_deleted_version_leaves_the_others(store, space):
    kept, gone = points(4, seed=4), points(6, seed=5)
    store.upsert(space=space, points=kept + gone)

    store.delete_version(space=space, version_id=gone[0].version_id)

    assert {row[0] for row in store.points(space=space)} == {p.chunk_id for p in kept}
    assert store.count(space=space, version_id=gone[0].version_id) == 0
    assert lexical.chunk_ids(space=space) == {p.chunk_id for p in kept}


def found_by(store, space: Space, stored, scope: Scope) -> set[uuid.UUID]:
    """What each way of searching finds of `stored`; all ways have to agree."""
    ids = [point.chunk_id for point in stored]
    everything = encode_query_sparse(" ".join(WORDS))
    ways = (
        store.search_dense(space=space, vector=stored[0].dense, scope=scope, limit=100),
        store.search_sparse(space=space, query=everything, scope=scope, limit=100),
        store.score_dense(space=space, vector=stored[0].dense, scope=scope, chunk_ids=ids),
        store.score_sparse(space=space, query=everything, scope=scope, chunk_ids=ids),
        store.search_both(
            space=space, vector=stored[0].dense, words=words(space, " ".join(WORDS), scope), scope=scope, limit=100
        ).dense,
    )
    found = set(ways[0])
    assert all(set(way) == found for way in ways)
    return found & set(ids)


def test_passages_count_from_their_first_to_their_last_day(store, space, bob):
    day = date(2026, 2, 1)
    stored = points(5, effective_from=day, effective_to=date(2026, 2, 28))
    store.upsert(space=space, points=stored)

    for asked, count in ((date(2026, 1, 31), 0), (day, 5), (date(2026, 2, 28), 5), (date(2026, 3, 1), 0)):
        assert len(found_by(store, space, stored, access.scope_of(bob, as_of=asked))) == count


@pytest.mark.parametrize(
    "rights",
    [
        {"is_confidential": True},
        {"audience_roles": ["manager"]},
        {"audience_countries": ["de"]},
        {"audience_people": [999_999]},
        {"applies_countries": ["fr"]},
        {"publication": "draft"},
        {"publication": "withdrawn"},
        {"effective_to": date(2025, 12, 31)},
    ],
)
def test_changed_rights_and_days_count_after_the_filter_is_rewritten(store, space, bob, rights):
    type(bob).objects.filter(pk=bob.pk).update(country="PT")
    bob.refresh_from_db()
    version, other = make_version(), points(3, seed=4)
    stored = points(5, version=version)
    store.upsert(space=space, points=stored + other)
    scope = access.scope_of(bob)
    assert len(found_by(store, space, stored + other, scope)) == 8

    for name, value in rights.items():
        setattr(version if name in _OF_VERSION else version.document, name, value)
    version.save()
    version.document.save()
    store.set_filter(space=space, version_id=version.pk, filter=filter_of(version))

    assert found_by(store, space, stored + other, scope) == {point.chunk_id for point in other}
    digests = {digest for _, held, digest in store.points(space=space) if held == version.pk}
    assert digests <= {None, filter_of(version).digest}


def test_few_readable_among_many_are_found_exactly(store, space, bob):
    mine = points(10, seed=3, audience_people=[bob.pk])
    store.upsert(space=space, points=points(300, seed=2, is_confidential=True) + mine)
    scope = access.scope_of(bob)

    found = store.search_both(
        space=space, vector=mine[0].dense, words=words(space, "leave", scope), scope=scope, limit=10
    )

    assert set(found.dense) == {point.chunk_id for point in mine}


def test_stores_rank_alike(in_acme, bob):
    space, stored = Space(generation=77, dim=DIM), points(200, seed=6)
    scope = access.scope_of(bob)
    question = points(1, seed=8)[0].dense
    rankings = []
    for kind in ("pgvector", "qdrant-local"):
        store = make_store(kind)
        store.ensure(space=space)
        store.upsert(space=space, points=stored)
        query = weighted(space, "remote holiday budget", bob)
        dense = store.search_dense(space=space, vector=question, scope=scope, limit=20)
        sparse = store.search_sparse(space=space, query=query, scope=scope, limit=20)
        rankings.append((dense, sparse))
        store.drop(space=space)

    (dense, sparse), (other_dense, other_sparse) = rankings
    assert list(dense) == list(other_dense)
    assert dense == pytest.approx(other_dense, abs=1e-5)
    assert sorted(sparse.values()) == pytest.approx(sorted(other_sparse.values()), rel=1e-4)


def test_table_refuses_rows_of_another_tenant(in_acme, space):
    """The second wall inside the first: even SQL in the right schema cannot store a foreign tenant's point."""
    from retrieval.stores import tables

    PgVectorStore().ensure(space=space)

    with pytest.raises(IntegrityError), transaction.atomic():
        tables.run(
            f"INSERT INTO {tables.name('lexical_chunks', space)}"
            " (chunk_id, version_id, document_id, tenant_id) VALUES (%s, %s, %s, %s)",
            [uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), uuid.uuid4()],
        )


def test_unreachable_qdrant_is_named_as_such(in_acme, space):
    store = qdrant.QdrantStore(client=qdrant.connect(url="http://127.0.0.1:9"))
    scope = Scope(
        tenant_id=context.tenant_id(), employee_id=1, role="employee", reads_confidential=False, as_of=date(2026, 7, 1)
    )

    with pytest.raises(StoreUnavailable):
        store.search_dense(space=space, vector=points(1)[0].dense, scope=scope, limit=1)
