"""A sign-in link for somebody who has a password: who made it stays known, and the person is told."""

import pytest
from django.core import mail
from django.test import Client

from audit import actors
from audit.models import AuditLog
from conftest import PASSWORD
from hr import links, services
from hr.models import Employee
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.django_db
CHOSEN = {"password": "four words make sense", "again": "four words make sense"}


def made(acme: Tenant, *, by: Employee, of: Employee) -> str:
    with context.enter(acme), actors.acting_as(actors.Actor(kind="employee", label=by.actor_label)):
        return services.new_sign_in_link(employee=of, reason="forgot the password")


def browser() -> Client:
    return Client(headers={"host": "acme.localhost"})


def test_rows_of_its_use_name_who_made_it_and_when(acme: Tenant, alice: Employee, bob: Employee) -> None:
    path = made(acme, by=alice, of=bob)

    assert browser().post(path, CHOSEN).status_code == 302

    with context.enter(acme):
        issued = AuditLog.objects.get(verb="employee.sign_in_link")
        used = AuditLog.objects.filter(verb__in=["employee.choose_password", "session.sign_in"], details__how="link")
        assert issued.details == {"had_password": True}
        assert len(used) == 2
        for row in used:
            assert row.details["link_made_by"] == issued.actor == alice.actor_label
            assert row.details["link_made_at"][:16] == issued.at.isoformat()[:16]


def test_nobody_can_write_another_maker_into_a_link(acme: Tenant, alice: Employee, bob: Employee) -> None:
    *_, uid, token, _ = made(acme, by=alice, of=bob).split("/")
    others = made(acme, by=bob, of=bob).split("/")[-2].partition(".")[0]

    with context.enter(acme):
        assert links.open_link(uid=uid, token=token) is not None
        assert links.open_link(uid=uid, token=f"{others}.{token.partition('.')[2]}") is None


def test_person_is_told_at_every_sign_in_and_on_the_security_page(acme: Tenant, alice: Employee, bob: Employee) -> None:
    told = "A sign-in link for you was made by HR on "
    before = browser()
    before.post("/sign-in/", {"email": bob.email, "password": PASSWORD})
    assert told not in before.get("/account/security/").content.decode()
    made(acme, by=alice, of=bob)

    for _ in range(2):
        client = browser()
        page = client.post("/sign-in/", {"email": bob.email, "password": PASSWORD}, follow=True).content.decode()
        assert told in page and "If you did not ask for it" in page
        assert told in client.get("/account/security/").content.decode()


def test_person_is_told_by_mail_where_there_is_any(
    acme: Tenant, alice: Employee, bob: Employee, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        made(acme, by=alice, of=bob)

    assert [(one.to, "/sign-in/link/" in one.body) for one in mail.outbox] == [([bob.email], False)]
    assert "made by HR" in mail.outbox[0].body


def test_somebody_without_a_password_is_not_warned(acme: Tenant, alice: Employee, bob: Employee) -> None:
    with context.enter(acme):
        bob.user.set_unusable_password()
        bob.user.save()
    client = browser()
    path = made(acme, by=alice, of=bob)

    page = client.post(path, CHOSEN, follow=True).content.decode()

    assert "A sign-in link for you" not in page
    with context.enter(acme):
        assert AuditLog.objects.get(verb="employee.sign_in_link").details == {"had_password": False}


def test_confirmation_says_what_a_link_means(acme: Tenant, alice: Employee, bob: Employee) -> None:
    client = browser()
    with context.enter(acme):
        client.force_login(alice.user, backend="hr.backends.EmployeeBackend")

    page = client.get(f"/admin/hr/employee/{bob.pk}/sign-in-link/").content.decode()

    assert "whoever opens this link can act as them. They will be told." in page
