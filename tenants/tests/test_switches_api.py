"""Companies and kill switches by the platform's API, as operators and as programs."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from audit.models import AuditLog
from tenants import context
from tenants.machines import accounts, operators
from tenants.models import KillSwitch, Tenant

pytestmark = pytest.mark.django_db

BASE = "/api/v1/platform"
LEAK = {"reason": "a suspected leak"}


@pytest.fixture
def ann(db: None) -> str:
    return _token("ann@platform.example")


@pytest.fixture
def bea(db: None) -> str:
    return _token("bea@platform.example")


def _token(email: str) -> str:
    return operators.issue_token(operator=User.objects.create_superuser(email, email, None), now=timezone.now())


def program(*scopes: str) -> str:
    """A service account's secret."""
    responsible = User.objects.create_superuser("olga@platform.example", "olga@platform.example", None)
    issued = accounts.create(
        operator_id=responsible.pk,
        name="monitoring",
        purpose="",
        scopes=list(scopes),
        days=30,
        reason="for the tests",
        now=timezone.now(),
    )
    return issued.secret


def call(method: str, path: str, token: str = "", body: Any = None) -> Any:
    headers = {"host": "localhost", **({"authorization": f"Bearer {token}"} if token else {})}
    client = Client(headers=headers, raise_request_exception=False)
    return client.generic(method, f"{BASE}/{path}", json.dumps(body or {}), content_type="application/json")


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_company_is_suspended_by_one_operator_and_resumed_by_another(acme: Tenant, ann: str, bea: str) -> None:
    path = f"tenants/{acme.uuid}"

    suspended = call("POST", f"{path}/suspend", ann, LEAK)

    assert suspended.status_code == 201
    assert suspended.json()["effect"] == {"seconds": None, "processes": 0, "silent": 0}
    assert call("GET", path, ann).json()["state"] == "suspended"
    assert code(call("POST", f"{path}/suspend", bea, LEAK)) == (409, "wrong_state")
    assert code(call("POST", f"{path}/resume", ann, LEAK)) == (403, "second_person_needed")
    assert call("POST", f"{path}/request-resume", ann, LEAK).status_code == 200
    assert call("POST", f"{path}/resume", bea, LEAK).json()["state"] == "released"
    assert call("GET", path, ann).json()["state"] == "active"
    assert code(call("POST", f"{path}/resume", bea, LEAK)) == (409, "wrong_state")
    rows = AuditLog.objects.filter(target=f"tenant:{acme.uuid}").order_by("pk").values_list("verb", "outcome")
    assert list(rows)[-4:] == [
        ("tenant.suspend", "success"),
        ("tenant.resume", "refused"),
        ("kill_switch.request_release", "success"),
        ("tenant.resume", "success"),
    ]


def test_switches_are_engaged_listed_and_released(acme: Tenant, ann: str, bea: str) -> None:
    given = {**LEAK, "scope": "tenant", "tenant_id": str(acme.uuid), "feature": "vectors"}

    made = call("POST", "kill-switches", ann, given)

    assert made.status_code == 201
    assert code(call("POST", "kill-switches", bea, given)) == (409, "already_off")
    path = f"kill-switches/{made.json()['id']}"
    assert call("GET", path, bea).json() == made.json()
    assert [row["id"] for row in call("GET", "kill-switches", bea).json()["results"]] == [made.json()["id"]]
    assert code(call("POST", f"{path}/release", ann, LEAK)) == (403, "second_person_needed")
    refused = AuditLog.objects.get(verb="kill_switch.release", outcome="refused")
    assert (refused.target, refused.reason) == (f"tenant:{acme.uuid}", "SecondPersonNeeded")
    assert call("POST", f"{path}/release", bea, LEAK).json()["released_by"].startswith("operator:")
    assert code(call("POST", f"{path}/release", bea, LEAK)) == (409, "not_off")
    assert code(call("POST", f"{path}/request-release", bea, LEAK)) == (409, "not_off")


def test_a_program_switches_off_and_asks_but_never_releases(acme: Tenant, ann: str, bea: str) -> None:
    token = program("killswitch:write", "killswitch:read")

    made = call("POST", "kill-switches", token, {**LEAK, "scope": "platform", "feature": "uploads"})

    path = f"kill-switches/{made.json()['id']}"
    assert (made.status_code, made.json()["enabled_by"].split(":")[0]) == (201, "service")
    assert call("POST", f"{path}/request-release", token, LEAK).status_code == 200
    assert code(call("POST", f"{path}/release", token, LEAK)) == (403, "people_only")
    assert code(call("POST", f"{path}/release", bea, LEAK)) == (403, "second_person_needed")
    assert call("POST", f"{path}/request-release", ann, LEAK).status_code == 200
    assert call("POST", f"{path}/release", bea, LEAK).status_code == 200
    assert code(call("POST", f"tenants/{acme.uuid}/suspend", token, LEAK)) == (403, "missing_scope")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("kill-switches", {**LEAK, "scope": "tenant"}, (400, "cannot_switch_off")),
        ("kill-switches", {**LEAK, "scope": "galaxy"}, (400, "invalid_choice")),
        ("kill-switches", {"scope": "platform", "reason": "x"}, (400, "min_length")),
        ("kill-switches", {**LEAK, "scope": "platform", "reason": "a\x00b c"}, (400, "null_characters_not_allowed")),
        ("kill-switches", {**LEAK, "scope": "platform", "reason": "   "}, (400, "blank")),
        (
            "kill-switches",
            {**LEAK, "scope": "tenant", "tenant_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12},
            (400, "does_not_exist"),
        ),
        (
            "kill-switches",
            {**LEAK, "scope": "platform", "expires_at": "2020-01-01T00:00:00Z"},
            (400, "cannot_switch_off"),
        ),
        ("kill-switches/999999999999999999999/release", LEAK, (404, "not_found")),
        ("kill-switches/999999/release", LEAK, (404, "not_found")),
        ("tenants/00000000-0000-4000-8000-000000000000/suspend", LEAK, (404, "not_found")),
        ("tenants", {"name": "Bad", "domain": "localhost", "admin_email": "a@bad.example"}, (400, "cannot_onboard")),
    ],
)
def test_bad_input_has_a_code(ann: str, path: str, body: Any, expected: tuple[int, str]) -> None:
    assert code(call("POST", path, ann, body)) == expected
    assert not KillSwitch.objects.exists()


def test_suspension_that_would_be_over_is_refused(acme: Tenant, ann: str) -> None:
    body = {**LEAK, "expires_at": "2020-01-01T00:00:00Z"}

    assert code(call("POST", f"tenants/{acme.uuid}/suspend", ann, body)) == (400, "cannot_switch_off")


@pytest.mark.parametrize("path", ["tenants", "kill-switches"])
def test_nobody_without_a_token(acme: Tenant, path: str) -> None:
    assert code(call("GET", path)) == (401, "not_authenticated")
    client = Client(headers={"host": "acme.localhost"}, raise_request_exception=False)
    assert client.get(f"{BASE}/{path}").status_code == 404


def test_onboarding_by_api_can_be_repeated(ann: str) -> None:
    given = {"name": "Initech", "domain": "initech.localhost", "admin_email": "owner@initech.example"}

    made, again = call("POST", "tenants", ann, given), call("POST", "tenants", ann, given)

    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json()["sign_in_path"].startswith("/sign-in/link/")
    names = [row["name"] for row in call("GET", "tenants?page_size=2", ann).json()["results"]]
    assert names == sorted(names) and len(names) == 2
    with context.enter_platform():
        assert Tenant.objects.get(name="Initech").state == "active"
