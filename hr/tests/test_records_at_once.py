"""Two HR people at once: real threads, real commits, removed by hand afterwards."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection

from conftest import make_person
from hr import services
from hr.models import Employee
from tenants import context
from tenants.models import Tenant


@pytest.fixture
def pair(django_db_setup, django_db_blocker) -> Iterator[tuple[Employee, Employee]]:
    """Two people of acme whom other threads see."""
    with django_db_blocker.unblock():
        acme = Tenant.objects.get(schema_name="acme")
        people = [make_person(acme, email=f"{name}@acme.example", name=name, role="manager") for name in ("fay", "gil")]
        yield people[0], people[1]
        with context.enter(acme):
            for person in people:
                user = person.user
                Employee.objects.filter(pk=person.pk).delete()
                user.delete()


def test_two_moves_at_once_never_make_a_circle(pair):
    fay, gil = pair
    acme = Tenant.objects.get(schema_name="acme")
    for _ in range(10):
        outcomes: list[str] = []
        ready = threading.Barrier(2)

        def move(person: Employee, manager: Employee, outcomes: list[str] = outcomes, ready=ready) -> None:
            try:
                with context.enter(acme):
                    ready.wait()
                    services.update_record(employee=Employee.objects.get(pk=person.pk), manager=manager)
                    outcomes.append("moved")
            except services.ManagerCycle:
                outcomes.append("refused")
            finally:
                connection.close()

        threads = [threading.Thread(target=move, args=pair) for pair in ((fay, gil), (gil, fay))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

        assert sorted(outcomes) == ["moved", "refused"]
        with context.enter(acme):
            Employee.objects.filter(pk__in=(fay.pk, gil.pk)).update(manager=None)
