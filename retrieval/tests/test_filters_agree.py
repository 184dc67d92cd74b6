"""Who may be answered from what is decided once (hr.access) and translated four times; all of them say the same."""

import random
import uuid
from datetime import date, timedelta

import numpy as np
import pytest

from documents import explaining, rights
from documents.models import Document, DocumentVersion
from documents.windows import Window
from hr import access
from hr.access import Scope
from hr.models import Employee
from retrieval import generations
from retrieval.models import Chunk
from retrieval.sparse import encode_query_sparse
from retrieval.stores import Space, VectorPoint, lexical
from retrieval.stores.filters import filter_of
from retrieval.tests.test_stores_contract import DIM, encode_passage_sparse, make_store, make_version
from tenants import context

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

_ATTRIBUTES = {
    "departments": ["sales", "people team", "research & development"],
    "countries": ["de", "fr", "pt"],
    "sites": ["berlin", "lyon"],
    "employment_types": ["full_time", "part_time"],
}
_ROLES = ["employee", "manager", "hr", "ceo"]
_FIRST_DAY = date(2026, 1, 1)
_DAYS = 12
_DOCUMENTS, _ASKERS = 70, 60


def _some(chance: random.Random, values: list, likely: float) -> list:
    """Mostly empty, else one value or more."""
    return sorted(chance.sample(values, chance.randint(1, len(values)))) if chance.random() < likely else []


def _day(chance: random.Random) -> date:
    return _FIRST_DAY + timedelta(days=chance.randrange(_DAYS))


def _make_document(chance: random.Random, people: list[int]) -> Document:
    subject = chance.choice(people) if chance.random() < 0.15 else None
    return Document.objects.create(
        title="Leave",
        created_by="employee:1",
        is_confidential=chance.random() < 0.15,
        subject_id=subject,
        persona="personal" if subject else "company",
        audience_people=_some(chance, people, 0.2)[:3],
        audience_roles=_some(chance, _ROLES, 0.2),
        audience_departments=_some(chance, _ATTRIBUTES["departments"], 0.15),
        audience_countries=_some(chance, _ATTRIBUTES["countries"], 0.2),
        audience_sites=_some(chance, _ATTRIBUTES["sites"], 0.1),
        audience_employment_types=_some(chance, _ATTRIBUTES["employment_types"], 0.15),
    )


def _make_versions(chance: random.Random, document: Document) -> list[DocumentVersion]:
    """One or two, the second from the day after the first; now and then one that is no answer to anybody."""
    first, last = _day(chance), None
    made = []
    for number in (1, 2)[: chance.randint(1, 2)]:
        last = first + timedelta(days=chance.randrange(8)) if number == 1 or chance.random() < 0.5 else None
        made.append(
            DocumentVersion.objects.create(
                document=document,
                number=number,
                state=chance.choices(["ready", "indexing", "failed"], [18, 1, 1])[0],
                error_code="malformed",
                publication=chance.choices(["published", "draft", "in_review", "withdrawn"], [17, 1, 1, 1])[0],
                effective_from=first,
                effective_to=last,
                applies_countries=_some(chance, _ATTRIBUTES["countries"], 0.25),
                applies_sites=_some(chance, _ATTRIBUTES["sites"], 0.15),
                applies_employment_types=_some(chance, _ATTRIBUTES["employment_types"], 0.2),
                sha256="0" * 64,
                size_bytes=1,
                original_name="leave.md",
                storage_key=str(uuid.uuid4()),
                uploaded_by="employee:1",
            )
        )
        first = (last or first) + timedelta(days=1)
    return made


def _make_scope(chance: random.Random, people: list[int]) -> Scope:
    def maybe(name: str, likely: float = 0.75) -> str:
        return chance.choice(_ATTRIBUTES[name]) if chance.random() < likely else ""

    role = chance.choices(_ROLES, [6, 2, 1, 1])[0]
    return Scope(
        tenant_id=context.tenant_id(),
        employee_id=chance.choice([*people, access.NOBODY]),
        role=role,
        reads_confidential=role in ("hr", "ceo"),
        as_of=_day(chance),
        department=maybe("departments"),
        country=maybe("countries"),
        site=maybe("sites"),
        employment_type=maybe("employment_types"),
        assumed_country=maybe("countries", 0.2),
        assumed_site=maybe("sites", 0.2),
        assumed_employment_type=maybe("employment_types", 0.2),
    )


def _decided(scope: Scope, versions: list[DocumentVersion]) -> set[uuid.UUID]:
    """The rule itself, without any database."""
    return {
        version.pk
        for version in versions
        if (version.state, version.publication) == ("ready", "published")
        and Window(version.effective_from, version.effective_to).holds(scope.as_of)
        and access.decide(scope=scope, audience=rights.audience_of(version.document)).allowed
        and access.applies(scope=scope, applicability=rights.applicability_of(version))
    }


def _explained(scope: Scope, versions: list[DocumentVersion]) -> set[uuid.UUID]:
    """What `explain_access` and the console say."""
    answering = set()
    for document in {version.document for version in versions}:
        told = explaining.explain_to(scope=scope, document=document)
        numbers = {one.number for one in told.versions if one.code in ("answers", "answers_if")}
        assert told.answers == (told.decision.allowed and bool(numbers))
        if told.decision.allowed:
            answering |= {v.pk for v in versions if v.document_id == document.pk and v.number in numbers}
    return answering


def _point(version: DocumentVersion, numbers: np.random.Generator) -> VectorPoint:
    vector = numbers.normal(size=DIM).astype(np.float32)
    return VectorPoint(
        chunk_id=version.pk,  # one passage each, so that what is found names the version
        version_id=version.pk,
        document_id=version.document_id,
        filter=filter_of(version),
        dense=vector / np.linalg.norm(vector),
        sparse=encode_passage_sparse("parental leave"),
    )


def _make_chunk(version: DocumentVersion) -> Chunk:
    return Chunk(
        id=version.pk,
        version=version,
        generation=generations.live(),
        ordinal=0,
        text="Leave",
        start=0,
        end=5,
        token_count=1,
        embed_text="Leave",
        digest="",
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_decision_rows_and_every_store_agree(in_acme, alice, bob, seed):
    chance, numbers = random.Random(seed), np.random.default_rng(seed)
    people = [alice.pk, bob.pk, *(_colleague(number).pk for number in range(4))]
    versions = [v for _ in range(_DOCUMENTS) for v in _make_versions(chance, _make_document(chance, people))]
    Chunk.objects.bulk_create([_make_chunk(version) for version in versions])
    space, stores = Space(generation=78, dim=DIM), [make_store(kind) for kind in ("pgvector", "qdrant-local")]
    points = [_point(version, numbers) for version in versions]
    for store in reversed(stores):  # both write the lexical index; the last one's slots are those of its vectors
        store.ensure(space=space)
        store.upsert(space=space, points=points)
    question, query = points[0].dense, encode_query_sparse("parental leave")

    triples, allowed = 0, 0
    for _ in range(_ASKERS):
        scope = _make_scope(chance, people)
        expected = _decided(scope, versions)
        words = lexical.weigh(space=space, query=query, scope=scope)
        asked = {"space": space, "scope": scope, "limit": len(versions)}
        found = {
            "explained": _explained(scope, versions),
            "rows": set(DocumentVersion.objects.answering(scope).values_list("pk", flat=True)),
            "passages": set(Chunk.objects.readable_by(scope).values_list("pk", flat=True)),
            "lexical": set(lexical.best(space=space, words=words, limit=len(versions))),
        }
        for store in stores:
            found[f"dense {store}"] = set(store.search_dense(vector=question, **asked))
            found[f"sparse {store}"] = set(store.search_sparse(query=words.query, **asked))
            found[f"both {store}"] = set(store.search_both(vector=question, words=words, **asked).dense)
        assert {name: ids for name, ids in found.items() if ids != expected} == {}, (seed, scope)
        assert len(words.slots) == len(expected)
        triples, allowed = triples + len(versions), allowed + len(expected)

    assert triples >= 2000
    assert 0.08 < allowed / triples < 0.5  # both answers are common, or the test says little


def _colleague(number: int) -> Employee:
    return Employee.objects.create(
        email=f"colleague{number}@acme.example", employee_number=f"C{number}", first_name="Dana", last_name="Example"
    )


def test_right_that_is_taken_away_counts_at_once_without_any_refilter(in_acme, bob):
    version = make_version()
    space, store = Space(generation=79, dim=DIM), make_store("pgvector")
    store.ensure(space=space)
    store.upsert(space=space, points=[_point(version, np.random.default_rng(3))])
    scope = access.scope_of(bob, as_of=date(2026, 7, 1))
    question = np.full(DIM, DIM**-0.5, dtype=np.float32)
    assert store.search_dense(space=space, vector=question, scope=scope, limit=5)

    Document.objects.update(audience_roles=["manager"])

    assert not store.search_dense(space=space, vector=question, scope=scope, limit=5)
    assert not len(lexical.weigh(space=space, query=encode_query_sparse("leave"), scope=scope).slots)
