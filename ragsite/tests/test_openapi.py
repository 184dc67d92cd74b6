"""The API's description: complete, kept, and true of what the API really does."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from hr.tests.api_helpers import api
from ragsite.api.docs import rendered
from ragsite.management.commands.write_openapi import FILES
from ragsite.tests.matrix.resolver import PLATFORM, TENANT, routes_of
from tenants.models import Tenant

DOCS = Path(__file__).resolve().parents[2] / "docs"
BOTH = [
    pytest.param(False, TENANT, id="companies"),
    pytest.param(True, PLATFORM, id="platform"),
]


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(rendered("yaml"))
    return document


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, entry) for path, methods in described["paths"].items() for method, entry in methods.items()]


@pytest.mark.parametrize(("of_platform", "urlconf"), BOTH)
def test_generation_has_no_warnings(tmp_path: Path, of_platform: bool, urlconf: str) -> None:
    file = str(tmp_path / "schema.yaml")
    call_command("spectacular", "--validate", "--fail-on-warn", "--urlconf", urlconf, "--file", file)


@pytest.mark.parametrize(("name", "of_platform"), FILES.items())
def test_snapshot_is_up_to_date(name: str, of_platform: bool) -> None:
    """After a wanted change: manage.py write_openapi"""
    assert yaml.safe_load((DOCS / name).read_text()) == yaml.safe_load(rendered("yaml", of_platform=of_platform))


@pytest.mark.parametrize(("of_platform", "urlconf"), BOTH)
def test_every_operation_is_described_and_every_description_an_operation(of_platform: bool, urlconf: str) -> None:
    document = yaml.safe_load(rendered("yaml", of_platform=of_platform))
    described = {(method.upper(), path) for path, method, _ in operations(document)}
    routes = {
        (method, "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.pattern))
        for route in routes_of(urlconf)
        if route.pattern.startswith("api/v1/") and not route.pattern.endswith(("/schema/", "/docs/"))
        for method in route.methods
    }

    assert described == routes


@pytest.mark.parametrize(("of_platform", "urlconf"), BOTH)
def test_every_error_is_described_with_an_example(of_platform: bool, urlconf: str) -> None:
    for path, _, entry in operations(yaml.safe_load(rendered("yaml", of_platform=of_platform))):
        errors = {status: body for status, body in entry["responses"].items() if status >= "400"}
        assert {"401", "403", "429", "500", "503"} <= errors.keys(), path
        for status, body in errors.items():
            content = body["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/ErrorV1"}, (path, status)
            assert content["examples"]


@pytest.mark.parametrize(("of_platform", "urlconf"), BOTH)
def test_component_names_carry_the_version(of_platform: bool, urlconf: str) -> None:
    names = yaml.safe_load(rendered("yaml", of_platform=of_platform))["components"]["schemas"].keys()

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
