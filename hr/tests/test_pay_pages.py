"""My pay in the browser and over the API: one's own, private, and honest when a key is missing."""

import io
from typing import Any

import pytest
from django.urls import reverse

from audit.models import AuditLog
from hr import subject_keys
from hr.models import Employee, Paystub
from hr.services import pay
from hr.tests.api_helpers import signed_in
from hr.tests.pay_stories import IBAN, NATIONAL_ID, SECRETS, Browser, make_paystub
from tenants import context
from tenants.models import Tenant

PATHS = ("/pay/", "/pay/{id}/", "/pay/{id}/pdf/")
API = ("/api/v1/paystubs", "/api/v1/paystubs/{id}", "/api/v1/paystubs/{id}/pdf")


@pytest.fixture
def browser(in_acme: Tenant, bob: Employee) -> Browser:
    return Browser(in_acme, bob)


def test_my_pay_lists_what_i_was_paid(browser: Browser, alice: Employee, bob: Employee) -> None:
    make_paystub(bob)
    make_paystub(alice, month=7)
    pay.set_pay_details(employee=bob, iban=IBAN, national_id=NATIONAL_ID)

    page = browser.get("/pay/").content.decode()

    assert "1 January 2026 to 28 January 2026" in page and "5,322.34 EUR" in page
    assert "July" not in page
    assert "DE89 •••• 3000" in page and IBAN not in page and NATIONAL_ID not in page


def test_without_paystubs_that_is_what_is_said(browser: Browser) -> None:
    assert "There is no paystub for you here yet" in browser.get("/pay/").content.decode()


def test_one_paystub_shows_its_lines_and_what_they_mean(browser: Browser, bob: Employee) -> None:
    stub = make_paystub(bob)

    page = browser.get(f"/pay/{stub.pk}/").content.decode()

    for text in ("5,322.34 EUR", "9,100.07", "3,777.73", "1,234.56", "Income tax", "sends it to the tax office"):
        assert text in page


def test_a_correction_and_what_it_replaced_lead_to_each_other(browser: Browser, bob: Employee) -> None:
    first = make_paystub(bob)
    second = make_paystub(bob, is_correction=True)

    assert f"/pay/{second.pk}/" in browser.get(f"/pay/{first.pk}/").content.decode()
    assert f"/pay/{first.pk}/" in browser.get(f"/pay/{second.pk}/").content.decode()
    assert "Replaced by a correction" in browser.get("/pay/").content.decode()


def test_the_pdf_is_an_attachment_that_nothing_keeps(browser: Browser, bob: Employee) -> None:
    response = browser.get(f"/pay/{make_paystub(bob).pk}/pdf/")

    assert response.content.startswith(b"%PDF-")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="paystub-2026-01-01.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"] and "no-store" in response["Cache-Control"]
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize("path", PATHS)
def test_pages_are_private_and_under_the_strict_policy(browser: Browser, bob: Employee, path: str) -> None:
    response = browser.get(path.format(id=make_paystub(bob).pk))

    assert "no-store" in response["Cache-Control"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert b"style=" not in response.content


@pytest.mark.parametrize("path", PATHS[1:])
def test_anothers_page_is_the_same_404_as_a_missing_one(
    browser: Browser, in_acme: Tenant, alice: Employee, bob: Employee, path: str
) -> None:
    """HR's own pages show their own pay only, too; what HR opens of others stands in the admin, behind a reason."""
    of_alice, of_bob = make_paystub(alice), make_paystub(bob)
    missing = "00000000-0000-4000-8000-000000000000"

    answers = [browser.get(path.format(id=one)) for one in (of_alice.pk, missing)]
    answers.append(Browser(in_acme, alice).get(path.format(id=of_bob.pk)))

    assert {answer.status_code for answer in answers} == {404}
    assert not [secret for secret in SECRETS for answer in answers if secret in answer.content.decode()]


@pytest.mark.parametrize("path", PATHS)
def test_charlie_sees_nothing_of_it(
    in_acme: Tenant, bob: Employee, globex: Tenant, charlie: Employee, path: str
) -> None:
    path = path.format(id=make_paystub(bob).pk)

    own, at_acme = Browser(globex, charlie).get(path), Browser(globex, charlie)
    at_acme.defaults["HTTP_HOST"] = "acme.localhost"

    assert own.status_code == (200 if path == "/pay/" else 404)
    assert "5,322.34" not in own.content.decode()
    assert at_acme.get(path, headers={"host": "acme.localhost"}).status_code == 302


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("wrong", "The key that opens pay records is not available"),
        ("lost", "The key that opens pay records is not available"),
        ("tampered", "does not fit its seal"),
        ("destroyed", "was erased"),
    ],
)
def test_what_cannot_be_opened_is_said_in_words_with_503(
    browser: Browser, bob: Employee, settings: Any, path: str, trouble: str, words: str
) -> None:
    stub = make_paystub(bob)
    break_it(trouble, stub, settings)

    response = browser.get(path.format(id=stub.pk))

    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert words in response.content.decode()
    assert not [secret for secret in SECRETS if secret in response.content.decode()]


@pytest.mark.parametrize("trouble", ["wrong", "lost", "tampered", "destroyed"])
def test_the_api_says_key_unavailable(in_acme: Tenant, bob: Employee, settings: Any, trouble: str) -> None:
    stub = make_paystub(bob)
    break_it(trouble, stub, settings)
    client = signed_in(in_acme, bob)

    for path in API[1:]:
        response = client.get(path.format(id=stub.pk))
        assert (response.status_code, response.json()["errors"][0]["code"]) == (503, "key_unavailable")
        assert settings.FIELD_MASTER_KEY not in response.content.decode() or not settings.FIELD_MASTER_KEY
    assert client.get(API[0]).json()["count"] == 1  # the list needs no key


def break_it(trouble: str, stub: Paystub, settings: Any) -> None:
    if trouble == "wrong":
        settings.FIELD_MASTER_KEY = "another-key-" + "y" * 40
    elif trouble == "lost":
        settings.FIELD_MASTER_KEY = ""
    elif trouble == "destroyed":
        subject_keys.destroy(employee=stub.employee)
    else:
        from hr.fields import Sealed

        net = Paystub._meta.get_field("net").ciphertext_of(stub)
        Paystub.objects.filter(pk=stub.pk).update(net=Sealed(net[:-1] + bytes([net[-1] ^ 1])))


def test_the_api_gives_ones_own_paystubs(in_acme: Tenant, alice: Employee, bob: Employee) -> None:
    first, _ = make_paystub(bob, month=1), make_paystub(alice, month=2)
    second = make_paystub(bob, month=3)
    client = signed_in(in_acme, bob)

    listed = client.get("/api/v1/paystubs", {"page_size": 1}).json()
    one = client.get(f"/api/v1/paystubs/{first.pk}").json()

    assert (listed["count"], [row["id"] for row in listed["results"]]) == (2, [str(second.pk)])
    assert not [secret for secret in SECRETS if secret in str(listed)]
    assert (one["gross"], one["net"], one["currency"]) == ("9100.07", "5322.34", "EUR")
    assert [(line["code"], line["kind"], line["amount"]) for line in one["lines"]] == [
        ("BASE", "earning", "9100.07"),
        ("TAX", "deduction", "3777.73"),
        ("ER_PENSION", "employer", "1234.56"),
    ]
    assert one["lines"][1]["explanation"].startswith("Tax on your pay")
    pdf = client.get(f"/api/v1/paystubs/{first.pk}/pdf")
    assert pdf.content.startswith(b"%PDF-") and "attachment" in pdf["Content-Disposition"]


@pytest.mark.parametrize("path", API[1:])
def test_the_api_gives_nobody_elses_whatever_the_role(
    in_acme: Tenant, alice: Employee, bob: Employee, globex: Tenant, charlie: Employee, path: str
) -> None:
    stub = make_paystub(bob)
    missing = "00000000-0000-4000-8000-000000000000"

    with context.enter(in_acme):
        hr_client = signed_in(in_acme, alice)
    with context.enter(globex):
        charlies = signed_in(globex, charlie)
    answers = [
        client.get(path.format(id=one))
        for client, one in ((hr_client, stub.pk), (hr_client, missing), (charlies, stub.pk))
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    with context.enter(in_acme):
        assert AuditLog.objects.filter(verb="paystub.read", outcome="refused", target=f"paystub:{stub.pk}").exists()


def test_the_navigation_leads_to_my_pay(browser: Browser) -> None:
    assert f'href="{reverse("pay", urlconf="ragsite.urls.tenant")}"' in browser.get("/").content.decode()


def test_the_log_of_the_pages_has_no_amounts(browser: Browser, bob: Employee, caplog: Any, capsys: Any) -> None:
    caplog.set_level("DEBUG")
    stub = make_paystub(bob)

    for path in PATHS:
        browser.get(path.format(id=stub.pk))

    seen = io.StringIO(caplog.text + "".join(capsys.readouterr())).getvalue()
    assert not [secret for secret in SECRETS if secret in seen]
