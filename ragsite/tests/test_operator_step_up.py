"""The operators' console asks who is clicking before what a stolen session must not do."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit.models import AuditLog
from hr.tests import signing_in
from tenants import keys
from tenants import services as tenants
from tenants.kill_switches import services as switches
from tenants.models import KillSwitch, PlatformServiceAccount, SigningKey, Tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def stale(settings) -> Client:
    """An operator who signed in some time ago."""
    operator = User.objects.create_superuser("operator@platform.example", "operator@platform.example", "a password")
    client = Client(headers={"host": "localhost"})
    client.force_login(operator, backend="hr.backends.EmployeeBackend")
    signing_in.age_session(None, client, minutes=settings.STEP_UP_MINUTES + 1)
    return client


@pytest.mark.parametrize(
    "page",
    ["tenants/platformserviceaccount/add", "tenants/tenant/add", "tenants/killswitch/add", "audit/auditlog/export"],
)
def test_forms_and_exports_are_asked_for_first(stale, page):
    before = counted()

    for reply in (stale.get(f"/admin/{page}/"), stale.post(f"/admin/{page}/", {"name": "A way in", "reason": "why"})):
        assert reply["Location"].startswith("/account/confirm/?next=")
    assert counted() == before


def counted() -> list[int]:
    return [model.objects.count() for model in (AuditLog, KillSwitch, PlatformServiceAccount, Tenant)]


@pytest.mark.parametrize("action", ["rotate", "rotate-in-emergency"])
def test_new_signing_keys_ask(stale, action):
    keys.ensure_signing_key()
    before = list(SigningKey.objects.order_by("pk").values_list("kid", "state"))
    key = SigningKey.objects.get(state=SigningKey.State.ACTIVE)
    path = f"/admin/tenants/signingkey/{key.pk}/{action}/"

    assert 'name="proof"' in stale.get(path).content.decode()
    assert stale.post(path, {"confirmed": "1", "reason": "ninety days"}).status_code == 200
    assert list(SigningKey.objects.order_by("pk").values_list("kid", "state")) == before


def test_letting_a_company_in_again_asks(stale, acme):
    switch = tenants.suspend(tenant=acme, reason="a leak is suspected")

    for path in (f"tenant/{acme.pk}/resume", f"killswitch/{switch.pk}/release"):
        page = f"/admin/tenants/{path}/"
        assert 'name="proof"' in stale.get(page).content.decode()
        assert stale.post(page, {"confirmed": "1", "reason": "it was nothing"}).status_code == 200
        acme.refresh_from_db()
        assert acme.state == Tenant.State.SUSPENDED


def test_releasing_a_switch_of_the_platform_asks(stale):
    switch = switches.engage(
        scope=KillSwitch.Scope.PLATFORM, feature="uploads", tenant=None, by="operator:1", reason="a bad file"
    )

    page = f"/admin/tenants/killswitch/{switch.pk}/release/"
    assert 'name="proof"' in stale.get(page).content.decode()
    assert stale.post(page, {"confirmed": "1", "reason": "it was nothing"}).status_code == 200
    switch.refresh_from_db()
    assert switch.is_engaged
