"""The two consoles as a whole: which host shows what, who gets in, and what can be read nowhere."""

import io

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from audit.models import AuditLog
from hr.tests import signing_in
from ragsite import operators
from retrieval.models import Conversation, Query
from tenants import context

PASSWORD = "a long enough password"
PLATFORM_LISTS = (
    "tenants_tenant_changelist",
    "tenants_tenant_add",
    "tenants_signingkey_changelist",
    "django_celery_beat_periodictask_changelist",
)
COMPANY_LISTS = (
    "documents_document_changelist",
    "documents_documentversion_changelist",
    "hr_employee_changelist",
    "retrieval_query_changelist",
    "retrieval_feedback_changelist",
)


def url(name):
    return reverse(f"admin:{name}", urlconf="ragsite.urls.tenant")


@pytest.fixture
def operator(db):
    return User.objects.create_superuser("operator@platform.example", "operator@platform.example", PASSWORD)


@pytest.fixture
def platform(operator):
    client = Client(HTTP_HOST="localhost")
    client.force_login(operator, backend="hr.backends.EmployeeBackend")
    return client


def company_browser(tenant, person):
    client = Client(HTTP_HOST=f"{tenant.schema_name}.localhost")
    with context.enter(tenant):
        client.force_login(person.user, backend="hr.backends.EmployeeBackend")
    return client


@pytest.fixture
def company(acme, alice):
    return company_browser(acme, alice)


def test_only_admin_classes_of_ours_are_registered():
    modules = {type(model_admin).__module__.split(".")[0] for model_admin in admin.site._registry.values()}

    assert modules <= {"audit", "tenants", "hr", "documents", "retrieval", "ragsite"}


def test_conversations_and_questions_are_in_no_console():
    readable = {model._meta.label for model in admin.site._registry}

    # Answers and reports have pages of their own, with words only where the company's rule lets HR read them.
    assert not readable & {"retrieval.Conversation", "retrieval.Citation"}
    assert not readable & {"auth.User", "auth.Group", "admin.LogEntry", "sessions.Session"}


@pytest.mark.parametrize("name", PLATFORM_LISTS)
def test_the_platforms_pages_are_not_in_a_company(platform, company, name):
    assert platform.get(url(name)).status_code == 200
    assert company.get(url(name)).status_code == 403


@pytest.mark.parametrize("name", COMPANY_LISTS)
def test_a_companys_pages_are_not_on_the_platform(platform, company, name):
    assert company.get(url(name)).status_code == 200
    assert platform.get(url(name)).status_code == 403


def test_each_console_has_its_own_log(platform, company):
    path = reverse("admin:audit_auditlog_changelist", urlconf="ragsite.urls.tenant")
    for browser in (company, platform):
        browser.post(url("audit_auditlog_reason"), {"reason": "a look at who was added"})

    in_company = company.get(path, {"q": "employee.create"}).context["cl"]
    on_platform = platform.get(path, {"q": "employee.create"}).context["cl"]

    assert in_company.result_count > 0
    assert on_platform.result_count == 0


@pytest.mark.parametrize("path", ["/admin/", "/admin/settings/", "/admin/audit/auditlog/", "/admin/jsi18n/"])
def test_nobody_is_sent_to_sign_in(acme, path):
    response = Client(HTTP_HOST="acme.localhost").get(path, follow=True)

    assert response.redirect_chain[-1][0].startswith("/sign-in/?next=")


def test_bob_charlie_and_other_hosts_sessions_are_kept_out(acme, globex, alice, bob, charlie, operator):
    assert company_browser(acme, bob).get("/admin/", follow=True).status_code == 403
    assert company_browser(globex, charlie).get("/admin/", follow=True).status_code == 403
    stranger = company_browser(acme, alice)
    assert stranger.get("/admin/", headers={"host": "localhost"}).status_code == 302


def test_operator_signs_in_and_out_and_both_are_recorded(operator):
    signing_in.give_app(None, operator)
    client = Client(HTTP_HOST="localhost")

    client.post("/admin/login/?next=/admin/audit/", {"username": operator.username.upper(), "password": PASSWORD})
    assert client.get("/admin/").status_code == 302
    response = client.post("/sign-in/second-step/", {"code": signing_in.code()})
    assert response["Location"] == "/admin/audit/"
    assert client.get("/admin/").status_code == 200
    client.post("/admin/logout/")

    assert client.get("/admin/").status_code == 302
    rows = AuditLog.objects.filter(verb__startswith="session.").order_by("pk").values_list("verb", "actor")
    assert list(rows) == [
        ("session.sign_in", f"operator:{operator.pk}"),
        ("session.sign_out", f"operator:{operator.pk}"),
    ]


def test_operator_without_a_second_factor_can_do_nothing_but_set_one_up(operator):
    client = Client(HTTP_HOST="localhost")
    client.post("/admin/login/", {"username": operator.username, "password": PASSWORD})

    for path in ("/admin/", "/admin/tenants/tenant/", "/admin/password_change/", "/admin/audit/auditlog/"):
        assert client.get(path)["Location"] == "/account/security/"
        assert client.post(path)["Location"] == "/account/security/"
    assert "Every operator has one" in client.get("/account/security/").content.decode()
    assert client.get("/account/security/app/").status_code == 200


def test_lost_second_factor_of_an_operator_is_removed_by_command(operator):
    signing_in.give_app(None, operator)
    command = ["create_operator", "--email", operator.username, "--reset-second-factor"]

    call_command(*command, stdout=io.StringIO())

    row = AuditLog.objects.get(verb="second_factor.reset")
    assert (row.actor, row.target) == ("operator:shell", f"operator:{operator.pk}")
    assert operator.check_password(PASSWORD)
    with pytest.raises(CommandError, match="no operator"):
        call_command(*command)


def test_failed_sign_in_is_recorded_without_the_address(operator):
    client = Client(HTTP_HOST="localhost")

    response = client.post("/admin/login/", {"username": operator.username, "password": "wrong"})

    assert response.status_code == 200
    row = AuditLog.objects.get(verb="session.sign_in_failed")
    assert (row.outcome, row.target) == ("refused", "")


def test_sign_in_is_throttled(operator, settings):
    client = Client(HTTP_HOST="localhost")

    codes = [
        client.post("/admin/login/", {"username": operator.username, "password": "wrong"}).status_code
        for _ in range(settings.AXES_FAILURE_LIMIT + 1)
    ]

    assert codes[-1] == 429
    right = client.post("/admin/login/", {"username": operator.username, "password": PASSWORD})
    assert right.status_code == 429


def test_sign_in_leads_nowhere_else(operator):
    client = Client(HTTP_HOST="localhost")

    response = client.post(
        "/admin/login/?next=https://evil.example/", {"username": operator.username, "password": PASSWORD}
    )

    assert response["Location"].startswith("/")


def test_an_employee_is_no_operator(acme, alice):
    response = Client(HTTP_HOST="localhost").post(
        "/admin/login/", {"username": "alice@acme.example", "password": "correct horse battery"}
    )

    assert response.status_code == 200


def test_admin_has_its_own_policy_and_other_pages_the_strict_one(company):
    policy = company.get("/admin/")["Content-Security-Policy"]
    strict = company.get("/sign-in/")["Content-Security-Policy"]

    assert "'unsafe-eval'" in policy
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in strict


def test_pages_load_nothing_from_elsewhere(company, platform):
    import re

    for page in (company.get("/admin/"), company.get(url("documents_document_changelist")), platform.get("/admin/")):
        loaded = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
        assert all(not address.startswith(("http:", "https:", "//")) for address in loaded)


def test_every_admin_page_without_arguments_answers(company, platform):
    """No page of either console is a server error, whatever its permissions say."""
    resolver = get_resolver("ragsite.urls.tenant")
    names = {name for name in resolver.namespace_dict["admin"][1].reverse_dict if isinstance(name, str)}
    tried = 0
    for name in sorted(names):
        try:
            path = url(name)
        except NoReverseMatch:  # a page of one object
            continue
        tried += 1
        for client in (company, platform):
            for address in (
                path,
                f"{path}?page=x&p=x&o=9&q=%00&_popup=1&s=x&e=1",
                f"{path}?at__gte=x&state__exact=%27",
            ):
                assert client.get(address).status_code < 500, address
    assert tried > 15


def test_nothing_is_written_to_djangos_own_log(company, acme, bob):
    company.post(f"/admin/hr/employee/{bob.pk}/change/", {"first_name": "Robert", "last_name": "Example"})

    with context.enter(acme):
        assert not LogEntry.objects.exists()


def test_history_is_the_audit_log(company, bob):
    response = company.get(f"/admin/hr/employee/{bob.pk}/history/")

    assert response["Location"].endswith(f"/admin/audit/auditlog/?q=employee%3A{bob.pk}")


def test_overview_of_a_company_counts_and_quotes_nothing(company, acme, bob):
    with context.enter(acme):
        conversation = Conversation.objects.create(employee=bob, title="PRIVATE TITLE", updated_at=timezone.now())
        for outcome in ("answered", "answered", "answered", "abstained"):
            Query.objects.create(
                conversation=conversation, employee=bob, asked_at=timezone.now(), question="PRIVATE QUESTION",
                outcome=outcome, generator="extractive", confidence=0.5, threshold=0.5, prompt_version="1",
                embed_model="m",
            )  # fmt: skip

    page = company.get("/admin/").content.decode()

    assert "25 %" in page and "1 of 4 questions" in page
    assert "PRIVATE" not in page
    assert "<svg" in page


def test_overview_of_the_platform_names_parts_and_companies(platform, acme, globex):
    page = platform.get("/admin/").content.decode()
    status = platform.get("/admin/status/").content.decode()

    for expected in ("Companies by state", "Parts that answer", "Files waiting", "Signing key"):
        assert expected in page
    for expected in ("Database", "Queue", "Vector index"):
        assert expected in status


def test_operator_is_made_once_and_then_gets_a_new_password(db):
    assert operators.save_operator(email="Op@Platform.Example", password=PASSWORD)
    assert not operators.save_operator(email="op@platform.example", password=PASSWORD + "2")

    operator = User.objects.get(username="op@platform.example")
    assert operator.is_superuser and operator.check_password(PASSWORD + "2")
    verbs = AuditLog.objects.filter(target=f"operator:{operator.pk}").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["operator.create", "operator.choose_password"]


def test_command_makes_an_operator_with_a_generated_password(db, capsys):
    call_command("create_operator", "--email", "op@platform.example", "--generate")

    printed = capsys.readouterr().out
    password = printed.split("shown once): ")[1].strip()
    assert User.objects.get(username="op@platform.example").check_password(password)


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [("nobody", PASSWORD, "valid email"), ("op@platform.example", "short", "short")],
)
def test_unusable_operator_is_one_clear_line(db, monkeypatch, email, password, message):
    monkeypatch.setenv("OPERATOR_PASSWORD", password)

    with pytest.raises(CommandError, match=message):
        call_command("create_operator", "--email", email, "--password-env", "OPERATOR_PASSWORD")
    assert not User.objects.filter(username=email).exists()


def test_command_does_not_guess_a_password(db, monkeypatch):
    monkeypatch.delenv("NOT_SET", raising=False)

    with pytest.raises(CommandError, match="NOT_SET"):
        call_command("create_operator", "--email", "op@platform.example", "--password-env", "NOT_SET")
