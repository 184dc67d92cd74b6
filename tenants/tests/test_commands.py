"""Commands of the tenants' life cycle."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from audit.models import AuditLog
from tenants import context
from tenants.models import Tenant


def run(*args):
    output = StringIO()
    call_command(*args, stdout=output)
    return output.getvalue()


ONBOARD = ("onboard_tenant", "--name", "Initech", "--domain", "initech.localhost", "--admin-email", "a@initech.example")


def test_onboarding_prints_the_one_time_link_again_until_it_was_used(db):
    first = run(*ONBOARD)
    second = run(*ONBOARD)
    with context.enter(Tenant.objects.get(name="Initech")):
        owner = User.objects.get(username="a@initech.example")
        owner.set_password("chosen by the owner")
        owner.save()
    third = run(*ONBOARD)

    assert "http://initech.localhost:8000/sign-in/link/" in first
    assert "http://initech.localhost:8000/sign-in/link/" in second and "set up before" in second
    assert "sign-in/link" not in third and "nothing changed" in third
    assert Tenant.objects.filter(name="Initech").count() == 1
    assert set(AuditLog.objects.filter(verb="tenant.onboard").values_list("actor", flat=True)) >= {"operator:shell"}


def test_repeated_onboarding_makes_no_second_owner(db):
    run(*ONBOARD)

    printed = run(*ONBOARD[:-1], "intruder@initech.example")

    assert "sign-in/link" not in printed
    with context.enter(Tenant.objects.get(name="Initech")):
        assert not User.objects.filter(username="intruder@initech.example").exists()


def test_unusable_host_name_is_one_clear_line(db):
    with pytest.raises(CommandError, match="no usable host name"):
        run("onboard_tenant", "--name", "Bad", "--domain", "not a host", "--admin-email", "a@bad.example")


@pytest.mark.parametrize("domain", ["localhost", "LOCALHOST.", "127.0.0.1", "initech.invalid"])
def test_host_name_that_no_company_can_be_reached_at_is_one_clear_line(db, domain):
    with pytest.raises(CommandError, match=r"no usable host name.*(PLATFORM_HOSTS|invalid)"):
        run("onboard_tenant", "--name", "Bad", "--domain", domain, "--admin-email", "a@bad.example")
    assert not Tenant.objects.filter(name="Bad").exists()


@pytest.fixture
def operators(db):
    for email in ("ann@platform.example", "bea@platform.example"):
        User.objects.create_superuser(email, email, "a long password")


@pytest.mark.parametrize("name", ["acme", "acme.localhost"])
def test_suspend_and_resume_take_two_operators(acme, operators, name):
    suspended = run("suspend_tenant", "--tenant", name, "--reason", "unpaid", "--by", "ann@platform.example")
    assert "is suspended" in suspended and "no web process or worker is running" in suspended
    acme.refresh_from_db()
    assert (acme.state, acme.state_reason) == ("suspended", "unpaid")

    with pytest.raises(CommandError, match="another operator has to release it"):
        run("resume_tenant", "--tenant", name, "--reason", "paid", "--by", "ann@platform.example")
    assert "works again" in run("resume_tenant", "--tenant", name, "--reason", "paid", "--by", "bea@platform.example")
    acme.refresh_from_db()
    assert acme.is_active
    assert list(AuditLog.objects.order_by("pk").values_list("verb", "reason"))[-2:] == [
        ("tenant.suspend", "unpaid"),
        ("tenant.resume", "paid"),
    ]


def test_the_unnamed_shell_suspends_at_once_but_two_named_operators_resume(acme, operators):
    resume = ("resume_tenant", "--tenant", "acme", "--reason", "paid", "--by")
    run("suspend_tenant", "--tenant", "acme", "--reason", "leak")

    with pytest.raises(CommandError, match="Only an operator in person"):
        run(*resume[:-1])
    with pytest.raises(CommandError, match="one operator asks for the release"):
        run(*resume, "ann@platform.example")
    assert "your request is kept" in run(*resume, "ann@platform.example", "--request")
    with pytest.raises(CommandError, match="You asked for this release"):
        run(*resume, "ann@platform.example")
    assert "works again" in run(*resume, "bea@platform.example")


def test_unknown_operator_names_the_known_ones(acme, operators):
    with pytest.raises(CommandError, match=r"ann@platform\.example, bea@platform\.example"):
        run("suspend_tenant", "--tenant", "acme", "--reason", "leak", "--by", "nobody@platform.example")
    acme.refresh_from_db()
    assert acme.is_active


def test_suspending_twice_is_one_clear_line(acme):
    run("suspend_tenant", "--tenant", "acme", "--reason", "unpaid")

    with pytest.raises(CommandError, match="is not active"):
        run("suspend_tenant", "--tenant", "acme", "--reason", "again")


def test_unknown_tenant_names_the_known_ones(acme):
    with pytest.raises(CommandError, match="acme"):
        run("suspend_tenant", "--tenant", "nobody", "--reason", "unpaid")


@pytest.mark.parametrize("reason", ["", "  ", "x"])
def test_reason_is_required(acme, reason):
    with pytest.raises(CommandError):
        run("suspend_tenant", "--tenant", "acme", "--reason", reason)
    acme.refresh_from_db()
    assert acme.is_active
