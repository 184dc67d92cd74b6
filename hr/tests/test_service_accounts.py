"""Programs with accounts of their own: what they may, what they never may, and what ends them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditLog
from hr.models import Employee, ServiceAccount
from hr.services import service_accounts as accounts
from hr.services.service_accounts import IssuedSecret
from hr.tests.api_helpers import api, post
from retrieval.tests import stories
from tenants import context
from tenants.machines import scopes, secrets
from tenants.models import Tenant

pytestmark = pytest.mark.django_db

DOCUMENTS, EMPLOYEES = "/api/v1/documents", "/api/v1/employees"
COMPANY = sorted(scopes.names(scopes.COMPANY_SCOPES))
PLAIN = sorted(scope.name for scope in scopes.COMPANY_SCOPES if not scope.for_managing)


def issue(tenant: Tenant, by: Employee, **values: Any) -> IssuedSecret:
    with context.enter(tenant):
        given = {"name": "Intranet", "scopes": PLAIN, "now": timezone.now()} | values
        return accounts.create_service_account(by=by, **given)


def managing(tenant: Tenant, by: Employee, **values: Any) -> IssuedSecret:
    return issue(tenant, by, **({"scopes": COMPANY, "role": "hr"} | values))


@pytest.fixture
def now() -> Iterator[datetime]:
    yield timezone.now()


def test_secret_opens_what_its_scopes_name(acme: Tenant, alice: Employee) -> None:
    issued = issue(acme, alice, scopes=["documents:read"])

    client = api(acme, token=issued.secret)

    assert client.get(DOCUMENTS).status_code == 200
    refused = post(client, "/api/v1/search", {"question": "How many days of leave?"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "missing_scope")
    assert "search" in refused.json()["errors"][0]["detail"]


def test_secret_is_stored_nowhere_and_shown_in_no_representation(acme: Tenant, alice: Employee) -> None:
    issued = issue(acme, alice)
    given = secrets.parse(issued.secret)
    assert given is not None

    with context.enter(acme):
        stored = str(list(ServiceAccount.objects.values())) + str(list(AuditLog.objects.values()))
    assert given.secret not in stored + repr(issued) + repr(given)
    assert issued.account.digest in stored


def test_reads_what_an_employee_without_attributes_reads(acme: Tenant, alice: Employee, bob: Employee) -> None:
    with context.enter(acme):
        open_one = stories.make_document(title="For everybody")
        stories.make_document(title="Confidential", is_confidential=True)
        sales = stories.make_document(title="For sales only")
        sales.audience_departments = ["sales"]
        sales.save()
        own = stories.make_document(title="Of bob")
        own.persona, own.subject = "personal", bob
        own.save()
    plain, manages = issue(acme, alice), managing(acme, alice, name="Archive")

    seen = api(acme, token=plain.secret).get(DOCUMENTS).json()["results"]
    seen_by_managing = api(acme, token=manages.secret).get(DOCUMENTS).json()["results"]

    assert [row["title"] for row in seen] == [open_one.title]
    assert {row["title"] for row in seen_by_managing} == {"For everybody", "Confidential", "For sales only"}
