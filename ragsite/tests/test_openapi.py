"""The API's description: complete, kept, and true of what the API really does."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from hr.tests.api_helpers import api
from ragsite.api.docs import _rendered
from tenants.models import Tenant

SNAPSHOT = Path(__file__).resolve().parents[2] / "docs" / "openapi-v1.yaml"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(_rendered("yaml"))
    return document


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, entry) for path, methods in described["paths"].items() for method, entry in methods.items()]


def test_generation_has_no_warnings(tmp_path: Path) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_snapshot_is_up_to_date() -> None:
    """After a wanted change: manage.py spectacular --file docs/openapi-v1.yaml"""
    assert yaml.safe_load(SNAPSHOT.read_text()) == yaml.safe_load(_rendered("yaml"))


def test_every_endpoint_is_described(described: dict[str, Any]) -> None:
    assert {(method, path.removeprefix("/api/v1")) for path, method, _ in operations(described)} == {
        ("post", "/auth/token"),
        ("post", "/auth/token/refresh"),
        ("post", "/auth/logout"),
        ("get", "/employees"),
        ("get", "/employees/{employee_id}"),
        ("post", "/employees/import"),
        ("post", "/ingest"),
        ("get", "/ingest/{version_id}"),
        ("get", "/documents"),
        ("get", "/documents/{document_id}"),
        ("delete", "/documents/{document_id}"),
        ("get", "/documents/{document_id}/file"),
        ("get", "/documents/{document_id}/access"),
        ("patch", "/documents/{document_id}/access"),
        ("get", "/documents/{document_id}/versions"),
        ("post", "/documents/{document_id}/versions/{version_id}/publish"),
        ("post", "/documents/{document_id}/versions/{version_id}/window"),
        ("post", "/documents/{document_id}/versions/{version_id}/submit"),
        ("post", "/documents/{document_id}/versions/{version_id}/approve"),
        ("post", "/documents/{document_id}/versions/{version_id}/return"),
        ("post", "/documents/{document_id}/versions/{version_id}/withdraw"),
        ("post", "/search"),
        ("post", "/query"),
        ("post", "/query/stream"),
        ("post", "/queries/{query_id}/feedback"),
        ("post", "/proposals/{proposal_id}/confirm"),
        ("get", "/leave/balance"),
        ("get", "/leave/requests"),
        ("post", "/leave/requests"),
        ("post", "/leave/requests/{request_id}/cancel"),
        ("post", "/leave/requests/{request_id}/approve"),
        ("post", "/leave/requests/{request_id}/reject"),
        ("get", "/leave/team"),
        ("get", "/paystubs"),
        ("get", "/paystubs/{paystub_id}"),
        ("get", "/paystubs/{paystub_id}/pdf"),
    }


def test_every_error_is_described_with_an_example(described: dict[str, Any]) -> None:
    for path, _, entry in operations(described):
        errors = {status: body for status, body in entry["responses"].items() if status >= "400"}
        assert {"401", "403", "429", "500", "503"} <= errors.keys(), path
        for status, body in errors.items():
            content = body["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/ErrorV1"}, (path, status)
            assert content["examples"]


def test_component_names_carry_the_version(described: dict[str, Any]) -> None:
    names = described["components"]["schemas"].keys()

    assert [name for name in names if not name.endswith("V1")] == []


def test_only_sign_in_works_without_a_token(described: dict[str, Any]) -> None:
    assert described["components"]["securitySchemes"]["accessToken"]["scheme"] == "bearer"
    open_paths = {path for path, _, entry in operations(described) if {} in entry["security"]}
    assert {path.removeprefix("/api/v1") for path in open_paths} == {
        "/auth/token",
        "/auth/token/refresh",
        "/auth/logout",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/vnd.oai.openapi"])
def test_schema_is_served(acme: Tenant, accept: str) -> None:
    answer = api(acme).get("/api/v1/schema/", headers={"Accept": accept})

    assert answer.status_code == 200
    assert ("json" in answer["Content-Type"]) == (accept == "application/json")
    assert yaml.safe_load(answer.content)["openapi"].startswith("3.")


@pytest.mark.django_db
def test_docs_page_works_under_the_strict_policy(acme: Tenant) -> None:
    answer = api(acme).get("/api/v1/docs/")

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "<style" not in html and "style=" not in html and "<script>" not in html
    assert "http://" not in html and "https://" not in html and 'src="//' not in html
    assert "'unsafe" not in answer["Content-Security-Policy"]
    script = api(acme).get("/api/v1/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/?format=json" in script.content.decode().replace("\\u002D", "-").replace("\\u003D", "=")


@pytest.mark.django_db
def test_docs_page_reflects_nothing(acme: Tenant) -> None:
    for path in ("/api/v1/docs/?lang=</script><x>", "/api/v1/docs/?script=&version=';alert(1);'"):
        assert b"alert(1)" not in api(acme).get(path).content
        assert b"<x>" not in api(acme).get(path).content
