"""Pay in the admin: HR opens what it must with a reason; owners, managers and employees see nothing of it."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit.models import AuditLog
from conftest import make_person
from hr.models import Employee, PayCode, PayDetails, Paystub
from hr.services import pay
from hr.tests.pay_stories import GROSS, IBAN, NATIONAL_ID, SECRETS, Browser, make_paystub, rows_of, sheet
from tenants.models import Tenant

LIST, IMPORT = "/admin/hr/paystub/", "/admin/hr/paystub/import/"


@pytest.fixture
def hr_client(in_acme: Tenant, alice: Employee) -> Client:
    return Browser(in_acme, alice)


@pytest.fixture
def erin(acme: Tenant) -> Employee:
    return make_person(acme, email="erin@acme.example", name="Erin", role="ceo")


def upload(client: Client, content: bytes, name: str = "pay.csv") -> Any:
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, content)})


def token_in(response: Any) -> str:
    match = re.search(r'name="sheet" value="([^"]+)"', response.content.decode())
    assert match is not None, response.content.decode()
    return match[1]


def test_the_list_shows_periods_and_no_amounts(hr_client: Client, bob: Employee) -> None:
    make_paystub(bob)

    page = hr_client.get(LIST).content.decode()

    assert "Example, Bob" in page and "2026-01-01 to 2026-01-28" in page
    assert not [secret for secret in SECRETS if secret in page]


def test_the_list_takes_the_same_queries_for_many_rows(
    hr_client: Client, bob: Employee, django_assert_max_num_queries: Any
) -> None:
    for month in range(1, 12):
        make_paystub(bob, month=month)

    with django_assert_max_num_queries(14):
        hr_client.get(LIST)


def test_a_page_of_a_paystub_shows_no_amounts(hr_client: Client, bob: Employee) -> None:
    page = hr_client.get(f"{LIST}{make_paystub(bob).pk}/change/").content.decode()

    assert "Example, Bob" in page
    assert not [secret for secret in SECRETS if secret in page]


def test_opening_needs_a_reason_and_keeps_it(hr_client: Client, alice: Employee, bob: Employee) -> None:
    stub = make_paystub(bob)
    path = f"{LIST}{stub.pk}/open-paystub/"

    for refused in (hr_client.get(path), hr_client.post(path, {"confirmed": "1", "reason": ""})):
        assert not [secret for secret in SECRETS if secret in refused.content.decode()]
    opened = hr_client.post(path, {"confirmed": "1", "reason": "asked about a line"})

    assert "5,322.34" in opened.content.decode() and "Base salary" in opened.content.decode()
    assert "private, no-store" in opened["Cache-Control"]
    row = AuditLog.objects.get(verb="paystub.open_for_hr")
    assert (row.target, row.reason, row.actor) == (f"paystub:{stub.pk}", "asked about a line", alice.actor_label)
    assert row.details == {"subject": bob.actor_label}


def test_owners_administer_and_do_not_see_pay(in_acme: Tenant, erin: Employee, bob: Employee) -> None:
    stub = make_paystub(bob)
    client = Browser(in_acme, erin)

    assert client.get("/admin/hr/employee/").status_code == 200
    assert "paystub" not in client.get("/admin/").content.decode().lower()
    for path in (
        LIST,
        IMPORT,
        f"{LIST}{stub.pk}/change/",
        f"{LIST}{stub.pk}/open-paystub/",
        "/admin/hr/paycode/",
        "/admin/hr/paydetails/",
    ):
        assert client.get(path).status_code == 403
    posted = client.post(f"{LIST}{stub.pk}/open-paystub/", {"confirmed": "1", "reason": "curious"})
    assert posted.status_code == 403


def test_hr_of_another_company_gets_nowhere(in_acme: Tenant, bob: Employee, globex: Tenant) -> None:
    stub = make_paystub(bob)
    gwen = make_person(globex, email="gwen@globex.example", name="Gwen", role="hr")
    client = Browser(globex, gwen)

    assert client.get(LIST).status_code == 200
    assert "Bob" not in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{stub.pk}/change/").status_code == 302


def test_a_demotion_ends_it_with_the_next_click(hr_client: Client, alice: Employee) -> None:
    assert hr_client.get(LIST).status_code == 200

    Employee.objects.filter(pk=alice.pk).update(role="ceo")

    assert hr_client.get(LIST).status_code == 403


def test_an_import_is_shown_then_confirmed_with_a_reason(hr_client: Client, bob: Employee) -> None:
    content = sheet(*rows_of(bob.employee_number, month=1), *rows_of(bob.employee_number, month=2))

    shown = upload(hr_client, content)
    assert Paystub.objects.count() == 0
    assert "Import 2 paystubs" in shown.content.decode()
    done = hr_client.post(IMPORT, {"sheet": token_in(shown), "reason": "January and February"})

    assert done.status_code == 302
    assert Paystub.objects.count() == 2
    row = AuditLog.objects.get(verb="paystub.import")
    assert (row.reason, row.details) == ("January and February", {"paystubs": 2, "people": 1, "rows": 4})


def test_an_import_without_a_reason_asks_for_it_and_writes_nothing(hr_client: Client, bob: Employee) -> None:
    shown = upload(hr_client, sheet(*rows_of(bob.employee_number)))

    again = hr_client.post(IMPORT, {"sheet": token_in(shown), "reason": ""})

    assert "This field is required" in again.content.decode()
    assert Paystub.objects.count() == 0


def test_a_confirmed_sheet_is_imported_once(hr_client: Client, bob: Employee) -> None:
    token = token_in(upload(hr_client, sheet(*rows_of(bob.employee_number))))
    hr_client.post(IMPORT, {"sheet": token, "reason": "January"})

    again = hr_client.post(IMPORT, {"sheet": token, "reason": "January"}, follow=True)

    assert "no longer kept" in again.content.decode()
    assert Paystub.objects.count() == 1


def test_each_bad_row_is_listed_and_nothing_is_imported(hr_client: Client, bob: Employee) -> None:
    good = rows_of(bob.employee_number)
    content = sheet(*good, *rows_of("NOBODY"), good[0].replace("2026-01-01", "01/02/2026"))

    page = upload(hr_client, content).content.decode()

    assert "Nothing was imported" in page and "2 problems" in page
    assert "belongs to nobody in this company" in page and "is not a date such as" in page
    assert "9100.07" not in page
    assert Paystub.objects.count() == 0


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"PK\x03\x04", b"\x00\x01"], ids=["empty", "pdf", "xlsx", "bytes"]
)
def test_a_file_that_is_no_sheet_is_refused_in_words(hr_client: Client, content: bytes) -> None:
    response = (
        hr_client.post(IMPORT, {"file": SimpleUploadedFile("pay.csv", content)})
        if content
        else hr_client.post(IMPORT, {})
    )

    assert response.status_code == 200
    assert any(text in response.content.decode() for text in ("Choose a file", "is not CSV"))


def test_a_sheet_waits_sealed_and_for_its_uploader_only(
    hr_client: Client, acme: Tenant, bob: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Any] = []
    monkeypatch.setattr(cache, "set", lambda key, value, *rest: kept.append((key, value)))
    page = upload(hr_client, sheet(*rows_of(bob.employee_number)))
    monkeypatch.undo()

    ((key, value),) = kept
    assert b"9100.07" not in value and b"Base salary" not in value
    assert token_in(page) not in key
    cache.set(key, value, 60)
    other = make_person(acme, email="anna@acme.example", name="Anna", role="hr")
    answer = Browser(acme, other).post(IMPORT, {"sheet": token_in(page), "reason": "mine now"}, follow=True)
    assert "no longer kept" in answer.content.decode()
    assert Paystub.objects.count() == 0


def test_a_wrong_key_is_said_on_the_page_and_nothing_is_written(
    hr_client: Client, bob: Employee, settings: Any
) -> None:
    stub = make_paystub(bob)
    token = token_in(upload(hr_client, sheet(*rows_of(bob.employee_number, month=2))))
    settings.FIELD_MASTER_KEY = "another-key-" + "y" * 40

    imported = hr_client.post(IMPORT, {"sheet": token, "reason": "February"}, follow=True).content.decode()
    opened = hr_client.post(
        f"{LIST}{stub.pk}/open-paystub/", {"confirmed": "1", "reason": "a question"}, follow=True
    ).content.decode()

    assert "Nothing was changed. Tell the operator: sealed under master key" in imported
    assert "sealed under master key" in opened and "5,322.34" not in opened
    assert Paystub.objects.count() == 1
    assert AuditLog.objects.filter(verb="paystub.open_for_hr", outcome="refused").count() == 1


def test_pay_codes_are_seeded_and_can_be_said_differently(hr_client: Client) -> None:
    code = PayCode.objects.get(code="TAX")

    saved = hr_client.post(
        f"/admin/hr/paycode/{code.pk}/change/", {"label": "Tax", "kind": "deduction", "explanation": "To the state."}
    )

    assert saved.status_code == 302
    code.refresh_from_db()
    assert (code.code, code.explanation) == ("TAX", "To the state.")
    assert AuditLog.objects.filter(verb="pay_code.change", target=f"paycode:{code.pk}").count() == 1


def test_a_new_pay_code_is_written_in_capitals(hr_client: Client) -> None:
    body = {"label": "Bike", "kind": "earning", "explanation": "For the bicycle."}

    refused = hr_client.post("/admin/hr/paycode/add/", {**body, "code": "bike allowance"})
    made = hr_client.post("/admin/hr/paycode/add/", {**body, "code": "BIKE"})

    assert "Capital letters" in refused.content.decode() and made.status_code == 302
    assert PayCode.objects.filter(code="BIKE").count() == 1


def test_pay_details_are_written_and_never_read_back_without_a_reason(
    hr_client: Client, alice: Employee, bob: Employee
) -> None:
    body = {
        "employee_number": bob.employee_number,
        "new_iban": "de89 3704 0044 0532 0130 00",
        "new_national_id": NATIONAL_ID,
    }
    made = hr_client.post("/admin/hr/paydetails/add/", body, follow=True)
    details = PayDetails.objects.get()

    pages = [made, *(hr_client.get(f"/admin/hr/paydetails/{path}") for path in ("", f"{details.pk}/change/"))]
    for page in pages:
        assert page.status_code == 200
        assert IBAN not in page.content.decode() and NATIONAL_ID not in page.content.decode()
        assert "Sealed(" not in page.content.decode()
    opened = hr_client.post(
        f"/admin/hr/paydetails/{details.pk}/open-details/", {"confirmed": "1", "reason": "bank sent it back"}
    ).content.decode()
    assert "DE89 3704 0044 0532 0130 00" in opened and NATIONAL_ID in opened
    assert AuditLog.objects.get(verb="pay_details.open_for_hr").reason == "bank sent it back"


def test_an_empty_field_of_pay_details_leaves_what_is_kept(hr_client: Client, alice: Employee, bob: Employee) -> None:
    details = pay.set_pay_details(employee=bob, iban=IBAN, national_id=NATIONAL_ID)

    hr_client.post(
        f"/admin/hr/paydetails/{details.pk}/change/", {"new_iban": "GB33BUKB20201555555555", "new_national_id": ""}
    )

    assert pay.open_details_for_hr(by=alice, employee=bob, reason="test") == ("GB33BUKB20201555555555", NATIONAL_ID)


@pytest.mark.parametrize("iban", ["DE89370400440532013001", "DE8937", "not an iban"])
def test_a_mistyped_iban_is_refused_in_words(hr_client: Client, bob: Employee, iban: str) -> None:
    page = hr_client.post("/admin/hr/paydetails/add/", {"employee_number": bob.employee_number, "new_iban": iban})

    assert page.status_code == 200
    assert "check digits" in page.content.decode() or "is not an IBAN" in page.content.decode()
    assert PayDetails.objects.count() == 0


def test_gross_is_what_the_sheet_said(hr_client: Client, bob: Employee) -> None:
    token = token_in(upload(hr_client, sheet(*rows_of(bob.employee_number))))
    hr_client.post(IMPORT, {"sheet": token, "reason": "January"})

    assert [payslip.gross for payslip in pay.paystubs_of(employee=bob)] == [GROSS]
