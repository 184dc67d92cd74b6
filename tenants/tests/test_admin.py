"""The operator's console, and the company's own settings."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from audit.models import AuditLog
from tenants import context, services
from tenants.models import Domain, KillSwitch, SigningKey, Tenant

PLATFORM = "ragsite.urls.platform"
COMPANY = "ragsite.urls.tenant"


@pytest.fixture
def operator(db):
    return User.objects.create_superuser("operator@platform.example", "operator@platform.example", "a long password")


@pytest.fixture
def browser(operator):
    client = Client(HTTP_HOST="localhost")
    client.force_login(operator, backend="hr.backends.EmployeeBackend")
    return client


@pytest.fixture
def second_browser(db):
    second = User.objects.create_superuser("second@platform.example", "second@platform.example", "a long password")
    client = Client(HTTP_HOST="localhost")
    client.force_login(second, backend="hr.backends.EmployeeBackend")
    return client


@pytest.fixture
def hr_browser(acme, alice):
    client = Client(HTTP_HOST="acme.localhost")
    with context.enter(acme):
        client.force_login(alice.user, backend="hr.backends.EmployeeBackend")
    return client


def url(name, *args):
    return reverse(f"admin:{name}", args=args, urlconf=PLATFORM)


def test_onboarding_shows_the_link_on_the_companys_host(browser):
    values = {"name": "Initech", "domain": "Initech.localhost", "admin_email": "owner@initech.example"}

    response = browser.post(url("tenants_tenant_add"), values, headers={"host": "localhost:8000"})

    assert "http://initech.localhost:8000/sign-in/link/" in response.content.decode()
    tenant = Tenant.objects.get(name="Initech")
    assert tenant.state == Tenant.State.ACTIVE
    assert AuditLog.objects.filter(verb="tenant.onboard", target=f"tenant:{tenant.uuid}").count() == 2


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("domain", "not a host", "host name"),
        ("domain", "acme.localhost", "already belongs"),
        ("domain", "localhost", "operators&#x27; console"),
        ("domain", "initech.invalid", ".invalid"),
        ("admin_email", "nobody", "valid email"),
        ("name", "", "required"),
    ],
)
def test_unusable_input_is_a_message(browser, acme, field, value, message):
    values = {"name": "Initech", "domain": "initech.localhost", "admin_email": "owner@initech.example", field: value}

    response = browser.post(url("tenants_tenant_add"), values)

    assert response.status_code == 200
    assert message in response.content.decode()
    assert not Tenant.objects.filter(name="Initech").exists()


def test_suspended_company_is_refused_until_another_operator_resumes_it(browser, second_browser, acme, hr_browser):
    suspended = {"confirmed": "1", "reason": "unpaid since May", "typed_name": "acme instruments"}
    browser.post(url("tenants_tenant_suspend", acme.pk), suspended)
    assert hr_browser.get("/admin/").status_code == 403

    refused = browser.post(
        url("tenants_tenant_resume", acme.pk), {"confirmed": "1", "reason": "paid"}, follow=True
    ).content.decode()
    assert "another operator has to release it" in refused
    assert hr_browser.get("/admin/").status_code == 403

    second_browser.post(url("tenants_tenant_resume", acme.pk), {"confirmed": "1", "reason": "paid"})
    assert hr_browser.get("/admin/").status_code == 200
    rows = AuditLog.objects.filter(target=f"tenant:{acme.uuid}", verb__in=["tenant.suspend", "tenant.resume"])
    assert [(row.verb, row.outcome, row.reason) for row in rows.order_by("pk")] == [
        ("tenant.suspend", "success", "unpaid since May"),
        ("tenant.resume", "refused", "SecondPersonNeeded"),
        ("tenant.resume", "success", "paid"),
    ]


def test_suspending_takes_the_companys_name(browser, acme):
    values = {"confirmed": "1", "reason": "unpaid", "typed_name": "Globex Logistics"}

    page = browser.post(url("tenants_tenant_suspend", acme.pk), values).content.decode()

    assert "Nothing was changed" in page
    acme.refresh_from_db()
    assert acme.is_active


def test_suspending_twice_is_a_friendly_refusal(browser, acme):
    services.suspend(tenant=acme, reason="first")
    values = {"confirmed": "1", "reason": "second", "typed_name": "Acme Instruments"}

    response = browser.post(url("tenants_tenant_suspend", acme.pk), values, follow=True)

    assert "is not active" in response.content.decode()


def page_values(tenant, **changes):
    """The company's page as a browser sends it."""
    domains = list(tenant.domains.order_by("pk"))
    values = {
        "min_confidence_threshold": "",
        "contact_name": "",
        "contact_email": "",
        "suggested_questions": "",
        "domains-TOTAL_FORMS": str(len(domains)),
        "domains-INITIAL_FORMS": str(len(domains)),
    }
    for n, domain in enumerate(domains):
        values.update({f"domains-{n}-id": str(domain.pk), f"domains-{n}-tenant": str(tenant.pk)})
    return {**values, **changes}


def test_settings_are_saved_with_one_question_per_line(browser, acme):
    values = page_values(
        acme, min_confidence_threshold="0.7", contact_name="HR desk", suggested_questions=" One?\n\nTwo?\nOne? "
    )

    response = browser.post(url("tenants_tenant_change", acme.pk), values)

    assert response.status_code == 302, response.content.decode()
    acme.refresh_from_db()
    assert (acme.min_confidence_threshold, acme.contact_name) == (0.7, "HR desk")
    assert acme.suggested_questions == ["One?", "Two?"]
    row = AuditLog.objects.get(verb="tenant.settings")
    assert row.details["changed"] == ["contact_name", "min_confidence_threshold", "suggested_questions"]


def test_name_and_schema_cannot_be_slipped_into_the_page(browser, acme):
    browser.post(
        url("tenants_tenant_change", acme.pk), page_values(acme, name="Evil", schema_name="globex", state="suspended")
    )

    acme.refresh_from_db()
    assert (acme.name, acme.schema_name, acme.state) == ("Acme Instruments", "acme", "active")


def test_host_name_is_added_and_audited(browser, acme):
    values = page_values(acme, **{"domains-TOTAL_FORMS": "2", "domains-1-domain": "hr.acme.example"})

    response = browser.post(url("tenants_tenant_change", acme.pk), values)

    assert response.status_code == 302, response.content.decode()
    assert Domain.objects.get(domain="hr.acme.example").tenant == acme
    assert AuditLog.objects.get(verb="tenant.add_domain").details == {"domain": "hr.acme.example"}


def test_host_name_of_another_company_is_refused(browser, acme, globex):
    values = page_values(acme, **{"domains-TOTAL_FORMS": "2", "domains-1-domain": "globex.localhost"})

    response = browser.post(url("tenants_tenant_change", acme.pk), values)

    assert response.status_code == 200
    assert Domain.objects.get(domain="globex.localhost").tenant == globex


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "acme.invalid"])
def test_host_name_that_cannot_be_a_companys_is_a_message(browser, acme, name):
    values = page_values(acme, **{"domains-TOTAL_FORMS": "2", "domains-1-domain": name})

    response = browser.post(url("tenants_tenant_change", acme.pk), values)

    assert response.status_code == 200
    assert "PLATFORM_HOSTS" in response.content.decode() or "ends in .invalid" in response.content.decode()
    assert not Domain.objects.filter(domain=name).exists()
    with pytest.raises(ValidationError):
        services.add_domain(tenant=acme, domain=name.upper() + ".")


def test_last_host_name_stays(browser, acme):
    response = browser.post(
        url("tenants_tenant_change", acme.pk), page_values(acme, **{"domains-0-DELETE": "on"}), follow=True
    )

    assert "only host name" in response.content.decode()
    assert acme.domains.count() == 1


def test_removing_a_host_name_leaves_a_primary_one(acme):
    first = acme.domains.get()
    second = services.add_domain(tenant=acme, domain="hr.acme.example")

    services.remove_domain(domain=first)

    second.refresh_from_db()
    assert second.is_primary


def test_signing_keys_are_listed_without_their_secrets(browser, operator):
    key = SigningKey.objects.create(kid="key-to-look-at", sealed_secret=b"SECRETBYTES", state=SigningKey.State.GRACE)

    listing = browser.get(url("tenants_signingkey_changelist")).content.decode()
    page = browser.get(url("tenants_signingkey_change", key.pk)).content.decode()

    assert "key-to-look-at" in listing
    assert "SECRETBYTES" not in listing + page
    assert browser.post(url("tenants_signingkey_delete", key.pk)).status_code == 403


def test_list_takes_the_same_number_of_queries_for_more_companies(browser, acme, globex):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(url("tenants_tenant_changelist")).status_code == 200
        return len(captured)

    queries()  # what is looked up once a second, such as switches, is known now
    few = queries()
    for n in range(5):
        tenant = Tenant.objects.create(name=f"T{n}", schema_name=f"t{n}", state="provisioning")
        Domain.objects.create(tenant=tenant, domain=f"t{n}.localhost")

    assert queries() == few


def test_company_changes_its_own_settings(hr_browser, acme, globex):
    path = reverse("admin:company-settings", urlconf=COMPANY)
    values = {"min_confidence_threshold": "0.4", "contact_email": "hr@acme.example", "suggested_questions": "A?\nB?"}

    assert hr_browser.post(path, values).status_code == 302

    acme.refresh_from_db()
    globex.refresh_from_db()
    assert (acme.min_confidence_threshold, acme.suggested_questions) == (0.4, ["A?", "B?"])
    assert globex.min_confidence_threshold is None
    with context.enter(acme):
        assert AuditLog.objects.filter(verb="tenant.settings", actor_kind="employee").count() == 1


@pytest.mark.parametrize("threshold", ["1.5", "-0.1", "high", "nan", "inf"])
def test_impossible_threshold_is_a_message(hr_browser, acme, threshold):
    path = reverse("admin:company-settings", urlconf=COMPANY)

    assert hr_browser.post(path, {"min_confidence_threshold": threshold}).status_code == 200

    acme.refresh_from_db()
    assert acme.min_confidence_threshold is None


def test_bob_and_charlie_change_no_settings(acme, globex, bob, charlie):
    path = reverse("admin:company-settings", urlconf=COMPANY)
    for tenant, person in ((acme, bob), (globex, charlie)):
        client = Client(HTTP_HOST=f"{tenant.schema_name}.localhost")
        with context.enter(tenant):
            client.force_login(person.user, backend="hr.backends.EmployeeBackend")
        assert client.post(path, {"contact_name": "me"}, follow=True).status_code == 403
        tenant.refresh_from_db()
        assert tenant.contact_name == ""


def test_who_suspended_a_company_is_told_whom_it_waits_for_instead_of_a_button(browser, second_browser, operator, acme):
    services.suspend(tenant=acme, reason="a suspected leak", by=f"operator:{operator.pk}")
    with context.enter_platform():
        switch = KillSwitch.objects.get(tenant=acme)
    of_company = (url("tenants_tenant_change", acme.pk), url("tenants_tenant_resume", acme.pk))
    of_switch = (url("tenants_killswitch_change", switch.pk), url("tenants_killswitch_release", switch.pk))

    for page, button in (of_company, of_switch):
        own, others = browser.get(page).content.decode(), second_browser.get(page).content.decode()
        assert f'href="{button}"' not in own and "Waits for another operator. You switched this off" in own
        assert f"http://localhost{page}" in own
        assert f'href="{button}"' in others and "Waits for another operator" not in others
