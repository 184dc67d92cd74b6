"""Onboarding makes a whole company or nothing."""

import pytest

from hr.models import Employee
from tenants import context, services
from tenants.models import Domain, Tenant


def test_onboarded_company_has_an_owner_who_is_staff(acme):
    with context.enter(acme):
        owner = Employee.objects.select_related("user").get(email="owner@acme.example")

    assert owner.role == "ceo"
    assert owner.user.is_staff
    assert not owner.user.is_superuser


def test_onboarding_twice_changes_nothing(acme):
    again = services.onboard(name=acme.name, domain="acme.localhost", admin_email="owner@acme.example")

    assert not again.created
    assert again.tenant.pk == acme.pk
    assert Tenant.objects.filter(name=acme.name).count() == 1


@pytest.mark.parametrize(
    "domain", ["", "with space.example", "ümlaut.example", "x" * 300, "a/b", "host:8000", "localhost"]
)
def test_unusable_host_name_is_refused(db, domain):
    with pytest.raises(services.CannotOnboard):
        services.onboard(name="Bad", domain=domain, admin_email="owner@bad.example")
    assert not Tenant.objects.filter(name="Bad").exists()


def test_host_name_of_another_company_is_refused(acme):
    with pytest.raises(services.CannotOnboard, match="already belongs"):
        services.onboard(name="Impostor", domain="acme.localhost", admin_email="owner@impostor.example")


def test_failed_step_leaves_nothing_half_made(committed, settings):
    settings.STEPS = {**settings.STEPS, "PROVISION_TENANT": ("tenants.tests.steps.failing_step",)}

    with pytest.raises(RuntimeError, match="this step fails"):
        services.onboard(name="Half", domain="half.localhost", admin_email="owner@half.example")

    assert not Tenant.objects.filter(name="Half").exists()
    assert not Domain.objects.filter(domain="half.localhost").exists()
