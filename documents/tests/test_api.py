"""Documents over HTTP: put in, follow, list, read, fetch, delete; and who sees what of it."""

import io
import json
import uuid
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit.models import AuditLog
from documents import services
from documents.models import Document, DocumentVersion
from hr.models import Employee
from hr.tests.api_helpers import api, signed_in
from hr.tokens.metrics import TENANT_DISAGREEMENTS
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.django_db

LEAVE = b"# Leave\n\n## Parental leave\n\nEmployees receive 80 working days of paid parental leave per child.\n"
SALARIES = b"# Salary bands\n\nBand 4 runs from 71,300 to 84,900 euros a year.\n"
INGEST, DOCUMENTS = "/api/v1/ingest", "/api/v1/documents"
NOT_FOUND = {"type": "client_error", "errors": [{"code": "not_found", "detail": "Not found.", "attr": None}]}


def upload(client: Client, content: bytes = LEAVE, name: str = "leave.md", **fields: Any) -> Any:
    return client.post(INGEST, {"file": SimpleUploadedFile(name, content), **fields})


def ready(tenant: Tenant, content: bytes = LEAVE, name: str = "leave.md", **fields: Any) -> Document:
    """A document that went the whole way."""
    with context.enter(tenant):
        receipt = services.receive(source=io.BytesIO(content), original_name=name, **fields)
        services.process_version(version_id=receipt.version.pk)
        document = Document.objects.get(pk=receipt.version.document_id)
        assert document.serving_version_id == receipt.version.pk
        return document


@pytest.fixture
def salaries(acme: Tenant) -> Document:
    """A confidential document of acme."""
    return ready(acme, SALARIES, "salaries.md", is_confidential=True)


@pytest.fixture
def leave(acme: Tenant) -> Document:
    return ready(acme, external_id="leave")


def test_upload_is_accepted_followed_and_ready(acme: Tenant, alice: Employee) -> None:
    client = signed_in(acme, alice)

    answer = upload(client, is_confidential="false", title="All about leave", external_id="leave")

    assert answer.status_code == 202, answer.content
    body = answer.json()
    assert body["status"] == "received"
    assert body["status_url"] == answer["Location"] == f"{INGEST}/{body['id']}"
    with context.enter(acme):
        services.process_version(version_id=uuid.UUID(body["id"]))
        assert AuditLog.objects.get(verb="document.upload").actor == alice.actor_label
    status = client.get(body["status_url"]).json()
    assert status == {
        "id": body["id"],
        "document_id": body["document_id"],
        "status": "ready",
        "error": None,
        "chunks": 1,
        "pages": None,
    }
    document = client.get(f"{DOCUMENTS}/{body['document_id']}").json()
    assert (document["title"], document["external_id"], document["state"]) == ("All about leave", "leave", "ready")


@pytest.mark.parametrize(
    ("name", "values"),
    [("is_confidential", ["true", "false"]), ("title", ["One", "Two"]), ("publish", ["false", "true"])],
)
def test_part_that_comes_twice_is_refused_and_lists_are_not(
    acme: Tenant, alice: Employee, name: str, values: list[str]
) -> None:
    client = signed_in(acme, alice)

    refused = upload(client, **{name: values})
    taken = upload(client, applies_countries=["DE", "FR"], audience_roles=["manager", "hr"])

    error = refused.json()["errors"][0]
    assert (refused.status_code, error["code"], error["attr"]) == (400, "repeated", name)
    assert taken.status_code == 202
    with context.enter(acme):
        document = Document.objects.get()
        assert sorted(document.audience_roles) == ["hr", "manager"]


def test_two_files_in_one_upload_are_refused(acme: Tenant, alice: Employee) -> None:
    files = [SimpleUploadedFile(name, LEAVE) for name in ("a.md", "b.md")]

    refused = signed_in(acme, alice).post(INGEST, {"file": files})

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "repeated")


def test_same_bytes_again_are_recognised(acme: Tenant, alice: Employee) -> None:
    client = signed_in(acme, alice)
    first = upload(client).json()

    again = upload(client, name="other.md")

    assert again.status_code == 202
    assert again.json() == {**first, "recognised": True}


def test_rejection_is_told_with_its_code(acme: Tenant, alice: Employee) -> None:
    client = signed_in(acme, alice)
    accepted = upload(client, b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 64, "program.pdf").json()
    with context.enter(acme):
        services.process_version(version_id=uuid.UUID(accepted["id"]))

    status = client.get(accepted["status_url"]).json()

    assert status["status"] == "rejected"
    assert status["error"]["code"] in ("unsupported_type", "type_mismatch")
    assert status["error"]["message"]


@pytest.mark.parametrize("role", ["employee", "manager"])
def test_only_those_who_manage_documents_put_in_follow_and_delete(
    acme: Tenant, bob: Employee, leave: Document, role: str
) -> None:
    with context.enter(acme):
        Employee.objects.filter(pk=bob.pk).update(role=role)
        bob.refresh_from_db()
    client = signed_in(acme, bob)

    answers = [
        upload(client),
        client.get(f"{INGEST}/{leave.serving_version_id}"),
        client.get(f"{INGEST}/{uuid.uuid4()}"),
        client.delete(f"{DOCUMENTS}/{leave.pk}"),
        client.delete(f"{DOCUMENTS}/{uuid.uuid4()}"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert {answer.json()["errors"][0]["code"] for answer in answers} == {"permission_denied"}
    with context.enter(acme):
        assert Document.objects.count() == 1


def test_bob_never_gets_a_confidential_document(acme: Tenant, bob: Employee, salaries: Document) -> None:
    client = signed_in(acme, bob)
    missing = client.get(f"{DOCUMENTS}/{uuid.uuid4()}")

    hidden = [client.get(f"{DOCUMENTS}/{salaries.pk}"), client.get(f"{DOCUMENTS}/{salaries.pk}/file")]

    assert {(answer.status_code, answer.content) for answer in hidden} == {(404, missing.content)}
    assert missing.json() == NOT_FOUND
    listed = client.get(DOCUMENTS).json()
    assert (listed["count"], listed["results"]) == (0, [])
    assert client.get(DOCUMENTS, {"title": "salar"}).json()["count"] == 0


def test_alice_gets_it(acme: Tenant, alice: Employee, salaries: Document) -> None:
    client = signed_in(acme, alice)

    assert client.get(DOCUMENTS).json()["results"][0]["id"] == str(salaries.pk)
    answer = client.get(f"{DOCUMENTS}/{salaries.pk}/file")
    assert b"".join(answer.streaming_content) == SALARIES  # type: ignore[attr-defined]


def test_charlie_sees_nothing_of_acme(globex: Tenant, charlie: Employee, leave: Document, acme: Tenant) -> None:
    with context.enter(globex):
        Employee.objects.filter(pk=charlie.pk).update(role="hr")
        charlie.refresh_from_db()
    client = signed_in(globex, charlie)

    answers = [
        client.get(f"{DOCUMENTS}/{leave.pk}"),
        client.get(f"{DOCUMENTS}/{leave.pk}/file"),
        client.get(f"{INGEST}/{leave.serving_version_id}"),
        client.delete(f"{DOCUMENTS}/{leave.pk}"),
    ]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(404, NOT_FOUND)] * 4
    assert client.get(DOCUMENTS).json()["count"] == 0
    with context.enter(acme):
        assert Document.objects.filter(pk=leave.pk, deleted_at__isnull=True).exists()


def test_work_in_progress_is_shown_to_those_who_manage_documents(
    acme: Tenant, alice: Employee, bob: Employee, leave: Document
) -> None:
    hr, employee = signed_in(acme, alice), signed_in(acme, bob)
    fresh = upload(hr, LEAVE + b"\nMore.\n", "new.md").json()

    assert [row["state"] for row in hr.get(DOCUMENTS).json()["results"]] == ["received", "ready"]
    assert [row["state"] for row in employee.get(DOCUMENTS).json()["results"]] == ["ready"]
    assert hr.get(DOCUMENTS, {"state": "received"}).json()["count"] == 1
    assert employee.get(DOCUMENTS, {"state": "received"}).json()["count"] == 0
    assert hr.get(f"{DOCUMENTS}/{fresh['document_id']}").json()["file_url"] is None
    assert employee.get(f"{DOCUMENTS}/{fresh['document_id']}").status_code == 404
    assert hr.get(f"{DOCUMENTS}/{fresh['document_id']}/file").status_code == 404


def test_a_running_update_is_not_told_to_employees(
    acme: Tenant, alice: Employee, bob: Employee, leave: Document
) -> None:
    upload(signed_in(acme, alice), LEAVE + b"\nMore.\n", "leave.md", external_id="leave")

    assert signed_in(acme, alice).get(f"{DOCUMENTS}/{leave.pk}").json()["state"] == "received"
    assert signed_in(acme, bob).get(f"{DOCUMENTS}/{leave.pk}").json()["state"] == "ready"


def test_lists_come_in_pages_and_are_filtered(acme: Tenant, bob: Employee, leave: Document) -> None:
    for number in range(3):
        ready(acme, LEAVE + str(number).encode(), f"leave {number}.md", title=f"Rule {number}")
    client = signed_in(acme, bob)

    page = client.get(DOCUMENTS, {"page_size": 2, "page": 2}).json()

    assert (page["count"], len(page["results"]), page["next"]) == (4, 2, None)
    assert client.get(DOCUMENTS, {"title": "RULE"}).json()["count"] == 3


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("page=0", 404),
        ("page=x", 404),
        ("page=99999999999999999999999999", 404),
        ("page=" + "9" * 5000, 404),
        ("page_size=x", 200),
        ("page_size=-1", 200),
        ("page_size=99999999999999999999", 200),
        ("title=%00", 400),
        ("title=" + "x" * 301, 400),
        ("title=%ED%A0%80%FF", 200),
        ("title=%25%27%22--", 200),
        ("title=", 200),
        ("state=nonsense", 400),
        ("format=xml", 200),
        ("unknown=1", 200),
    ],
)
def test_odd_list_queries_are_answered(acme: Tenant, bob: Employee, leave: Document, query: str, status: int) -> None:
    answer = signed_in(acme, bob).get(f"{DOCUMENTS}?{query}")

    assert answer.status_code == status, answer.content


def test_file_is_an_attachment_that_nothing_keeps_or_runs(acme: Tenant, bob: Employee) -> None:
    name = 'Über "Urlaub"; ../\u202e€.md'
    document = ready(acme, LEAVE, name)
    client = signed_in(acme, bob)

    answer = client.get(f"{DOCUMENTS}/{document.pk}/file", headers={"Accept": "application/pdf"})

    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == LEAVE  # type: ignore[attr-defined]
    disposition = answer["Content-Disposition"]
    assert disposition.startswith("attachment; filename*=utf-8''")
    assert disposition.isascii() and "/" not in disposition and "\n" not in disposition
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Length"] == str(len(LEAVE))
    assert "sandbox" in answer["Content-Security-Policy"]
    with context.enter(acme):
        row = AuditLog.objects.get(verb="document.download")
    assert (row.actor, row.target) == (bob.actor_label, f"document:{document.pk}")


def test_file_under_another_companys_key_is_refused_counted_and_recorded(
    acme: Tenant, globex: Tenant, bob: Employee, leave: Document
) -> None:
    foreign = ready(globex, SALARIES, "salaries.md")
    with context.enter(globex):
        assert foreign.serving_version is not None
        key = foreign.serving_version.storage_key
    with context.enter(acme):
        DocumentVersion.objects.filter(pk=leave.serving_version_id).update(storage_key=key)
    before = TENANT_DISAGREEMENTS._value.get()

    answer = signed_in(acme, bob).get(f"{DOCUMENTS}/{leave.pk}/file")

    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    assert TENANT_DISAGREEMENTS._value.get() == before + 1
    with context.enter(acme):
        assert AuditLog.objects.filter(verb="document.download", outcome="refused").count() == 1


def test_file_that_the_store_has_lost_is_503(acme: Tenant, bob: Employee, leave: Document) -> None:
    with context.enter(acme):
        assert leave.serving_version is not None
        default_storage.delete(leave.serving_version.storage_key)

    answer = signed_in(acme, bob).get(f"{DOCUMENTS}/{leave.pk}/file")

    assert answer.status_code == 503
    assert answer.json()["errors"][0]["code"] == "storage_unavailable"
    assert answer["Retry-After"]


def test_store_that_is_down_is_503_before_anything_is_recorded(
    acme: Tenant, alice: Employee, leave: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("no route to host")

    client = signed_in(acme, alice)
    monkeypatch.setattr(FileSystemStorage, "open", down)
    monkeypatch.setattr(FileSystemStorage, "save", down)

    answers = [client.get(f"{DOCUMENTS}/{leave.pk}/file"), upload(client, SALARIES)]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert all(answer["Retry-After"] for answer in answers)
    with context.enter(acme):
        assert Document.objects.count() == 1
        assert not AuditLog.objects.filter(verb="document.download").exists()


def test_deleted_document_is_gone_at_once(acme: Tenant, alice: Employee, leave: Document) -> None:
    client = signed_in(acme, alice)

    assert client.delete(f"{DOCUMENTS}/{leave.pk}").status_code == 204

    assert client.get(f"{DOCUMENTS}/{leave.pk}").status_code == 404
    assert client.get(f"{DOCUMENTS}/{leave.pk}/file").status_code == 404
    assert client.delete(f"{DOCUMENTS}/{leave.pk}").status_code == 404
    assert client.get(f"{INGEST}/{leave.serving_version_id}").status_code == 404


def test_upload_over_the_limit_is_refused(acme: Tenant, alice: Employee, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    client = signed_in(acme, alice)

    one_too_many, far_too_many = upload(client, b"x" * 1001), upload(client, b"x" * 200_000)

    for answer in (one_too_many, far_too_many):
        assert answer.status_code == 413
        assert answer.json()["errors"][0]["code"] == "too_large"
    assert upload(client, b"x" * 1000).status_code == 202
    with context.enter(acme):
        assert Document.objects.count() == 1


def test_empty_file_is_refused(acme: Tenant, alice: Employee) -> None:
    answer = upload(signed_in(acme, alice), b"")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "empty")


def _form(filename: bytes, *, content: bytes = LEAVE, extra: bytes = b"") -> bytes:
    return (
        b'--B\r\nContent-Disposition: form-data; name="file"; ' + filename + b"\r\n"
        b"Content-Type: text/markdown\r\n\r\n" + content + b"\r\n" + extra + b"--B--\r\n"
    )


@pytest.mark.parametrize(
    ("filename", "stored"),
    [
        (b'filename="../../etc/passwd.md"', "passwd.md"),
        (b'filename="C:\\\\temp\\\\leave.md"', "leave.md"),
        (b"filename*=utf-8''%e2%82%ac.md", "€.md"),
        (b'filename="' + b"x" * 400 + b'.md"', None),
        (b'filename="\x01\x02.md"', None),
        (b'filename="..."', None),
    ],
)
def test_odd_file_names_are_data(acme: Tenant, alice: Employee, filename: bytes, stored: str | None) -> None:
    client = signed_in(acme, alice)

    answer = client.generic("POST", INGEST, _form(filename), content_type="multipart/form-data; boundary=B")

    assert answer.status_code == 202, answer.content
    with context.enter(acme):
        version = DocumentVersion.objects.get(pk=answer.json()["id"])
    assert version.original_name == stored or stored is None
    assert len(version.original_name) <= 255 and "/" not in version.original_name
    assert version.storage_key == f"{acme.uuid}/documents/{version.pk}"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "multipart/form-data; boundary=B", 400),
        (b"garbage", "multipart/form-data; boundary=B", 400),
        (b"garbage", "multipart/form-data", 400),
        (_form(b'filename="a.md"'), "multipart/form-data; boundary=\xe4", 400),
        (_form(b'filename="a.md"')[:80], "multipart/form-data; boundary=B", 400),
        (_form(b'filename=""'), "multipart/form-data; boundary=B", 400),
        (_form(b'filename=".."'), "multipart/form-data; boundary=B", 400),
        (_form(b'filename="\xff\xfe\xe4.md"'), "multipart/form-data; boundary=B", 400),
        (_form(b"filename*=rot13''abc"), "multipart/form-data; boundary=B", 202),
        (_form(b"filename*=utf-8''%ff%fe"), "multipart/form-data; boundary=B", 202),
        (_form(b'filename="a.md"'), "multipart/form-data; boundary=B; charset=rot13", 202),
        (_form(b'filename="a.md"'), "multipart/form-data; boundary=B; charset=utf-16", 202),
        (b"{}", "application/json", 415),
        (b"file=x", "application/x-www-form-urlencoded", 415),
        (b"x", "x" * 300, 415),
        (b"x", "", 415),
    ],
)
def test_odd_uploads_end_in_a_clear_answer(
    acme: Tenant, alice: Employee, body: bytes, content_type: str, status: int
) -> None:
    answer = signed_in(acme, alice).generic("POST", INGEST, body, content_type=content_type)

    assert answer.status_code == status, answer.content
    if status != 202:
        assert set(answer.json()) == {"type", "errors"}


@pytest.mark.parametrize(
    ("fields", "attr"),
    [
        ({"title": "x" * 301}, "title"),
        ({"external_id": "x" * 201}, "external_id"),
        ({"external_id": "a\x00b"}, "external_id"),
        ({"is_confidential": "perhaps"}, "is_confidential"),
    ],
)
def test_wrong_fields_are_named(acme: Tenant, alice: Employee, fields: dict[str, str], attr: str) -> None:
    answer = upload(signed_in(acme, alice), **fields)

    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == [attr]


def test_confidentiality_left_out_keeps_what_the_document_has(acme: Tenant, alice: Employee) -> None:
    client = signed_in(acme, alice)
    first = upload(client, SALARIES, "s.md", external_id="s", is_confidential="true").json()

    upload(client, SALARIES + b"\nmore\n", "s.md", external_id="s")

    assert client.get(f"{DOCUMENTS}/{first['document_id']}").json()["is_confidential"] is True


def test_ids_that_are_none_lead_nowhere(acme: Tenant, alice: Employee) -> None:
    client = signed_in(acme, alice)

    for path in ("x", "1", "../../etc", "%00", "' OR 1=1", "0" * 500, str(uuid.uuid4()).upper() + "x"):
        answer = client.get(f"{DOCUMENTS}/{path}")
        assert (answer.status_code, json.loads(answer.content)) == (404, NOT_FOUND)


def test_anonymous_gets_nothing(acme: Tenant, leave: Document) -> None:
    assert api(acme).get(f"{DOCUMENTS}/{leave.pk}/file").status_code == 401
