"""Confirmed actions: nothing happens without the page, the reason and the permission; whatever happens is audited.

Driven through the employees' console, whose actions are made by the decorator.
"""

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditLog
from tenants import context

URLCONF = "ragsite.urls.tenant"


@pytest.fixture
def browser(acme, alice):
    """Alice's browser on acme's host."""
    client = Client(HTTP_HOST="acme.localhost")
    with context.enter(acme):
        client.force_login(alice.user, backend="hr.backends.EmployeeBackend")
    return client


def page_of(person, action):
    return reverse(f"admin:hr_employee_{action}", args=(person.pk,), urlconf=URLCONF)


def state_of(acme, person):
    with context.enter(acme):
        person.refresh_from_db()
    return person.is_active, person.role


def audited(acme, verb):
    with context.enter(acme):
        return list(AuditLog.objects.filter(verb=verb).values("outcome", "reason", "target", "actor"))


def test_opening_the_confirmation_changes_nothing_and_names_the_object(browser, acme, bob):
    response = browser.get(page_of(bob, "deactivate"))

    assert response.status_code == 200
    assert str(bob) in response.content.decode()
    assert state_of(acme, bob) == (True, "employee")


@pytest.mark.parametrize("reason", ["", "  ", "ab"])
def test_without_a_reason_nothing_happens(browser, acme, bob, reason):
    response = browser.post(page_of(bob, "deactivate"), {"confirmed": "1", "reason": reason})

    assert response.status_code == 200
    assert state_of(acme, bob) == (True, "employee")
    assert audited(acme, "employee.deactivate") == []


def test_confirmed_with_a_reason_it_is_done_and_audited_once(browser, acme, alice, bob):
    response = browser.post(page_of(bob, "deactivate"), {"confirmed": "1", "reason": "left the company"})

    assert response.status_code == 302
    assert state_of(acme, bob) == (False, "employee")
    expected = {
        "outcome": "success",
        "reason": "left the company",
        "target": bob.actor_label,
        "actor": alice.actor_label,
    }
    assert audited(acme, "employee.deactivate") == [expected]


def test_a_post_that_skips_the_page_is_shown_the_page(browser, acme, bob):
    response = browser.post(page_of(bob, "deactivate"), {"reason": "left the company"})

    assert response.status_code == 200
    assert state_of(acme, bob) == (True, "employee")


def test_refusal_of_the_service_is_shown_and_recorded(acme, bob):
    with context.enter(acme):
        owner = type(bob).objects.get(email="owner@acme.example")
        client = Client(HTTP_HOST="acme.localhost")
        client.force_login(owner.user, backend="hr.backends.EmployeeBackend")

    response = client.post(page_of(owner, "deactivate"), {"confirmed": "1", "reason": "by mistake"}, follow=True)

    assert "at least one active owner" in response.content.decode()
    assert state_of(acme, owner) == (True, "ceo")
    assert [(row["outcome"], row["reason"]) for row in audited(acme, "employee.deactivate")] == [
        ("refused", "LastOwner")
    ]


def test_from_the_list_only_the_listed_are_touched(browser, acme, alice, bob):
    url = reverse("admin:hr_employee_changelist", urlconf=URLCONF)
    chosen = {"action": "deactivate", "_selected_action": [str(bob.pk)]}

    page = browser.post(url, chosen)
    assert page.status_code == 200
    assert str(bob) in page.content.decode()
    assert state_of(acme, bob) == (True, "employee")

    browser.post(url, {**chosen, "confirmed": "1", "reason": "left the company"})
    assert state_of(acme, bob) == (False, "employee")
    assert state_of(acme, alice) == (True, "hr")


def test_select_across_touches_what_was_listed_not_what_came_later(browser, acme, bob):
    url = reverse("admin:hr_employee_changelist", urlconf=URLCONF)

    page = browser.post(url, {"action": "deactivate", "_selected_action": [str(bob.pk)], "select_across": "1"})

    assert 'name="select_across" value="0"' in page.content.decode()


def test_an_employee_reaches_no_action(acme, bob, alice):
    client = Client(HTTP_HOST="acme.localhost")
    with context.enter(acme):
        client.force_login(bob.user, backend="hr.backends.EmployeeBackend")

    response = client.post(page_of(alice, "deactivate"), {"confirmed": "1", "reason": "revenge"}, follow=True)

    assert response.status_code == 403
    assert state_of(acme, alice) == (True, "hr")


def test_a_person_without_the_permission_is_refused(browser, acme, alice, bob):
    with context.enter(acme):
        alice.user.groups.clear()

    response = browser.post(page_of(bob, "deactivate"), {"confirmed": "1", "reason": "no longer allowed"})

    assert response.status_code == 403
    assert state_of(acme, bob) == (True, "employee")


def test_object_that_is_gone_is_a_message_not_an_error(browser):
    url = reverse("admin:hr_employee_deactivate", args=("999999",), urlconf=URLCONF)

    response = browser.get(url, follow=True)

    assert response.status_code == 200
    assert "no longer there" in response.content.decode()


def test_bulk_deletion_is_offered_nowhere(rf, acme, alice):
    from django.contrib import admin

    request = rf.get("/admin/", HTTP_HOST="acme.localhost")
    request.user = alice.user
    with context.enter(acme):
        offered = {name for model_admin in admin.site._registry.values() for name in model_admin.get_actions(request)}

    assert "deactivate" in offered
    assert "delete_selected" not in offered


def test_rows_of_the_log_can_be_read_but_not_changed(browser, acme, bob):
    browser.post(page_of(bob, "deactivate"), {"confirmed": "1", "reason": "left the company"})
    with context.enter(acme):
        row = AuditLog.objects.get(verb="employee.deactivate")
    browser.post(reverse("admin:audit_auditlog_reason", urlconf=URLCONF), {"reason": "a look at who left"})

    page = browser.get(reverse("admin:audit_auditlog_change", args=(row.pk,), urlconf=URLCONF))
    assert "left the company" in page.content.decode()
    attempt = browser.post(reverse("admin:audit_auditlog_change", args=(row.pk,), urlconf=URLCONF), {"reason": "other"})
    assert attempt.status_code == 403
    assert browser.post(reverse("admin:audit_auditlog_delete", args=(row.pk,), urlconf=URLCONF)).status_code == 403
    assert browser.get(reverse("admin:audit_auditlog_add", urlconf=URLCONF)).status_code == 403
