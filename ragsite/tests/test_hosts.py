"""Which host leads where: suspended companies, unknown names, and Host headers that are hardly ones."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from hr.models import Employee
from hr.tests.api_helpers import api, post, signed_in
from ragsite import health
from ragsite.tests.matrix.resolver import TENANT, routes_of
from retrieval.tests.browsing import browser_of
from tenants import context
from tenants import services as tenants
from tenants.models import Domain, Tenant

pytestmark = pytest.mark.django_db

PLAIN_PATHS = [
    "/admin/documents/" if "app_label" in route.pattern else "/" + re.sub(r"\(.*", "x", route.pattern)
    for route in routes_of(TENANT)
    if "<" not in route.pattern or "(?P" in route.pattern
]


@pytest.fixture
def suspended(acme: Tenant) -> Tenant:
    tenants.suspend(tenant=acme, reason="unpaid")
    return acme


def test_every_path_of_a_suspended_company_is_refused_for_everybody(
    acme: Tenant, alice: Employee, bob: Employee
) -> None:
    clients = [browser_of(alice, acme), browser_of(bob, acme), signed_in(acme, alice), api(acme)]
    assert clients[0].get("/").status_code == 200
    tenants.suspend(tenant=acme, reason="unpaid")

    answers = {
        (path, method): {getattr(client, method)(path).status_code for client in clients}
        for path in (*PLAIN_PATHS, "/d/no-such-thing/", "/nothing/")
        for method in ("get", "post")
    }

    assert {path: codes for path, codes in answers.items() if codes != {403}} == {}
    assert len(answers) > 50


def test_a_suspended_companys_refusal_has_the_shape_of_its_surface_and_is_not_kept(suspended: Tenant) -> None:
    page, program = api(suspended).get("/"), api(suspended).get("/api/v1/documents")

    assert page["Content-Type"].startswith("text/plain")
    assert program.json()["errors"][0]["code"] == "tenant_suspended"
    assert {page["Cache-Control"], program["Cache-Control"]} == {"private, no-store"}
    assert suspended.name.encode() not in page.content + program.content


def test_a_browser_gets_the_suspended_companys_refusal_as_a_page(suspended: Tenant) -> None:
    page = api(suspended).get("/", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert (page.status_code, page["Cache-Control"]) == (403, "private, no-store")
    text = page.content.decode()
    assert "<h1>Access suspended</h1>" in text and "css/site" in text
    assert "access is suspended. Please turn to your HR department, or to whoever runs" in text
    assert suspended.name not in text and "/sign-in" not in text


@pytest.mark.parametrize("host", ["localhost", "acme.localhost"])
def test_the_icon_that_browsers_ask_for_leads_to_ours(acme: Tenant, host: str) -> None:
    answer = Client(headers={"host": host}).get("/favicon.ico")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/static/icons/favicon") and answer["Location"].endswith(".svg")


def test_nobody_signs_in_to_a_suspended_company(suspended: Tenant, globex: Tenant) -> None:
    given = {"email": "bob@acme.example", "password": "correct horse battery"}

    assert post(api(suspended), "/api/v1/auth/token", given).status_code == 403
    assert api(suspended).post("/sign-in/", given).status_code == 403
    assert api(globex).get("/sign-in/").status_code == 200


def _operator(email: str) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser(email, email, None), backend="hr.backends.EmployeeBackend")
    return client


def test_operators_reach_their_console_and_resuming_works_at_once(acme: Tenant, bob: Employee) -> None:
    operator, second = _operator("operator@platform.example"), _operator("second@platform.example")
    browser, program = browser_of(bob, acme), signed_in(acme, bob)
    page = f"/admin/tenants/tenant/{acme.pk}"
    confirmed = {"confirmed": "1", "reason": "checking what happens"}

    assert operator.post(f"{page}/suspend/", {**confirmed, "typed_name": acme.name}).status_code == 302
    assert (browser.get("/").status_code, program.get("/api/v1/documents").status_code) == (403, 403)
    assert operator.get(f"{page}/change/").status_code == 200

    assert second.post(f"{page}/resume/", confirmed).status_code == 302
    assert (browser.get("/").status_code, program.get("/api/v1/documents").status_code) == (200, 200)


def test_a_company_that_is_being_set_up_is_not_there_yet(acme: Tenant) -> None:
    Tenant.objects.filter(pk=acme.pk).update(state=Tenant.State.PROVISIONING)

    assert _told(Client(), "acme.localhost") == _told(Client(), "nobody.example")


def test_a_host_name_that_was_taken_away_leads_nowhere_at_once(acme: Tenant) -> None:
    domain = tenants.add_domain(tenant=acme, domain="people.acme.example")
    assert Client().get("/sign-in/", headers={"host": "people.acme.example"}).status_code == 200

    tenants.remove_domain(domain=domain)

    assert _told(Client(), "people.acme.example") == (404, b"Not found")
    assert Domain.objects.filter(tenant=acme).count() == 1


@pytest.mark.parametrize("path", ["/", "/admin/", "/api/v1/documents", "/sign-in/", "/nothing/"])
def test_an_unknown_host_is_a_plain_404_that_tells_nothing(acme: Tenant, globex: Tenant, path: str) -> None:
    response = Client().get(path, headers={"host": "nobody.example"})

    assert (response.status_code, response.content) == (404, b"Not found")
    assert response["Content-Type"] == "text/plain"
    assert not response.cookies
    told = str(dict(response.items())).lower()
    assert not [name for name in ("acme", "globex", "django", "admin") if name in told]


ODD_HOSTS = [
    "",
    " ",
    ".",
    "..",
    ":",
    ":80",
    "acme.localhost:",
    "acme.localhost:x",
    "acme.localhost:80:80",
    "acme.localhost..",
    ".acme.localhost",
    "x.acme.localhost",
    "acme.localhost.example.com",
    "acme.localhost@nobody.example",
    "acme.localhost/x",
    "acme.localhost\n",
    "acme.localhost\x00",
    "\x00",
    "acme\x00.localhost",
    "acme.localhost, globex.localhost",
    "acme_.localhost",
    "[::1]",
    "[::1]:8000",
    "[::ffff:127.0.0.1]:8000",
    "[",
    "[]",
    "[::1",
    "127.0.0.2",
    "a" * 300 + ".localhost",
    "a" * 70_000,
    "ａcme.localhost",
    "acm\xe9.localhost",
    "\udcff.localhost",
    "xn--80ak6aa92e.localhost",
    "%61cme.localhost",
    "' OR 1=1 --",
    "public",
    "acme",
]


@pytest.mark.parametrize("host", ODD_HOSTS)
@pytest.mark.parametrize("path", ["/sign-in/", "/api/v1/documents", "/admin/"])
def test_an_odd_host_is_nobody_and_never_an_error(acme: Tenant, host: str, path: str) -> None:
    client = Client(raise_request_exception=False)

    for response in (client.get(path, HTTP_HOST=host), client.post(path, HTTP_HOST=host, HTTP_ORIGIN=f"http://{host}")):
        assert response.status_code in (400, 404), (host[:40], response.status_code)
        assert b"Acme" not in response.content


@pytest.mark.parametrize(
    "host",
    [
        "acme.localhost",
        "acme.localhost:8000",
        "ACME.LocalHost",
        "acme.localhost.",
        "ACME.localhost.:443",
        "acme.localhost:99999999999999999999",
    ],
)
def test_a_name_is_the_same_with_port_final_dot_and_in_capitals(acme: Tenant, bob: Employee, host: str) -> None:
    response = signed_in(acme, bob).get("/api/v1/documents", HTTP_HOST=host, headers={"host": host})

    assert response.status_code == 200


def test_a_forwarded_host_is_not_believed(acme: Tenant, globex: Tenant, bob: Employee) -> None:
    with context.enter(acme):
        client = signed_in(acme, bob)
    forwarded: dict[str, Any] = {"X-Forwarded-Host": "globex.localhost", "X-Host": "globex.localhost"}

    response = client.get("/api/v1/documents", headers=forwarded)

    assert response.status_code == 200
    assert Client().get("/", headers={"host": "nobody.example", **forwarded}).status_code == 404


def test_probes_are_these_answer_on_every_host_and_name_no_company(acme: Tenant, suspended: Tenant) -> None:
    """They stand before the resolver, so the route matrix does not see them: a new one is decided on here."""
    assert set(health.PROBES) == {"/health", "/healthz", "/livez", "/readyz", "/metrics"}

    for host in ("acme.localhost", "localhost", "nobody.example", "", "acme\x00"):
        for path in health.PROBES.keys() - {"/metrics"}:
            response = Client(raise_request_exception=False).get(path, HTTP_HOST=host)
            assert response.status_code in (200, 503 if path == "/readyz" else 200), (host, path)
            assert not [name for name in (b"acme", b"Acme", str(acme.uuid).encode()) if name in response.content]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "10.0.0.7", "[::1]:8000", "[::1]"])
def test_metrics_answer_on_the_platforms_hosts_and_on_addresses(acme: Tenant, host: str) -> None:
    assert Client().get("/metrics", HTTP_HOST=host).status_code == 200


@pytest.mark.parametrize("host", ["acme.localhost", "ACME.localhost.:8000", "globex.localhost", "nobody.example", ""])
def test_metrics_are_on_no_companys_host_even_for_neighbours(acme: Tenant, suspended: Tenant, host: str) -> None:
    response = Client(REMOTE_ADDR="127.0.0.1").get("/metrics", HTTP_HOST=host)

    assert (response.status_code, response.content) == (404, b"Not found")


@pytest.mark.parametrize("claimed", ["127.0.0.1", "127.0.0.1, 127.0.0.1", "::1"])
def test_metrics_are_not_there_for_strangers_whatever_address_they_claim(acme: Tenant, claimed: str) -> None:
    stranger = Client(REMOTE_ADDR="203.0.113.9", HTTP_HOST="localhost")

    response = stranger.get("/metrics", headers={"X-Forwarded-For": claimed, "X-Real-IP": claimed})

    assert (response.status_code, response.content) == (404, b"Not found")


def _told(client: Client, host: str) -> tuple[int, bytes]:
    response = client.get("/sign-in/", headers={"host": host})
    return response.status_code, response.content
