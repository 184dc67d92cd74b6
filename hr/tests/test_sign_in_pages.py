"""Signing in, signing out, one-time links and the password page, as a browser without JavaScript sees them."""

import pytest
from django.test import Client

from audit.models import AuditLog
from conftest import PASSWORD
from hr import links, services
from hr.models import Employee
from tenants import context
from tenants.models import Tenant

NEW_PASSWORD = "four words make sense"


@pytest.fixture
def browser(db: None) -> Client:
    return Client(headers={"host": "acme.localhost"}, enforce_csrf_checks=False)


def _sign_in(browser: Client, email: str = "bob@acme.example", password: str = PASSWORD, **more: str):
    return browser.post("/sign-in/", {"email": email, "password": password, **more})


def _verbs(tenant: Tenant) -> list[tuple[str, str]]:
    with context.enter(tenant):
        return list(AuditLog.objects.filter(verb__startswith="session.").order_by("pk").values_list("verb", "outcome"))


def test_page_asks_for_address_and_password(browser):
    page = browser.get("/sign-in/")

    assert page.status_code == 200
    assert 'autocomplete="username"' in page.content.decode()
    assert 'autocomplete="current-password"' in page.content.decode()
    assert "Acme Instruments" in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"


def test_policy_of_the_page_allows_no_inline_code(browser):
    page = browser.get("/sign-in/")

    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert b"<style" not in page.content and b" style=" not in page.content and b"onclick" not in page.content


def test_right_password_begins_a_session_and_is_recorded(browser, bob, acme):
    reply = _sign_in(browser)

    assert (reply.status_code, reply["Location"]) == (302, "/")
    assert browser.get("/").status_code == 200
    assert _verbs(acme) == [("session.sign_in", "success")]
    with context.enter(acme):
        assert AuditLog.objects.get(verb="session.sign_in").actor == bob.actor_label


def test_address_is_not_case_sensitive(browser, bob):
    assert _sign_in(browser, email=" Bob@ACME.example ").status_code == 302


@pytest.mark.parametrize("email", ["bob@acme.example", "nobody@acme.example", "charlie@globex.example"])
def test_every_failure_reads_the_same_and_names_nobody_in_the_log(browser, bob, charlie, acme, email):
    reply = _sign_in(browser, email=email, password="wrong wrong wrong")

    assert reply.status_code == 403
    assert "do not fit together" in reply.content.decode()
    assert _verbs(acme) == [("session.sign_in_failed", "refused")]
    with context.enter(acme):
        row = AuditLog.objects.get(verb="session.sign_in_failed")
    assert "@" not in f"{row.actor} {row.target} {row.reason} {row.details}"


def test_charlie_cannot_use_his_password_at_acme(browser, charlie):
    assert _sign_in(browser, email="charlie@globex.example").status_code == 403


def test_session_of_acme_is_worth_nothing_at_globex(browser, bob, charlie):
    _sign_in(browser)

    at_globex = Client(headers={"host": "globex.localhost"})
    at_globex.cookies = browser.cookies
    assert at_globex.get("/")["Location"].startswith("/sign-in/")


def test_deactivated_person_is_refused_and_shut_out_at_once(browser, bob, acme):
    _sign_in(browser)

    with context.enter(acme):
        services.deactivate(employee=bob)

    assert browser.get("/")["Location"].startswith("/sign-in/")
    assert _sign_in(browser).status_code == 403


def test_too_many_failures_are_throttled_whether_the_account_exists_or_not(browser, bob):
    for email in ("bob@acme.example", "nobody@acme.example"):
        replies = [_sign_in(browser, email=email, password="wrong wrong") for _ in range(6)]

        assert replies[-1].status_code == 429
        assert "Too many attempts" in replies[-1].content.decode()
        assert replies[-1]["Retry-After"] == "60"
    assert _sign_in(browser).status_code == 429


@pytest.mark.parametrize("email", ["", "x" * 300, "bob\x00@acme.example", "🦆", "' OR 1=1 --"])
def test_odd_addresses_are_refused_like_any_other(browser, email):
    assert _sign_in(browser, email=email).status_code == 403


@pytest.mark.parametrize(
    ("target", "landing"),
    [
        ("/conversations/", "/conversations/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_next_leads_only_to_this_host(browser, bob, target, landing):
    assert _sign_in(browser, next=target)["Location"] == landing


def test_page_wanted_before_the_sign_in_comes_after_it(browser, bob):
    wanted = browser.get("/conversations/?page=2")

    assert wanted["Location"] == "/sign-in/?next=/conversations/%3Fpage%3D2"
    page = browser.get(wanted["Location"])
    assert 'name="next" value="/conversations/?page=2"' in page.content.decode()


def test_sign_out_needs_a_post_and_is_recorded(browser, bob, acme):
    _sign_in(browser)

    assert browser.get("/sign-out/").status_code == 405
    assert browser.post("/sign-out/")["Location"] == "/sign-in/"
    assert browser.get("/").status_code == 302
    assert _verbs(acme)[-1] == ("session.sign_out", "success")


def test_sign_out_without_a_session_is_quiet(browser, acme):
    assert browser.post("/sign-out/")["Location"] == "/sign-in/"
    assert _verbs(acme) == []


def test_form_without_its_token_is_refused_with_a_page_for_people(bob):
    strict = Client(headers={"host": "acme.localhost"}, enforce_csrf_checks=True)

    reply = strict.post("/sign-in/", {"email": "bob@acme.example", "password": PASSWORD})

    assert reply.status_code == 403
    assert "Please send it again" in reply.content.decode()


def _link(tenant: Tenant, employee: Employee) -> str:
    with context.enter(tenant):
        return links.sign_in_path(Employee.objects.get(pk=employee.pk))


def test_link_lets_a_person_choose_a_password_once(browser, bob, acme):
    path = _link(acme, bob)
    assert "Welcome, Bob" in browser.get(path).content.decode()

    reply = browser.post(path, {"password": NEW_PASSWORD, "again": NEW_PASSWORD})

    assert reply["Location"] == "/"
    assert browser.get("/").status_code == 200
    assert Client(headers={"host": "acme.localhost"}).get(path).status_code == 404
    assert _sign_in(Client(headers={"host": "acme.localhost"})).status_code == 403
    assert _sign_in(Client(headers={"host": "acme.localhost"}), password=NEW_PASSWORD).status_code == 302
    with context.enter(acme):
        assert AuditLog.objects.filter(verb="employee.choose_password", target=bob.actor_label).count() == 1


def test_link_raises_the_token_version_and_ends_older_sessions(browser, bob, acme):
    _sign_in(browser)
    elsewhere = Client(headers={"host": "acme.localhost"})

    elsewhere.post(_link(acme, bob), {"password": NEW_PASSWORD, "again": NEW_PASSWORD})

    assert browser.get("/").status_code == 302
    with context.enter(acme):
        assert Employee.objects.get(pk=bob.pk).token_version == bob.token_version + 1


@pytest.mark.parametrize(
    ("password", "again", "message"),
    [
        ("short", "short", "too short"),
        (NEW_PASSWORD, "something else entirely", "not the same"),
        ("bob@acme.example", "bob@acme.example", "too similar"),
        ("password123", "password123", "too common"),
        ("", "", "required"),
    ],
)
def test_weak_or_mistyped_password_is_told_and_the_link_stays_good(browser, bob, acme, password, again, message):
    path = _link(acme, bob)

    reply = browser.post(path, {"password": password, "again": again})

    assert reply.status_code == 422
    assert message in reply.content.decode()
    assert browser.get(path).status_code == 200


def test_link_of_another_company_does_not_exist(bob, charlie, acme, globex):
    at_globex = Client(headers={"host": "globex.localhost"})

    assert at_globex.get(_link(acme, bob)).status_code == 404
    assert at_globex.post(_link(acme, bob), {"password": NEW_PASSWORD, "again": NEW_PASSWORD}).status_code == 404


@pytest.mark.parametrize("path", ["/sign-in/link/MQ/nonsense/", "/sign-in/link/%F0%9F/x/", "/sign-in/link/!!!/x/"])
def test_made_up_link_is_a_page_that_tells_nothing(browser, path):
    page = browser.get(path)

    assert page.status_code == 404
    assert "no longer works" in page.content.decode()


def test_used_link_is_refused_by_the_service_and_recorded(rf, bob, in_acme):
    uid, token = links.sign_in_path(bob).split("/")[-3:-1]
    bob.user.set_password(NEW_PASSWORD)
    bob.user.save()

    with pytest.raises(services.LinkRefused):
        services.sign_in_by_link(request=rf.post("/"), uid=uid, token=token, password=NEW_PASSWORD)

    assert AuditLog.objects.get(verb="session.sign_in_failed").reason == "link"


def test_password_change_keeps_this_session_and_ends_the_others(browser, bob):
    elsewhere = Client(headers={"host": "acme.localhost"})
    _sign_in(browser)
    _sign_in(elsewhere)

    page = {"present": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert browser.post("/account/password/", page)["Location"] == "/"

    assert "Your password is changed" in browser.get("/").content.decode()
    assert elsewhere.get("/").status_code == 302


def test_password_change_needs_the_present_one(browser, bob):
    _sign_in(browser)

    page = {"present": "a guess", "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    reply = browser.post("/account/password/", page)

    assert reply.status_code == 422
    assert "not your present password" in reply.content.decode()


def test_signed_in_person_is_led_on_from_the_sign_in_page(browser, bob):
    _sign_in(browser)

    assert browser.get("/sign-in/")["Location"] == "/"
