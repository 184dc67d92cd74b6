"""The demo's people."""

import pytest

from hr import services as hr
from hr.models import Employee
from ragsite.demo.catalog import DemoPerson
from ragsite.management.commands import seed_demo
from tenants import context
from tenants.models import Tenant


@pytest.mark.parametrize("half_renamed", [False, True])  # an earlier release renamed the record only
def test_the_first_person_gets_the_demos_name_in_the_record_and_in_the_login(acme: Tenant, half_renamed: bool) -> None:
    with context.enter(acme):
        owner = hr.create_employee(email="ceo@acme.example", first_name="Ceo", last_name="Administrator", role="ceo")
        if half_renamed:
            Employee.objects.filter(pk=owner.pk).update(first_name="Edith", last_name="Vos")

        seed_demo._person(DemoPerson(email=owner.email, first_name="Edith", last_name="Vos", role="ceo"), "four words")

        known = Employee.objects.select_related("user").get(pk=owner.pk)
        assert known.user is not None
        assert (known.first_name, known.last_name) == ("Edith", "Vos")
        assert known.user.get_full_name() == "Edith Vos"
