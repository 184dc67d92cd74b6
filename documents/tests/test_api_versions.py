"""Versions over HTTP: who sees which, and each move with its refusals as stable codes."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents import services
from documents.models import Document, DocumentVersion
from documents.tests.timelines import make_document, make_version
from documents.windows import Window
from hr.tests.api_helpers import signed_in
from tenants import context
from tenants.models import Tenant

JAN, JUN = "2026-01-01", "2026-06-01"


@pytest.fixture(autouse=True)
def no_queue(monkeypatch):
    """Work stays in the outbox; the queue is not the subject here."""
    monkeypatch.setattr("documents.services.outbox._try_to_send", lambda rows, now: 0)


@pytest.fixture
def document(acme):
    with context.enter(acme):
        return make_document()


def version_of(tenant, document, **fields):
    with context.enter(tenant):
        return make_version(document, **fields)


def post(client, document, version, move, **body):
    path = f"/api/v1/documents/{document.pk}/versions/{version.pk}/{move}"
    return client.post(path, body, content_type="application/json")


def version_of_now(tenant, version):
    with context.enter(tenant):
        return DocumentVersion.objects.get(pk=version.pk).publication


def code_of(answer):
    return answer.status_code, answer.json()["errors"][0]["code"], answer.json()["errors"][0]["attr"]


def test_draft_is_published_moved_and_withdrawn(acme, alice, document):
    client, version = signed_in(acme, alice), version_of(acme, document)

    published = post(client, document, version, "publish", effective_from=JAN, applies_countries=["DE"]).json()
    assert (published["publication"], published["effective_from"], published["effective_to"]) == (
        "published",
        JAN,
        None,
    )
    assert published["applies_countries"] == ["DE"] and published["is_in_force"] is True

    moved = post(client, document, version, "window", effective_to="2026-12-31").json()
    assert (moved["effective_from"], moved["effective_to"]) == (JAN, "2026-12-31")

    withdrawn = post(client, document, version, "withdraw", reason="Wrong text").json()
    assert withdrawn["publication"] == "withdrawn" and withdrawn["withdrawn_at"]


def test_review_is_by_a_second_person(acme, alice, document):
    version = version_of(acme, document, uploaded_by=alice.actor_label)
    Tenant.objects.filter(pk=acme.pk).update(requires_review=True)
    client = signed_in(acme, alice)

    assert code_of(post(client, document, version, "publish")) == (409, "review_missing", None)
    assert post(client, document, version, "submit").status_code == 200
    assert code_of(post(client, document, version, "approve")) == (403, "own_review", None)
    assert post(client, document, version, "return", reason="Page 2 is missing").json()["note"].endswith("is missing")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"effective_from": JUN, "effective_to": JAN}, (400, "window_reversed", "effective_to")),
        ({"effective_from": JUN, "applies_countries": ["DE"]}, (400, "versions_overlap", "effective_from")),
        ({"applies_countries": ["XX"]}, (400, "unknown_value", "countries")),
        ({"applies_sites": [f"{n} {'x' * 90}" for n in range(30)]}, (400, "too_many", "applies_sites")),
        ({"effective_from": "2025-01-01", "effective_to": "2026-03-01"}, (400, "window_taken", "effective_from")),
        ({"effective_from": "0001-01-01"}, (400, "day_out_of_range", "effective_from")),
        ({"effective_from": JAN, "effective_to": "9999-12-31"}, (400, "day_out_of_range", "effective_to")),
        ({"effective_from": "soon"}, (400, "invalid", "effective_from")),
    ],
)
def test_what_does_not_fit_is_a_400_with_its_code(acme, alice, document, body, refusal):
    client = signed_in(acme, alice)
    assert post(client, document, version_of(acme, document), "publish", effective_from=JAN).status_code == 200

    assert code_of(post(client, document, version_of(acme, document), "publish", **body)) == refusal


def test_published_window_waits_for_a_second_person_where_the_company_asks_for_one(acme, alice, document):
    client, version = signed_in(acme, alice), version_of(acme, document)
    post(client, document, version, "publish", effective_from=JAN)
    Tenant.objects.filter(pk=acme.pk).update(requires_review=True)

    assert code_of(post(client, document, version, "window", applies_countries=["DE"])) == (409, "review_missing", None)
    assert code_of(post(client, document, version, "window", effective_from=JUN)) == (409, "review_missing", None)
    assert post(client, document, version, "window", effective_to="2026-12-31").status_code == 200


def test_moves_that_the_state_does_not_allow_are_409(acme, alice, document):
    client = signed_in(acme, alice)
    published, parsing = version_of(acme, document), version_of(acme, document, state="parsing")
    post(client, document, published, "publish", effective_from=JAN)

    for move in ("publish", "submit", "approve"):
        assert code_of(post(client, document, published, move))[:2] == (409, "wrong_state")
    assert code_of(post(client, document, parsing, "publish"))[:2] == (409, "not_ready")


def test_employees_see_what_is_or_was_in_force_for_them_only(acme, bob, alice, document):
    day = timedelta(days=1)
    with context.enter(acme):
        bob.country = "FR"
        bob.save()
        today = context.local_today()
        make_version(document, first=today - 9 * day, last=today - 5 * day, publication="published")
        make_version(document, first=today - 4 * day, publication="published", countries=("fr",))
        make_version(document, first=today - 4 * day, publication="published", countries=("de",))
        make_version(document, first=today + day, publication="published", countries=("br",))
        make_version(document)
    path = f"/api/v1/documents/{document.pk}/versions"

    assert [one["number"] for one in signed_in(acme, bob).get(path).json()] == [2, 1]
    assert [one["number"] for one in signed_in(acme, alice).get(path).json()] == [5, 4, 3, 2, 1]


def test_document_that_is_scheduled_is_not_there_for_employees(acme, bob, document):
    with context.enter(acme):
        make_version(document, first=context.local_today() + timedelta(days=1), publication="published")
    client = signed_in(acme, bob)

    assert client.get("/api/v1/documents").json()["results"] == []
    for path in ("", "/file", "/versions"):
        assert client.get(f"/api/v1/documents/{document.pk}{path}").status_code == 404


def test_others_move_nothing(acme, globex, bob, charlie, document):
    version = version_of(acme, document)

    for move in ("publish", "window", "submit", "approve", "return", "withdraw"):
        assert post(signed_in(acme, bob), document, version, move, reason="because").status_code == 403
        assert post(signed_in(globex, charlie), document, version, move, reason="because").status_code == 403
    with context.enter(acme):
        assert DocumentVersion.objects.get(pk=version.pk).publication == "draft"


def test_version_of_another_document_is_not_there(acme, alice, document):
    with context.enter(acme):
        other = make_version(make_document(title="Other"))

    assert post(signed_in(acme, alice), document, other, "publish").status_code == 404


def test_upload_says_when_to_whom_and_for_whom(acme, alice):
    body = {
        "file": SimpleUploadedFile("travel.md", b"# Travel\n\nFirst class."),
        "effective_from": "2030-01-01",
        "effective_to": "2030-12-31",
        "applies_countries": ["DE", "AT"],
        "applies_employment_types": "full_time",
        "audience_departments": "Sales",
    }
    answer = signed_in(acme, alice).post("/api/v1/ingest", body)

    assert answer.status_code == 202, answer.content
    with context.enter(acme):
        services.process_version(version_id=answer.json()["id"])
        version = DocumentVersion.objects.get(pk=answer.json()["id"])
        assert (version.publication, str(version.effective_from), str(version.effective_to)) == (
            "published",
            "2030-01-01",
            "2030-12-31",
        )
        assert (version.applies_countries, version.applies_employment_types) == (["at", "de"], ["full_time"])
        assert version.document.audience_departments == ["sales"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"effective_from": JUN, "effective_to": JAN}, "window_reversed"),
        ({"applies_countries": "Atlantis"}, "unknown_value"),
        ({"audience_roles": "boss"}, "unknown_value"),
        ({"publish": "perhaps"}, "invalid"),
    ],
)
def test_upload_with_impossible_terms_is_refused_and_nothing_is_stored(acme, alice, fields, code):
    file = SimpleUploadedFile("travel.md", b"# Travel\n\nFirst class.")
    answer = signed_in(acme, alice).post("/api/v1/ingest", {"file": file, **fields})

    assert code_of(answer)[:2] == (400, code)
    with context.enter(acme):
        assert not Document.objects.exists()


@pytest.mark.parametrize("part", ["audience_subject", "audience_department", "audience_persons", "applies_site", "as"])
def test_upload_with_an_unknown_part_is_refused_and_nothing_is_stored(acme, alice, part):
    file = SimpleUploadedFile("travel.md", b"# Travel\n\nFirst class.")
    answer = signed_in(acme, alice).post("/api/v1/ingest", {"file": file, part: ""})

    assert code_of(answer) == (400, "unknown_field", part)
    with context.enter(acme):
        assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"audience_people": "x"}, "invalid"),
        ({"audience_people": ""}, "invalid"),
        ({"audience_people": "8000001"}, "unknown_value"),
        ({"subject": ""}, "blank"),
        ({"subject": "8000001"}, "unknown_value"),
    ],
)
def test_upload_for_people_who_are_not_there_is_refused(acme, alice, fields, code):
    file = SimpleUploadedFile("travel.md", b"# Travel\n\nFirst class.")
    answer = signed_in(acme, alice).post("/api/v1/ingest", {"file": file, **fields})

    assert code_of(answer)[:2] == (400, code)
    with context.enter(acme):
        assert not Document.objects.exists()


def test_upload_names_its_readers_or_whose_own_it_is(acme, alice, bob):
    client = signed_in(acme, alice)
    named = client.post(
        "/api/v1/ingest", {"file": SimpleUploadedFile("a.md", b"# Plan\n\nOne."), "audience_people": [bob.pk]}
    )
    own = client.post("/api/v1/ingest", {"file": SimpleUploadedFile("b.md", b"# Own\n\nTwo."), "subject": bob.pk})

    assert (named.status_code, own.status_code) == (202, 202), (named.content, own.content)
    with context.enter(acme):
        assert Document.objects.get(pk=named.json()["document_id"]).audience_people == [bob.pk]
        personal = Document.objects.get(pk=own.json()["document_id"])
        assert (personal.persona, personal.subject_id) == ("personal", bob.pk)


def test_new_version_with_readers_leaves_a_confidential_document_confidential(acme, alice, bob):
    client = signed_in(acme, alice)
    first = {"file": SimpleUploadedFile("a.md", b"# Plan\n\nOne."), "external_id": "plan", "is_confidential": "true"}
    known = client.post("/api/v1/ingest", first).json()["document_id"]

    second = {"file": SimpleUploadedFile("b.md", b"# Plan\n\nTwo."), "external_id": "plan", "audience_people": [bob.pk]}
    assert client.post("/api/v1/ingest", second).json()["document_id"] == known
    with context.enter(acme):
        assert Document.objects.get(pk=known).is_confidential


@pytest.mark.parametrize("move", ["publish", "window", "submit", "approve", "return", "withdraw"])
def test_move_with_an_unknown_key_is_refused(acme, alice, document, move):
    version = version_of(acme, document)
    answer = post(signed_in(acme, alice), document, version, move, reason="because", applies_country=["DE"])

    assert code_of(answer) == (400, "unknown_field", "applies_country")
    assert version_of_now(acme, version) == "draft"


def test_change_of_readers_with_an_unknown_key_is_refused(acme, alice, document):
    answer = signed_in(acme, alice).patch(
        f"/api/v1/documents/{document.pk}/access",
        {"department": ["Sales"], "reason": "Sales only"},
        content_type="application/json",
    )

    assert code_of(answer) == (400, "unknown_field", "department")


def test_upload_is_kept_as_a_draft(acme, alice):
    file = SimpleUploadedFile("travel.md", b"# Travel\n\nFirst class.")
    answer = signed_in(acme, alice).post("/api/v1/ingest", {"file": file, "publish": "false"})

    with context.enter(acme):
        assert DocumentVersion.objects.get(pk=answer.json()["id"]).publication == "draft"


def test_download_is_of_the_version_in_force_for_the_person(acme, bob):
    with context.enter(acme):
        first = services.receive(source=io.BytesIO(b"# Travel\n\nNow."), original_name="now.md").version
        services.process_version(version_id=first.pk)
        tomorrow = context.local_today() + timedelta(days=1)
        terms = services.Terms(window=Window(tomorrow))
        later = services.receive(
            source=io.BytesIO(b"# Travel\n\nLater."), original_name="later.md", document=first.document, terms=terms
        ).version
        services.process_version(version_id=later.pk)

    answer = signed_in(acme, bob).get(f"/api/v1/documents/{first.document_id}/file")

    assert b"".join(answer.streaming_content) == b"# Travel\n\nNow."
