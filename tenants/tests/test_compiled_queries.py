"""Queries that are compiled once a process ask the database each time, in the schema of the moment."""

from django.db.models import BigIntegerField, BooleanField, CharField, Value

from hr.models import Employee
from tenants import context
from tenants.models import Domain, Tenant
from tenants.postgresql.compiled import CompiledGet, Slot


def _by_email() -> CompiledGet[Employee]:
    email = Slot("email", CharField())
    return CompiledGet(
        lambda: (
            Employee.objects.select_related("user")
            .filter(email=email)
            .annotate(marked=Value(True, output_field=BooleanField()))
        )
    )


def test_row_is_the_one_that_the_orm_finds_with_its_relation_and_annotation(
    alice, bob, acme, django_assert_num_queries
):
    people = _by_email()

    with context.enter(acme), django_assert_num_queries(1):
        found = people.get(email="bob@acme.example")
        password = found.user.password

    with context.enter(acme):
        expected = Employee.objects.get(pk=bob.pk)
        assert found == expected and password == expected.user.password
        assert all(
            getattr(found, field.attname) == getattr(expected, field.attname)
            for field in Employee._meta.concrete_fields
        )
        assert found.marked is True
        found.save()  # it is an ordinary row: changed, not added


def test_json_and_uuid_come_back_as_values(acme):
    Tenant.objects.filter(pk=acme.pk).update(suggested_questions=["How long?"])
    tenants = CompiledGet(lambda: Tenant.objects.filter(pk=Slot("pk", BigIntegerField())))

    found = tenants.get(pk=acme.pk)

    assert (found.suggested_questions, found.uuid) == (["How long?"], acme.uuid)


def test_nobody_is_none(acme):
    with context.enter(acme):
        assert _by_email().get(email="nobody@acme.example") is None


def test_change_is_seen_by_the_next_call(acme):
    by_host = CompiledGet(lambda: Tenant.objects.filter(domains__domain=Slot("host", CharField())))
    assert by_host.get(host="acme.localhost").name == acme.name

    Tenant.objects.filter(pk=acme.pk).update(name="Renamed")
    assert by_host.get(host="acme.localhost").name == "Renamed"
    Domain.objects.filter(domain="acme.localhost").delete()
    assert by_host.get(host="acme.localhost") is None


def test_charlie_is_found_in_his_own_company_only(bob, charlie, acme, globex):
    people = _by_email()

    with context.enter(acme):
        assert people.get(email="bob@acme.example") is not None
        assert people.get(email="charlie@globex.example") is None
    with context.enter(globex):
        assert people.get(email="charlie@globex.example").pk == charlie.pk
        assert people.get(email="bob@acme.example") is None


def test_value_is_never_read_as_sql(acme, bob):
    with context.enter(acme):
        assert _by_email().get(email="' OR true --") is None
        assert _by_email().get(email="%s") is None
