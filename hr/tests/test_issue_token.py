"""manage.py issue_token: a token for scripts, recorded, and only for people who could sign in."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditLog
from hr import services as people
from hr.models import Employee
from hr.tests.api_helpers import api, post
from tenants import context
from tenants import services as tenants
from tenants.models import Tenant

pytestmark = pytest.mark.django_db


def issue(*arguments: str) -> str:
    out = StringIO()
    call_command("issue_token", *arguments, stdout=out)
    return out.getvalue().strip()


@pytest.mark.parametrize("name", ["acme", "acme.localhost"])
def test_token_works_and_is_recorded(acme: Tenant, bob: Employee, name: str) -> None:
    token = issue("--tenant", name, "--email", "Bob@acme.example", "--reason", "first steps")

    assert api(acme, token=token).get("/api/v1/documents").status_code == 200
    with context.enter(acme):
        row = AuditLog.objects.get(verb="token.issue")
    assert (row.actor, row.target, row.reason) == ("command:issue_token", bob.actor_label, "first steps")


def test_token_without_a_session_cannot_be_signed_out(acme: Tenant, bob: Employee) -> None:
    client = api(acme, token=issue("--tenant", "acme", "--email", bob.email))

    answer = post(client, "/api/v1/auth/logout")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "no_session")


@pytest.mark.parametrize("what", ["company", "suspended", "address", "deactivated", "no login"])
def test_nobody_gets_a_token_who_could_not_sign_in(acme: Tenant, bob: Employee, what: str) -> None:
    with context.enter(acme):
        if what == "deactivated":
            people.deactivate(employee=bob)
        if what == "no login":
            Employee.objects.filter(pk=bob.pk).update(user=None)
    if what == "suspended":
        tenants.suspend(tenant=acme, reason="test")
    tenant = "initech" if what == "company" else "acme"
    email = "nobody@acme.example" if what == "address" else bob.email

    with pytest.raises(CommandError):
        issue("--tenant", tenant, "--email", email)
