"""The employees' console: who may do what to whom, and that every change goes through an audited service."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditLog
from hr import access, services
from hr.models import Employee
from tenants import context

URLCONF = "ragsite.urls.tenant"


def url(name, *args):
    return reverse(f"admin:hr_employee_{name}", args=args, urlconf=URLCONF)


def browser_of(tenant, person):
    client = Client(HTTP_HOST=f"{tenant.schema_name}.localhost")
    with context.enter(tenant):
        client.force_login(person.user, backend="hr.backends.EmployeeBackend")
    return client


@pytest.fixture
def hr_browser(acme, alice):
    return browser_of(acme, alice)


@pytest.fixture
def owner(acme):
    with context.enter(acme):
        return Employee.objects.select_related("user").get(email="owner@acme.example")


@pytest.fixture
def owner_browser(acme, owner):
    return browser_of(acme, owner)


NEW_PERSON = {
    "first_name": "Dana",
    "last_name": "Field",
    "email": "Dana@Acme.Example",
    "role": "employee",
    "employee_number": "",
    "working_days_per_week": "5",
}


def record_of(person, **changes):
    """What the page of a person sends."""
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "employee_number": person.employee_number,
        "working_days_per_week": "5",
        **changes,
    }


def test_added_person_gets_a_login_and_their_link_is_shown_once(hr_browser, acme):
    response = hr_browser.post(url("add"), NEW_PERSON)

    assert response.status_code == 200
    assert "http://acme.localhost/sign-in/link/" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    with context.enter(acme):
        dana = Employee.objects.get(email="dana@acme.example")
        assert (dana.role, dana.user.username) == ("employee", "dana@acme.example")
        assert AuditLog.objects.filter(verb="employee.create", target=dana.actor_label).count() == 1


def test_the_link_works_and_only_in_its_company(hr_browser, acme, globex):
    page = hr_browser.post(url("add"), NEW_PERSON).content.decode()
    path = page.split("http://acme.localhost")[1].split('"')[0]

    assert Client(HTTP_HOST="acme.localhost").get(path).status_code == 200
    foreign = Client(HTTP_HOST="globex.localhost").get(path)
    assert "Choose" not in foreign.content.decode() or foreign.status_code != 200


def test_address_in_use_is_a_message_at_the_field(hr_browser, bob):
    response = hr_browser.post(url("add"), {**NEW_PERSON, "email": "BOB@acme.example"})

    assert response.status_code == 200
    assert "already has this address" in response.content.decode()


def test_names_are_corrected_in_record_and_login(hr_browser, acme, bob):
    response = hr_browser.post(url("change", bob.pk), record_of(bob, first_name="Robert"))

    assert response.status_code == 302
    with context.enter(acme):
        bob = Employee.objects.select_related("user").get(pk=bob.pk)
        assert (bob.first_name, bob.user.first_name, bob.role) == ("Robert", "Robert", "employee")
        assert AuditLog.objects.filter(verb="employee.update", target=bob.actor_label).count() == 1


def test_role_and_state_cannot_be_slipped_into_the_page(hr_browser, acme, bob):
    slipped = record_of(bob, role="ceo", is_active="", grade="G1")

    assert hr_browser.post(url("change", bob.pk), slipped).status_code == 302

    with context.enter(acme):
        bob.refresh_from_db()
    assert (bob.role, bob.is_active, bob.grade) == ("employee", True, "G1")


def test_hr_cannot_make_itself_owner(hr_browser, acme, alice):
    response = hr_browser.post(url("change_role", alice.pk), {"confirmed": "1", "reason": "promotion", "role": "ceo"})

    assert response.status_code == 200  # the form again: the role is not on offer
    with context.enter(acme):
        alice.refresh_from_db()
    assert alice.role == "hr"


def test_hr_cannot_add_an_owner(hr_browser, acme):
    response = hr_browser.post(url("add"), {**NEW_PERSON, "role": "ceo"})

    assert response.status_code == 200
    with context.enter(acme):
        assert not Employee.objects.filter(email="dana@acme.example").exists()


@pytest.mark.parametrize("action", ["sign_in_link", "change_role", "deactivate"])
def test_hr_cannot_touch_an_owner(hr_browser, acme, owner, action):
    values = {"confirmed": "1", "reason": "taking over", "role": "employee"}

    page = hr_browser.post(url(action, owner.pk), values, follow=True).content.decode()

    assert "Only an owner" in page
    assert "/sign-in/link/" not in page
    with context.enter(acme):
        owner.refresh_from_db()
        refusals = AuditLog.objects.filter(outcome="refused", target=owner.actor_label)
        assert [refusal.reason for refusal in refusals] == ["ActionRefused"]
    assert (owner.role, owner.is_active) == ("ceo", True)


def test_an_owner_makes_another_owner(owner_browser, acme, alice):
    owner_browser.post(url("change_role", alice.pk), {"confirmed": "1", "reason": "succession", "role": "ceo"})

    with context.enter(acme):
        alice.refresh_from_db()
    assert alice.role == "ceo"


def test_demoted_hr_person_is_out_with_the_next_click(hr_browser, acme, alice):
    assert hr_browser.get(url("changelist")).status_code == 200

    with context.enter(acme):
        services.change_role(employee=alice, role="employee")

    assert hr_browser.get(url("changelist"), follow=True).status_code == 403


def test_new_link_is_audited_with_its_reason(hr_browser, acme, bob):
    response = hr_browser.post(url("sign_in_link", bob.pk), {"confirmed": "1", "reason": "forgot the password"})

    assert "/sign-in/link/" in response.content.decode()
    with context.enter(acme):
        row = AuditLog.objects.get(verb="employee.sign_in_link")
        assert (row.target, row.reason) == (bob.actor_label, "forgot the password")


def test_deactivated_person_gets_no_link(hr_browser, acme, bob):
    with context.enter(acme):
        services.deactivate(employee=bob)

    page = hr_browser.post(url("sign_in_link", bob.pk), {"confirmed": "1", "reason": "by mistake"}, follow=True)

    assert "/sign-in/link/" not in page.content.decode()


def test_actions_offered_fit_the_state(hr_browser, acme, bob):
    active = hr_browser.get(url("change", bob.pk)).content.decode()
    with context.enter(acme):
        services.deactivate(employee=bob)
    deactivated = hr_browser.get(url("change", bob.pk)).content.decode()

    assert url("deactivate", bob.pk) in active and url("reactivate", bob.pk) not in active
    assert url("reactivate", bob.pk) in deactivated and url("deactivate", bob.pk) not in deactivated


def test_list_takes_the_same_number_of_queries_for_more_people(hr_browser, acme, django_assert_num_queries):
    def queries():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            assert hr_browser.get(url("changelist")).status_code == 200
        return len(captured)

    queries()  # what is looked up once a second, such as switches, is known now
    few = queries()
    with context.enter(acme):
        for n in range(8):
            services.create_employee(email=f"p{n}@acme.example", first_name="P", last_name=str(n), role="employee")

    assert queries() == few


@pytest.mark.parametrize("page", ["changelist", "add"])
def test_bob_and_charlie_see_nothing(acme, globex, bob, charlie, page):
    assert browser_of(acme, bob).get(url(page), follow=True).status_code == 403
    assert browser_of(globex, charlie).get(url(page), follow=True).status_code == 403


def test_session_of_one_company_is_nothing_in_the_other(acme, globex, alice):
    client = browser_of(acme, alice)

    response = client.get(url("changelist"), headers={"host": "globex.localhost"})

    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


def test_only_owners_administer_owners(acme, alice, bob, owner):
    assert access.may_administer(by=alice, employee=bob)
    assert not access.may_administer(by=alice, employee=owner)
    assert access.may_administer(by=owner, employee=owner)
    assert not access.may_administer(by=bob, employee=alice)


def test_roles_on_offer(alice, bob, owner):
    assert access.roles_given_by(alice) == ("employee", "manager", "hr")
    assert access.roles_given_by(owner) == ("employee", "manager", "hr", "ceo")
    assert access.roles_given_by(bob) == ()
