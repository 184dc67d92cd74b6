"""manage.py issue_sign_in_link: the way back in, from the shell, with its reason on record."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from audit.models import AuditLog
from hr.models import Employee
from hr.signin import factors
from hr.tests import signing_in
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.django_db
WHY = ("--reason", "lost the password")
PASSWORDS = {"password": "four words make sense", "again": "four words make sense"}


def issue(*arguments: str) -> str:
    out = StringIO()
    call_command("issue_sign_in_link", *arguments, stdout=out)
    return out.getvalue().strip()


def rows(tenant: Tenant) -> list[tuple[str, str, str, str]]:
    with context.enter(tenant):
        found = AuditLog.objects.filter(actor="command:issue_sign_in_link").order_by("sequence")
        return list(found.values_list("actor", "verb", "target", "reason"))


@pytest.mark.parametrize("name", ["acme", "acme.localhost"])
def test_link_opens_once_and_is_recorded(acme: Tenant, bob: Employee, name: str) -> None:
    host, slash, path = issue("--tenant", name, "--email", "Bob@acme.example", *WHY).partition("/")
    browser = Client(headers={"host": host})

    assert host == "acme.localhost"
    assert browser.post(slash + path, PASSWORDS).status_code == 302
    assert browser.get("/").status_code == 200
    assert Client(headers={"host": host}).post(slash + path, PASSWORDS).status_code == 404
    assert rows(acme) == [
        ("command:issue_sign_in_link", "employee.sign_in_link", bob.actor_label, "lost the password"),
    ]


def test_second_factor_stays_unless_its_removal_is_asked_for(acme: Tenant, bob: Employee) -> None:
    signing_in.give_app(acme, bob.user)
    given = ("--tenant", "acme", "--email", bob.email, *WHY)

    issue(*given)
    with context.enter(acme):
        assert factors.has_any(bob.user)
    issue(*given, "--reset-second-factor")
    with context.enter(acme):
        assert not factors.has_any(bob.user)

    verbs = [verb for _, verb, _, _ in rows(acme)]
    assert verbs == ["employee.sign_in_link", "second_factor.reset", "employee.sign_in_link"]


@pytest.mark.parametrize("case", ["company", "address", "deactivated", "no second factor"])
def test_nobody_else_gets_one(acme: Tenant, globex: Tenant, bob: Employee, charlie: Employee, case: str) -> None:
    given = {"--tenant": "nowhere" if case == "company" else "acme", "--email": bob.email}
    if case == "address":
        given["--email"] = charlie.email
    if case == "deactivated":
        with context.enter(acme):
            Employee.objects.filter(pk=bob.pk).update(is_active=False)
    more = ("--reset-second-factor",) if case == "no second factor" else ()

    with pytest.raises(CommandError):
        issue(*(word for pair in given.items() for word in pair), *WHY, *more)
    assert rows(acme) == []


def test_a_reason_is_required(acme: Tenant, bob: Employee) -> None:
    with pytest.raises(CommandError, match="--reason"):
        issue("--tenant", "acme", "--email", bob.email)
