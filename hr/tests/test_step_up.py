"""Dangerous actions ask for password or code again when the last time is too long ago."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from audit.models import AuditLog
from conftest import PASSWORD, make_person
from hr.models import Employee, PayDetails
from hr.services import pay
from hr.signin import marks
from hr.tests import signing_in
from hr.tests.pay_stories import IBAN, make_paystub
from tenants import context

pytestmark = pytest.mark.django_db
REASON = {"confirmed": "1", "reason": "left the company"}


@pytest.fixture
def browser(acme, alice):
    client = Client(headers={"host": "acme.localhost"})
    with context.enter(acme):
        client.force_login(alice.user, backend="hr.backends.EmployeeBackend")
    return client


@pytest.fixture
def stale(acme, browser, settings):
    signing_in.age_session(acme, browser, minutes=settings.STEP_UP_MINUTES + 1)
    return browser


def deactivate(browser, person, **more):
    return browser.post(f"/admin/hr/employee/{person.pk}/deactivate/", {**REASON, **more})


def is_active(tenant, person):
    with context.enter(tenant):
        person.refresh_from_db()
    return person.is_active


def outcomes(tenant, prefix="session.confirm"):
    with context.enter(tenant):
        found = AuditLog.objects.filter(verb__startswith=prefix).order_by("pk")
        return [(row.verb, row.outcome, row.actor) for row in found]


def test_right_after_sign_in_nothing_is_asked(browser, acme, bob):
    assert deactivate(browser, bob).status_code == 302
    assert not is_active(acme, bob)
    assert outcomes(acme) == []


def test_later_the_page_asks_who_is_clicking_and_does_nothing_without(stale, acme, bob):
    page = stale.get(f"/admin/hr/employee/{bob.pk}/deactivate/").content.decode()
    assert 'name="proof"' in page
    assert 'autocomplete="current-password"' in page

    assert deactivate(stale, bob).status_code == 200
    assert is_active(acme, bob)


def test_password_is_proof_is_recorded_and_lasts(stale, acme, alice, bob):
    assert deactivate(stale, bob, proof=PASSWORD).status_code == 302

    assert not is_active(acme, bob)
    assert outcomes(acme) == [("session.confirm", "success", alice.actor_label)]
    assert 'name="proof"' not in stale.get(f"/admin/hr/employee/{bob.pk}/change-role/").content.decode()


def test_code_is_proof(stale, acme, alice, bob):
    signing_in.give_app(acme, alice.user)

    assert deactivate(stale, bob, proof=signing_in.code()).status_code == 302
    assert not is_active(acme, bob)


def test_a_form_with_another_mistake_uses_no_code_up(stale, acme, alice, bob):
    signing_in.give_app(acme, alice.user)
    code = signing_in.code()

    assert deactivate(stale, bob, proof=code, reason="").status_code == 200
    assert deactivate(stale, bob, proof=code).status_code == 302


def test_wrong_proof_does_nothing_and_is_recorded_as_a_refusal(stale, acme, alice, bob):
    page = deactivate(stale, bob, proof="a guess")

    assert "This is not right" in page.content.decode()
    assert is_active(acme, bob)
    assert outcomes(acme) == [("session.confirm_failed", "refused", alice.actor_label)]


def test_five_wrong_ones_end_the_session(stale, acme, bob, settings):
    settings.AXES_FAILURE_LIMIT = 100
    for _ in range(marks.MAX_FAILURES):
        reply = deactivate(stale, bob, proof="a guess")

    assert reply.status_code == 302
    assert stale.get("/admin/").status_code == 302
    assert is_active(acme, bob)


def test_many_at_once_ask_in_the_list_and_keep_the_selection(stale, acme, bob):
    listed = "/admin/hr/employee/"
    chosen = {"action": "deactivate", "_selected_action": [bob.pk], "index": "0"}
    page = stale.post(listed, chosen).content.decode()
    assert 'name="proof"' in page
    assert f'name="_selected_action" value="{bob.pk}"' in page

    stale.post(listed, {**chosen, **REASON, "proof": PASSWORD})

    assert not is_active(acme, bob)


@pytest.mark.parametrize("action", ["change-role", "sign-in-link", "deactivate"])
def test_what_gives_power_away_asks(stale, bob, action):
    assert 'name="proof"' in stale.get(f"/admin/hr/employee/{bob.pk}/{action}/").content.decode()


def test_an_invitation_asks(stale, acme, bob):
    with context.enter(acme):
        bob.user.set_unusable_password()
        bob.user.save()

    assert 'name="proof"' in stale.get(f"/admin/hr/employee/{bob.pk}/invite/").content.decode()


def test_opening_what_somebody_is_paid_asks(stale, acme, bob):
    with context.enter(acme):
        stub = make_paystub(bob)
        pay.set_pay_details(employee=bob, iban=IBAN, national_id=None)
        details = PayDetails.objects.get(employee=bob)

    for path in (f"paystub/{stub.pk}/open-paystub/", f"paydetails/{details.pk}/open-details/"):
        assert 'name="proof"' in stale.get(f"/admin/hr/{path}").content.decode()


@pytest.mark.parametrize("page", ["hr/employee/add", "hr/employee/import", "hr/serviceaccount/add"])
def test_forms_that_make_a_way_in_are_asked_for_first(stale, browser, acme, page):
    with context.enter(acme):
        before = AuditLog.objects.count(), Employee.objects.count()

    for reply in (stale.get(f"/admin/{page}/"), stale.post(f"/admin/{page}/", {"name": "A way in"})):
        assert reply["Location"].startswith("/account/confirm/?next=")
    with context.enter(acme):
        assert (AuditLog.objects.count(), Employee.objects.count()) == before


@pytest.mark.parametrize("page", ["audit/auditlog/export", "settings/sign-in"])
def test_pages_of_the_log_and_of_signing_in_are_asked_for_first(acme, settings, page):
    owner = make_person(acme, email="boss@acme.example", name="Boss", role="ceo")
    browser = Client(headers={"host": "acme.localhost"})
    with context.enter(acme):
        browser.force_login(owner.user, backend="hr.backends.EmployeeBackend")
    assert browser.get(f"/admin/{page}/").status_code == 200

    signing_in.age_session(acme, browser, minutes=settings.STEP_UP_MINUTES + 1)

    assert browser.get(f"/admin/{page}/")["Location"].startswith("/account/confirm/?next=%2Fadmin%2F")


def test_what_is_harmless_does_not_ask(stale, acme, bob):
    with context.enter(acme):
        type(bob).objects.filter(pk=bob.pk).update(is_active=False)

    assert 'name="proof"' not in stale.get(f"/admin/hr/employee/{bob.pk}/reactivate/").content.decode()


def test_export_leads_over_the_confirmation_and_back(stale):
    reply = stale.get("/admin/hr/employee/export/?role=hr")
    assert reply["Location"] == "/account/confirm/?next=%2Fadmin%2Fhr%2Femployee%2Fexport%2F%3Frole%3Dhr"

    back = stale.post(reply["Location"], {"proof": PASSWORD, "next": "/admin/hr/employee/export/?role=hr"})
    assert back["Location"] == "/admin/hr/employee/export/?role=hr"
    assert stale.get(back["Location"]).status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_confirmation_leads_nowhere_else(stale, target):
    assert stale.post("/account/confirm/", {"proof": PASSWORD, "next": target})["Location"] == "/"


@pytest.mark.parametrize("path", ["app/", "passkey/"])
def test_changing_how_one_signs_in_asks_first(stale, path):
    reply = stale.get(f"/account/security/{path}")

    assert reply["Location"] == f"/account/confirm/?next=%2Faccount%2Fsecurity%2F{path[:-1]}%2F"


def test_posts_to_the_security_page_ask_first_and_do_nothing(stale, acme, alice):
    signing_in.give_app(acme, alice.user)
    with context.enter(acme):
        factor = Authenticator.objects.get(type="totp")

    for path in ("codes/", f"factors/{factor.pk}/remove/"):
        assert stale.post(f"/account/security/{path}")["Location"].startswith("/account/confirm/")

    with context.enter(acme):
        assert Authenticator.objects.filter(pk=factor.pk).exists()
        assert not AuditLog.objects.filter(verb__startswith="second_factor").exists()


def test_a_session_that_knows_nothing_has_to_confirm(acme, browser, bob):
    with context.enter(acme):
        session = browser.session
        del session[marks.CONFIRMED_AT]
        session.save()

    assert deactivate(browser, bob).status_code == 200
    assert is_active(acme, bob)


def test_a_clock_set_back_makes_no_confirmation_last(acme, browser, bob):
    signing_in.age_session(acme, browser, minutes=-600)

    deactivate(browser, bob)
    assert is_active(acme, bob)
