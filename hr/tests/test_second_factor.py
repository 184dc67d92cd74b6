"""The second step: apps, recovery codes, who needs it, and what an attacker with the password can do."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import Client

from audit.models import AuditLog
from conftest import PASSWORD
from hr import links, services
from hr.signin import codes, marks
from hr.tests import signing_in
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    return Client(headers={"host": "acme.localhost"})


@pytest.fixture
def with_app(acme, bob):
    signing_in.give_app(acme, bob.user)
    return bob


def first_step(browser, person, password=PASSWORD, **more):
    return browser.post("/sign-in/", {"email": person.email, "password": password, **more})


def second_step(browser, code):
    return browser.post("/sign-in/second-step/", {"code": code})


def is_in(browser):
    return browser.get("/").status_code == 200


def rows(tenant, verb):
    with context.enter(tenant):
        found = AuditLog.objects.filter(verb=verb).order_by("pk")
        return [(row.actor, row.target, row.outcome, row.reason, row.details) for row in found]


def requires(tenant, *roles):
    Tenant.objects.filter(pk=tenant.pk).update(two_factor_roles=list(roles))


# --- signing in -----------------------------------------------------------------------------------------------------


def test_password_alone_signs_nobody_in_who_has_an_app(browser, with_app):
    reply = first_step(browser, with_app, next="/leave/")

    assert reply["Location"] == "/sign-in/second-step/"
    assert not is_in(browser)


def test_code_ends_the_sign_in_and_leads_on(browser, acme, with_app):
    first_step(browser, with_app, next="/leave/")

    reply = second_step(browser, signing_in.code())

    assert reply["Location"] == "/leave/"
    assert is_in(browser)
    expected = (with_app.actor_label, with_app.actor_label, "success", "", {"how": "password", "second_factor": "app"})
    assert rows(acme, "session.sign_in") == [expected]


def test_code_counts_once(browser, with_app):
    first_step(browser, with_app)
    used = signing_in.code()
    second_step(browser, used)
    again = Client(headers={"host": "acme.localhost"})
    first_step(again, with_app)

    assert second_step(again, used).status_code == 403
    assert not is_in(again)


@pytest.mark.parametrize("typed", ["000000", "", "abc", "12345", "１２３４５６", "0" * 500, "\x00", "-1"])
def test_wrong_codes_are_refused_in_the_same_words(browser, acme, with_app, typed):
    first_step(browser, with_app)

    reply = second_step(browser, typed)

    assert reply.status_code == 403
    assert "This is not right" in reply.content.decode()
    (row,) = rows(acme, "session.second_factor_failed")
    assert row[1:4] == (with_app.actor_label, "refused", "code")


def test_five_wrong_codes_end_the_half_sign_in(browser, with_app):
    first_step(browser, with_app)
    replies = [second_step(browser, "000000").status_code for _ in range(5)]

    assert replies == [403, 403, 403, 403, 302]
    assert second_step(browser, signing_in.code())["Location"] == "/sign-in/"


def test_app_is_slowed_down_for_whoever_has_the_password_but_recovery_codes_are_not(browser, acme, with_app):
    for _ in range(codes.FREE_FAILURES // marks.MAX_FAILURES):
        first_step(browser, with_app)
        for _ in range(marks.MAX_FAILURES):
            second_step(browser, "000000")

    first_step(browser, with_app)
    assert second_step(browser, signing_in.code()).status_code == 403
    assert second_step(browser, signing_in.recovery_codes(acme, with_app.user)[3]).status_code == 302


def test_recovery_code_works_once(browser, acme, with_app):
    one, *others = signing_in.recovery_codes(acme, with_app.user)
    assert len(others) == 9
    first_step(browser, with_app)
    assert second_step(browser, f"{one[:5]} {one[5:]}").status_code == 302

    again = Client(headers={"host": "acme.localhost"})
    first_step(again, with_app)
    assert second_step(again, one).status_code == 403
    assert second_step(again, others[0]).status_code == 302


def test_half_sign_in_ends_with_time_with_the_password_and_with_the_person(browser, acme, with_app):
    first_step(browser, with_app)
    with context.enter(acme):
        session = browser.session
        session["signin_pending"] = {**session["signin_pending"], "at": time.time() - marks.PENDING_SECONDS - 1}
        session.save()
    assert second_step(browser, signing_in.code())["Location"] == "/sign-in/"

    first_step(browser, with_app)
    with context.enter(acme):
        with_app.user.set_password("another one that is long")
        with_app.user.save()
    assert second_step(browser, signing_in.code())["Location"] == "/sign-in/"

    first_step(browser, with_app, password="another one that is long")
    with context.enter(acme):
        services.deactivate(employee=with_app)
    assert second_step(browser, signing_in.code())["Location"] == "/sign-in/"


def test_second_step_without_a_first_leads_to_sign_in(browser):
    assert browser.get("/sign-in/second-step/")["Location"] == "/sign-in/"
    assert second_step(browser, "000000")["Location"] == "/sign-in/"


def test_half_sign_in_gets_a_new_session_key(browser, acme, with_app):
    browser.get("/sign-in/")
    first_step(browser, with_app)
    one = browser.session.session_key
    first_step(browser, with_app)

    assert browser.session.session_key != one


def test_charlies_session_waits_for_nobody_in_acme(acme, globex, charlie, with_app):
    signing_in.give_app(globex, charlie.user)
    browser = Client(headers={"host": "globex.localhost"})
    first_step(browser, charlie)

    reply = browser.post("/sign-in/second-step/", {"code": signing_in.code()}, headers={"host": "acme.localhost"})

    assert reply["Location"] == "/sign-in/"


def test_secret_of_one_company_does_not_open_in_another(acme, globex, with_app, charlie):
    with context.enter(acme):
        data = Authenticator.objects.get(user=with_app.user, type="totp").data
    assert signing_in.SECRET not in str(data)
    with context.enter(globex):
        Authenticator.objects.create(user=charlie.user, type="totp", data=data)
    browser = Client(headers={"host": "globex.localhost"}, raise_request_exception=False)
    first_step(browser, charlie)

    assert second_step(browser, signing_in.code()).status_code >= 500  # fails closed
    assert not is_in(browser)


def test_one_time_link_replaces_the_password_and_not_the_second_factor(browser, acme, with_app):
    with context.enter(acme):
        path = links.sign_in_path(with_app)

    reply = browser.post(path, {"password": "four words make sense", "again": "four words make sense"})

    assert reply["Location"] == "/sign-in/second-step/"
    assert not is_in(browser)
    assert second_step(browser, signing_in.code()).status_code == 302


# --- setting up -----------------------------------------------------------------------------------------------------


def shown_secret(browser):
    page = browser.get("/account/security/app/").content.decode()
    return re.search(r"data-secret>([A-Z2-7]+)<", page)[1]


def set_up(browser):
    secret = shown_secret(browser)
    return browser.post("/account/security/app/", {"code": codes.code_at(secret=secret, now=time.time())})


def test_app_is_set_up_with_its_first_code_and_recovery_codes_are_shown_once(browser, acme, bob):
    first_step(browser, bob)

    page = set_up(browser)

    shown = re.findall(r"<code>(\d{5}) (\d{5})</code>", page.content.decode())
    assert [a + b for a, b in shown] == signing_in.recovery_codes(acme, bob.user)
    assert page["Cache-Control"] == "private, no-store"
    assert shown[0][0] not in browser.get("/account/security/").content.decode()
    expected = (bob.actor_label, bob.actor_label, "success", "", {"kind": "app"})
    assert rows(acme, "second_factor.add") == [expected]
    assert not is_in(Client(headers={"host": "acme.localhost"}))


def test_wrong_first_code_sets_nothing_up_and_shows_the_same_key(browser, acme, bob):
    first_step(browser, bob)
    secret = shown_secret(browser)

    reply = browser.post("/account/security/app/", {"code": "000000"})

    assert reply.status_code == 422
    assert secret in reply.content.decode()
    with context.enter(acme):
        assert not Authenticator.objects.exists()


def test_code_without_a_shown_key_sets_nothing_up(browser, acme, bob):
    first_step(browser, bob)

    assert browser.post("/account/security/app/", {"code": signing_in.code()}).status_code == 422


def test_app_is_removed_with_its_recovery_codes(browser, acme, bob):
    first_step(browser, bob)
    set_up(browser)
    with context.enter(acme):
        factor = Authenticator.objects.get(type="totp")

    browser.post(f"/account/security/factors/{factor.pk}/remove/")

    with context.enter(acme):
        assert not Authenticator.objects.exists()
    assert len(rows(acme, "second_factor.remove")) == 1


def test_nobody_removes_the_factor_of_another(browser, acme, alice, with_app):
    first_step(browser, alice)
    with context.enter(acme):
        factor = Authenticator.objects.get(type="totp")

    browser.post(f"/account/security/factors/{factor.pk}/remove/")

    with context.enter(acme):
        assert Authenticator.objects.filter(pk=factor.pk).exists()


def test_new_recovery_codes_end_the_former(browser, acme, with_app):
    before = signing_in.recovery_codes(acme, with_app.user)
    first_step(browser, with_app)
    second_step(browser, signing_in.code())

    assert browser.post("/account/security/codes/").status_code == 200

    assert not set(before) & set(signing_in.recovery_codes(acme, with_app.user))
    assert len(rows(acme, "second_factor.new_codes")) == 1


def test_codes_without_a_factor_are_not_made(browser, acme, bob):
    first_step(browser, bob)

    assert browser.post("/account/security/codes/")["Location"] == "/account/security/"
    assert rows(acme, "second_factor.new_codes") == []


# --- who needs it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/leave/", "/pay/", "/account/password/", "/admin/", "/conversations/"])
def test_whoever_needs_a_factor_can_do_nothing_before_it_is_set_up(browser, acme, alice, path):
    requires(acme, "hr")
    first_step(browser, alice)

    assert browser.get(path)["Location"] == "/account/security/"


def test_setting_it_up_opens_everything_at_once(browser, acme, alice):
    requires(acme, "hr")
    first_step(browser, alice)
    assert "asks for it in your role" in browser.get("/account/security/").content.decode()

    set_up(browser)

    assert is_in(browser)
    assert browser.get("/admin/").status_code == 200


def test_promotion_counts_from_the_next_click(browser, acme, bob):
    requires(acme, "manager")
    first_step(browser, bob)
    assert is_in(browser)
    with context.enter(acme):
        services.change_role(employee=bob, role="manager")

    assert browser.get("/")["Location"] == "/account/security/"


def test_whoever_has_one_and_owes_it_gives_it_and_no_password(browser, acme, with_app):
    """As in a session that is older than the rule."""
    requires(acme, "employee")
    with context.enter(acme):
        browser.force_login(with_app.user, backend="hr.backends.EmployeeBackend")
        session = browser.session
        del session[marks.SECOND_FACTOR_AT]
        session.save()

    assert browser.get("/leave/")["Location"] == "/account/confirm/?next=%2Fleave%2F"
    assert browser.post("/account/confirm/", {"proof": PASSWORD}).status_code == 403
    reply = browser.post("/account/confirm/", {"proof": signing_in.code(), "next": "/leave/"})
    assert reply["Location"] == "/leave/"
    assert is_in(browser)


def test_last_factor_stays_where_one_is_needed(browser, acme, alice):
    requires(acme, "hr")
    first_step(browser, alice)
    set_up(browser)
    with context.enter(acme):
        factor = Authenticator.objects.get(type="totp")

    browser.post(f"/account/security/factors/{factor.pk}/remove/")

    with context.enter(acme):
        assert Authenticator.objects.filter(pk=factor.pk).exists()


def test_unknown_role_is_no_rule(acme):
    for column in ("two_factor_roles", "sso_only_roles"):
        with pytest.raises(IntegrityError, match=f"tenant_{column}_known"), transaction.atomic():
            Tenant.objects.filter(pk=acme.pk).update(**{column: ["king"]})


# --- losing it ------------------------------------------------------------------------------------------------------


def test_hr_removes_a_lost_factor_with_a_reason(acme, alice, with_app):
    browser = Client(headers={"host": "acme.localhost"})
    first_step(browser, alice)

    browser.post(
        f"/admin/hr/employee/{with_app.pk}/reset-second-factor/", {"confirmed": "1", "reason": "phone in the lake"}
    )

    (row,) = rows(acme, "second_factor.reset")
    assert row == (alice.actor_label, with_app.actor_label, "success", "phone in the lake", {"rows": 2})
    again = Client(headers={"host": "acme.localhost"})
    assert first_step(again, with_app)["Location"] == "/"
