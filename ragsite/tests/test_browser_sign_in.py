"""Signing in with a second step, as a person does it: an app, a passkey, the company's own provider. In Chromium."""

import base64
import hmac
import re
import struct
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from hr.tests import oidc_provider
from ragsite.tests.browser_installation import MARKS, PASSWORD, Visit

pytestmark = MARKS


def code_of(secret: str, *, later: int = 0) -> str:
    """What an authenticator app shows now, or so many periods later (RFC 6238)."""
    counter = int(time.time()) // 30 + later
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), "sha1").digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def sign_out_and_in_again(page: Page, email: str) -> None:
    page.goto("/account/security/")
    page.locator('form[action="/sign-out/"]').first.evaluate("form => form.submit()")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")


def remove_factor(page: Page) -> None:
    """For the tests after this one, which sign in with the password alone."""
    page.goto("/account/security/")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Removed.")).to_be_visible()


def test_app_is_set_up_and_signs_in_by_keyboard_alone(visit: Callable[..., Visit]) -> None:
    page = visit("globex", "manager").page
    page.goto("/account/security/")
    page.get_by_role("link", name="Set up an authenticator app").press("Enter")
    secret = page.locator("[data-secret]").inner_text()
    expect(page.get_by_label("Type the six digits")).to_be_focused()
    page.keyboard.type(code_of(secret))
    page.keyboard.press("Enter")
    expect(page.locator(".codes code")).to_have_count(10)

    sign_out_and_in_again(page, "manager@globex.example")
    expect(page.get_by_label("Code of your authenticator app")).to_be_focused()
    page.keyboard.type(code_of(secret, later=1))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("what would you like to know")
    remove_factor(page)


def test_passkey_is_made_and_signs_in_and_confirms(visit: Callable[..., Visit]) -> None:
    page = visit("globex", "employee").page
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
    chromium.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    page.goto("/account/security/passkey/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.locator(".codes code")).to_have_count(10)

    sign_out_and_in_again(page, "employee@globex.example")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("what would you like to know")

    page.goto("/account/confirm/?next=/leave/")
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page).to_have_url(re.compile(r"localhost:\d+/leave/$"))
    remove_factor(page)


def test_company_signs_in_through_its_own_provider(visit: Callable[..., Visit]) -> None:
    with oidc_provider.running() as provider:
        provider.person = {"sub": "17", "email": "hr@globex.example", "email_verified": True}
        owner = visit("globex", "ceo")
        page = owner.page
        page.goto("/admin/settings/sign-in/")
        page.get_by_label("Single sign-on through the provider below").check()
        page.get_by_label("Name on the button").fill("Globex account")
        page.get_by_label("Issuer").fill(provider.issuer)
        page.get_by_label("Client id").fill(oidc_provider.CLIENT_ID)
        page.get_by_label("Client secret").fill(oidc_provider.CLIENT_SECRET)
        page.get_by_label("E-mail domains").fill("globex.example")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Test the provider").click()
        expect(page.get_by_text("answered and has 1 key.")).to_be_visible()

        someone = visit("globex", "employee")
        someone.page.locator('form[action="/sign-out/"]').first.evaluate("form => form.submit()")
        someone.page.get_by_role("link", name="Sign in with Globex account").click()
        expect(someone.page.get_by_role("heading", level=1)).to_contain_text("what would you like to know")
        assert all(url.startswith(provider.issuer) for url in someone.foreign)
        someone.foreign.clear()

        page.goto("/admin/settings/sign-in/")
        page.get_by_label("Single sign-on through the provider below").uncheck()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
