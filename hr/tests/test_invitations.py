"""Invitations: single-use links of one company, mailed or shown once; and the two commands for people."""

import io
import smtplib

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from audit.models import AuditLog
from hr import services
from hr.models import Employee
from hr.tests.test_admin import browser_of, url
from tenants import context

CONFIRMED = {"confirmed": "1", "reason": "first day"}


@pytest.fixture
def mailing(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def logging_mail(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"


@pytest.fixture
def nora(acme):
    """Somebody new, without a password."""
    with context.enter(acme):
        return services.create_employee(
            email="nora@acme.example", first_name="Nora", last_name="New", role="employee", employee_number="N1"
        )


def test_invitation_is_mailed_where_mail_is_configured(acme, alice, nora, mailing):
    page = browser_of(acme, alice).post(url("invite", nora.pk), CONFIRMED).content.decode()

    (message,) = mail.outbox
    assert message.to == ["nora@acme.example"]
    assert "http://acme.localhost/sign-in/link/" in message.body
    assert "Mailed to 1" in page
    assert "/sign-in/link/" not in page


def test_invitation_is_shown_once_without_mail(acme, alice, nora, logging_mail):
    response = browser_of(acme, alice).post(url("invite", nora.pk), CONFIRMED)

    assert "http://acme.localhost/sign-in/link/" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    with context.enter(acme):
        row = AuditLog.objects.get(verb="employee.invite")
        assert (row.target, row.reason, row.details) == (nora.actor_label, "first day", {"by_mail": False})


def test_mail_server_that_is_down_leaves_the_link_to_be_handed_over(acme, alice, nora, mailing, monkeypatch):
    def down(*args, **kwargs):
        raise smtplib.SMTPServerDisconnected("no")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", down)

    assert "/sign-in/link/" in browser_of(acme, alice).post(url("invite", nora.pk), CONFIRMED).content.decode()


def test_link_works_once_and_only_in_its_company(acme, globex, nora, in_acme):
    path = services.invite(employee=nora, base_url="http://acme.localhost", reason="").url.split(".localhost", 1)[1]
    at_acme, at_globex = (Client(headers={"host": f"{name}.localhost"}) for name in ("acme", "globex"))
    chosen = {"password": "a long new password", "again": "a long new password"}

    assert at_globex.get(path).status_code == 404
    assert at_acme.post(path, chosen).status_code == 302
    assert Client(headers={"host": "acme.localhost"}).get(path).status_code == 404


def test_many_are_invited_at_once_and_those_with_a_password_are_left_out(acme, alice, bob, nora, logging_mail):
    with context.enter(acme):
        other = services.create_employee(email="o@acme.example", first_name="O", last_name="P", role="employee")
    chosen = {ACTION_CHECKBOX_NAME: [nora.pk, other.pk, bob.pk], "action": "invite", "index": "0"}

    page = browser_of(acme, alice).post(url("changelist"), {**chosen, **CONFIRMED}).content.decode()

    assert page.count("/sign-in/link/") == 2
    assert "Has a password already" in page
    with context.enter(acme):
        assert AuditLog.objects.filter(verb="employee.invite", outcome="success").count() == 2
        assert AuditLog.objects.get(verb="employee.invite", outcome="refused").reason == "AlreadySignedUp"


def test_hr_cannot_invite_an_owner(acme, alice):
    with context.enter(acme):
        owner = Employee.objects.get(email="owner@acme.example")

    page = browser_of(acme, alice).post(url("invite", owner.pk), CONFIRMED, follow=True).content.decode()

    assert "/sign-in/link/" not in page
    assert "Only an owner" in page


@pytest.mark.parametrize("state", ["deactivated", "without a login"])
def test_who_cannot_sign_in_is_not_invited(in_acme, nora, state):
    if state == "deactivated":
        services.deactivate(employee=nora)
    else:
        nora.user.delete()
        nora = Employee.objects.get(pk=nora.pk)

    with pytest.raises(services.NoLogin):
        services.invite(employee=nora, base_url="http://acme.localhost")


def test_command_invites_everybody_without_a_password(acme, nora, bob, logging_mail):
    out = io.StringIO()

    call_command("invite_employees", tenant="acme", all_without_password=True, stdout=out)

    assert "nora@acme.example http://acme.localhost" in out.getvalue()
    assert "bob@acme.example" not in out.getvalue()


def test_command_knows_nobody_of_another_company(acme, charlie):
    with pytest.raises(CommandError, match="nobody with this address"):
        call_command("invite_employees", "--tenant", "acme", "--email", "charlie@globex.example")


def test_import_command_tells_then_does(acme, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("employee_number,email,first_name,last_name,role\nN1,n@acme.example,N,New,ceo\n")
    out = io.StringIO()

    call_command("import_employees", "--tenant", "acme", str(file), "--dry-run", stdout=out)
    with context.enter(acme):
        assert not Employee.objects.filter(employee_number="N1").exists()
    call_command("import_employees", "--tenant", "acme", str(file), stdout=out)

    with context.enter(acme):
        assert Employee.objects.get(employee_number="N1").role == "ceo"
        assert AuditLog.objects.get(verb="employees.import").actor == "operator:shell"
    assert out.getvalue().count("1 new, 0 changed") == 2


def test_import_command_names_bad_cells_and_unusable_files(acme, tmp_path):
    file, err = tmp_path / "people.csv", io.StringIO()
    file.write_text("employee_number,email,first_name,last_name\nN1,nonsense,N,New\n")

    with pytest.raises(CommandError, match="nothing was imported, 1 cells"):
        call_command("import_employees", "--tenant", "acme", str(file), stderr=err)
    assert "line 2, email: This is no e-mail address." in err.getvalue()
    file.write_bytes(b"%PDF")
    with pytest.raises(CommandError, match="This is a PDF"):
        call_command("import_employees", "--tenant", "acme", str(file))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_employees", "--tenant", "acme", str(tmp_path / "none.csv"))
