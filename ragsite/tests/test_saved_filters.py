"""Filters under a name: one's own, of lists that one may see, without where in the list somebody was."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from audit.models import AuditLog
from ragsite.saved_filters import services
from ragsite.saved_filters.models import SavedFilter
from tenants import context

LIST = "/admin/hr/employee/"


def browser(tenant, person):
    client = Client(HTTP_HOST=f"{tenant.schema_name}.localhost")
    with context.enter(tenant):
        client.force_login(person.user, backend="hr.backends.EmployeeBackend")
    return client


@pytest.fixture
def alices(acme, alice):
    return browser(acme, alice)


def save(client, *, name="HR people", query="role__exact=hr&p=2", page="hr_employee"):
    return client.post("/admin/filters/", {"page": page, "name": name, "query": query})


def mine(tenant):
    with context.enter(tenant):
        return list(SavedFilter.objects.order_by("pk"))


def test_a_filter_is_kept_shown_above_the_list_and_deleted(alices, acme):
    answer = save(alices)
    shown = alices.get(f"{LIST}?role__exact=hr").content.decode()
    (row,) = mine(acme)
    alices.post(f"/admin/filters/{row.pk}/delete/")

    assert answer["Location"] == f"{LIST}?role__exact=hr"  # the page of the list is not kept
    assert "HR people" in shown and "Save this filter" not in shown
    assert mine(acme) == []
    with context.enter(acme):
        verbs = AuditLog.objects.filter(verb__startswith="console.").order_by("pk").values_list("verb", "details")
        assert list(verbs) == [
            ("console.save_filter", {"page": "hr_employee"}),
            ("console.delete_filter", {"page": "hr_employee"}),
        ]


def test_the_form_appears_with_something_to_save(alices):
    assert "Save this filter" not in alices.get(LIST).content.decode()
    assert "Save this filter" in alices.get(f"{LIST}?q=bob").content.decode()


def test_the_same_name_replaces(alices, acme):
    save(alices)
    save(alices, query="role__exact=ceo")

    assert [row.query for row in mine(acme)] == ["role__exact=ceo"]


def test_nobody_sees_or_deletes_anothers(alices, acme, erin_of_acme, globex, charlie):
    save(alices)
    (row,) = mine(acme)
    theirs = browser(acme, erin_of_acme)

    assert "HR people" not in theirs.get(f"{LIST}?role__exact=hr").content.decode()
    assert theirs.post(f"/admin/filters/{row.pk}/delete/").status_code == 404
    assert browser(globex, charlie).post(f"/admin/filters/{row.pk}/delete/").status_code == 302  # to sign in
    assert len(mine(acme)) == 1


@pytest.fixture
def erin_of_acme(acme):
    from conftest import make_person

    return make_person(acme, email="erin@acme.example", name="Erin", role="ceo")


@pytest.mark.parametrize("page", ["tenants_tenant", "ragsite_incident", "auth_user", "nothing", "../evil", ""])
def test_lists_of_others_are_not_there(alices, acme, page):
    assert save(alices, page=page).status_code == 404
    assert mine(acme) == []


@pytest.mark.parametrize("query", ["", "p=3", "q=", "%00", "csrfmiddlewaretoken=x"])
def test_nothing_narrowed_is_nothing_to_save(alices, acme, query):
    assert save(alices, query=query).status_code == 302
    assert mine(acme) == []


@pytest.mark.parametrize("name", ["", "x" * 61])
def test_a_name_is_needed(alices, acme, name):
    assert save(alices, name=name).status_code == 302
    assert mine(acme) == []


def test_there_is_a_most(alices, acme):
    for number in range(services.MAX_PER_LIST + 1):
        save(alices, name=f"Number {number}")

    assert len(mine(acme)) == services.MAX_PER_LIST


def test_what_is_saved_is_escaped(alices):
    save(alices, name="<script>alert(1)</script>", query="q=%22%3E%3Cscript%3E")

    page = alices.get(LIST).content.decode()

    assert "<script>alert(1)" not in page and '"><script>' not in page


def test_a_name_stands_once(in_acme, alice):
    values = {"owner": alice.user, "page": "hr_employee", "name": "One", "query": "q=x"}
    SavedFilter.objects.create(**values)

    with pytest.raises(IntegrityError, match="one_filter_of_a_name"), transaction.atomic():
        SavedFilter.objects.create(**values)
