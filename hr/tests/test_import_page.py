"""The import page: what HR sees of a file, and that only the file they saw is imported."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditLog
from hr import services
from hr.imports import pending
from hr.models import Employee
from hr.tests.test_admin import browser_of
from tenants import context

URLCONF = "ragsite.urls.tenant"
PAGE = reverse("admin:hr_employee_import_people", urlconf=URLCONF)
EXPORT = reverse("admin:hr_employee_export_people", urlconf=URLCONF)
TEMPLATE = reverse("admin:hr_employee_import_template", urlconf=URLCONF)
GOOD = b"employee_number,email,first_name,last_name\nN1,nora@acme.example,Nora,New\n"


@pytest.fixture
def browser(acme, alice):
    return browser_of(acme, alice)


def choose(browser, content=GOOD, name="people.csv"):
    return browser.post(PAGE, {"file": SimpleUploadedFile(name, content)})


def token_of(page):
    return page.context["form"]["token"].value()


def numbers(tenant):
    with context.enter(tenant):
        return set(Employee.objects.values_list("employee_number", flat=True))


def test_file_is_previewed_and_nothing_is_written_yet(browser, acme):
    page = choose(browser)

    assert page.status_code == 200
    assert "Nora New" in page.content.decode()
    assert "all 1 row can be imported" in page.content.decode()
    assert "N1" not in numbers(acme)


@pytest.mark.parametrize("content", [b",,,\n,,,\n", b'""\n', b"\xef\xbb\xbf"])
def test_sheet_without_rows_is_told_on_the_page(browser, content):
    page = choose(browser, content)

    assert page.status_code == 422
    assert "no rows" in page.content.decode()


def test_two_files_at_once_are_refused(browser):
    page = browser.post(PAGE, {"file": [SimpleUploadedFile("a.csv", GOOD), SimpleUploadedFile("b.csv", GOOD)]})

    assert page.status_code == 422
    assert "one file at a time" in page.content.decode()


def test_click_imports_what_was_previewed_with_a_reason(browser, acme):
    response = browser.post(PAGE, {"token": token_of(choose(browser)), "reason": "new colleagues"})

    assert response.status_code == 302
    assert response["Location"].endswith("?login=none")
    assert "N1" in numbers(acme)
    with context.enter(acme):
        assert AuditLog.objects.get(verb="employees.import").reason == "new colleagues"
        assert not default_storage.exists(pending._key(Employee.objects.get(email="alice@acme.example")))


def test_import_needs_a_reason(browser, acme):
    page = browser.post(PAGE, {"token": token_of(choose(browser)), "reason": ""})

    assert page.status_code == 200
    assert "This field is required" in page.content.decode()
    assert "N1" not in numbers(acme)


def test_bad_rows_are_listed_with_line_column_and_reason(browser, acme):
    page = choose(browser, GOOD + b"N2,nonsense,Max,Bad\n")

    text = page.content.decode()
    assert page.status_code == 422
    assert "1 of 2 rows cannot be imported" in text
    assert "This is no e-mail address." in text
    assert "N1" not in numbers(acme)


def test_cells_are_shown_as_text(browser):
    page = choose(browser, GOOD + b"N2,n2@acme.example,<script>alert(1)</script>,Bad\n")

    assert "<script>alert(1)" not in page.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("people.xlsx", b"%PDF-1.7", "This is a PDF"),
        ("people.csv", b"", "file is empty"),
        ("people.csv", "number,last name\n1,Müller".encode("latin-1"), "UTF-8"),
        ("people.csv", b"hello", "No column employee_number"),
    ],
)
def test_unusable_file_is_a_message(browser, name, content, words):
    page = choose(browser, content, name)

    assert page.status_code == 422
    assert words in page.content.decode() or "submitted file is empty" in page.content.decode()


def test_without_a_file_there_is_a_message(browser):
    assert "Choose a file." in browser.post(PAGE).content.decode()


def test_what_changed_since_the_preview_is_checked_again(browser, acme):
    token = token_of(choose(browser))
    with context.enter(acme):
        services.create_employee(email="nora@acme.example", first_name="N", last_name="Other", role="employee")

    page = browser.post(PAGE, {"token": token, "reason": "new colleagues"})

    assert page.status_code == 422
    assert "has this address" in page.content.decode()


def test_another_file_or_person_or_company_cannot_use_the_token(browser, acme, globex, bob, charlie):
    token = token_of(choose(browser))
    with context.enter(acme):
        services.change_role(employee=bob, role="hr")
    with context.enter(globex):
        services.change_role(employee=charlie, role="hr")
    sent = {"token": token, "reason": "not mine"}

    for other in (browser_of(acme, bob), browser_of(globex, charlie)):
        assert "no longer here" in other.post(PAGE, sent).content.decode()
    choose(browser, GOOD.replace(b"N1", b"N9"))
    assert "no longer here" in browser.post(PAGE, sent).content.decode()
    assert not {"N1", "N9"} & numbers(acme)
    assert "N1" not in numbers(globex)


def test_checked_files_that_nobody_came_back_for_are_removed(browser, acme, alice):
    choose(browser)

    with context.enter(acme):
        assert pending.forget_old(now=timezone.now()) == 0
        assert pending.forget_old(now=timezone.now() + timedelta(hours=2)) == 1
        assert pending.forget_old(now=timezone.now() + timedelta(hours=2)) == 0


def test_too_many_problems_are_cut(browser):
    page = choose(browser, GOOD + b"".join(b"X%d,bad,A,B\n" % n for n in range(300)))

    assert "And 100 more." in page.content.decode()


def test_template_and_export_are_attachments(browser, acme, alice):
    book = openpyxl.load_workbook(io.BytesIO(browser.get(TEMPLATE).content))
    assert book.sheetnames == ["People", "Columns"]

    response = browser.get(EXPORT, {"format": "csv"})
    assert response["Content-Disposition"] == 'attachment; filename="people.csv"'
    assert "no-store" in response["Cache-Control"]
    assert "alice@acme.example" in response.content.decode()
    with context.enter(acme):
        assert AuditLog.objects.get(verb="employees.export").details["format"] == "csv"


@pytest.mark.parametrize("path", [PAGE, EXPORT, TEMPLATE])
def test_bob_and_charlie_see_nothing(acme, globex, bob, charlie, path):
    for tenant, person in ((acme, bob), (globex, charlie)):
        assert browser_of(tenant, person).get(path, follow=True).status_code == 403
