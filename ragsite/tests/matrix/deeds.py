"""What has to be there before some actions can succeed. Made in the call's own transaction, and gone with it."""

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit import export
from documents import files
from documents.models import Document, DocumentVersion
from hr.models import Employee, LeavePolicy
from hr.tests.pay_stories import rows_of, sheet
from ragsite.tests.matrix.world import OPERATOR_PASSWORD, World
from retrieval import services as retrieval
from retrieval.tests import stories
from tenants import services as tenants
from tenants.models import Tenant

PASSWORD = "a password of the matrix"
# In four weeks: a working day without a public holiday would be better still, but none is needed.
_MONDAY = date.today() + timedelta(days=28 - date.today().weekday())
NEW_PASSWORD = {"password": "violet harbour 77", "again": "violet harbour 77"}
OPERATOR = {"username": "operator@platform.example", "password": OPERATOR_PASSWORD}
TYPED_NAME = {"confirmed": "1", "reason": "for the route matrix", "typed_name": "Acme Instruments"}
Publication, State = DocumentVersion.Publication, DocumentVersion.State


def _employee(world: World, name: str) -> Employee:
    employee = world.people[name].employee
    assert employee is not None
    return Employee.objects.get(pk=employee.pk)


def _with_password(world: World, name: str) -> Employee:
    employee = _employee(world, name)
    assert employee.user is not None
    employee.user.set_password(PASSWORD)
    employee.user.save()
    return employee


def credentials(world: World) -> dict[str, Any]:
    """Dora's address and password."""
    dora = _with_password(world, "dora")
    return {"body": {"email": dora.email, "password": PASSWORD}}


def refresh_token(world: World) -> dict[str, Any]:
    """Of a session that dora began over the API."""
    answer = Client(headers={"host": "acme.localhost"}).post(
        "/api/v1/auth/token", credentials(world)["body"], content_type="application/json"
    )
    return {"body": {"refresh": answer.json()["refresh"]}}


def present_password(world: World) -> dict[str, Any]:
    """Bob's session ends with his old password, so he gets one under which it was begun."""
    bob = world.people["bob"].employee
    assert bob is not None and bob.user is not None
    client = Client(headers={"host": "acme.localhost"})
    employee = _with_password(world, "bob")
    client.force_login(employee.user, backend="hr.backends.EmployeeBackend")
    return {
        "session": client.cookies["ragsite_session"].value,
        "body": {"present": PASSWORD, "password": "violet harbour 77", "again": "violet harbour 77"},
    }


def upload(world: World) -> dict[str, Any]:
    """A file to put in."""
    content = b"# Parking\n\nEverybody may park in the yard."
    return {"body": {"title": "Parking", "file": SimpleUploadedFile("parking.md", content)}}


def uploads(world: World) -> dict[str, Any]:
    """The same for the console's form."""
    return {"body": {"files": upload(world)["body"]["file"], "title": "Parking"}}


def exported_log(world: World) -> dict[str, Any]:
    """An export of the company's log, to be verified."""
    out = io.BytesIO()
    export.write_archive(out=out, reason="for the route matrix")
    return {"body": {"file": SimpleUploadedFile("export.zip", out.getvalue()), "reason": "for the route matrix"}}


def people_file(world: World) -> dict[str, Any]:
    """A list with one new person."""
    return {"body": {"file": SimpleUploadedFile("people.csv", _PEOPLE), "reason": "matrix"}}


def checked_people_file(world: World) -> dict[str, Any]:
    """The same, after it was checked in the console."""
    from hr.imports import pending

    return {"body": {"token": pending.keep(content=_PEOPLE, by=_employee(world, "alice")), "reason": "matrix"}}


_PEOPLE = b"employee_number,email,first_name,last_name,role\nM9001,new.one@acme.example,New,One,employee\n"


def pay_sheet(world: World) -> dict[str, Any]:
    """A pay sheet with one paystub."""
    return {"body": {"file": SimpleUploadedFile("pay.csv", _sheet(world))}}


def checked_pay_sheet(world: World) -> dict[str, Any]:
    """The same, after it was checked in the console."""
    from hr.admin.pay import importing

    return {"body": {"sheet": importing._keep(_sheet(world), _employee(world, "alice")), "reason": "matrix"}}


def _sheet(world: World) -> bytes:
    return sheet(*rows_of(_employee(world, "erin").employee_number, month=5))


def person_without_pay_details(world: World) -> dict[str, Any]:
    """By number."""
    number = _employee(world, "bob").employee_number
    return {"body": {"employee_number": number, "new_iban": "DE89370400440532013000", "new_national_id": ""}}


def draft(world: World) -> dict[str, Any]:
    """A version that was read and waits for somebody to publish it."""
    return _version(publication=Publication.DRAFT)


def in_review(world: World) -> dict[str, Any]:
    """A version that somebody else submitted."""
    return _version(publication=Publication.IN_REVIEW, review_requested_by="employee:1")


def unreadable(world: World) -> dict[str, Any]:
    """A document that could not be read."""
    made = _version(state=State.FAILED, error_code="worker_lost")
    return made


def _version(**values: Any) -> dict[str, Any]:
    document = stories.make_document(title="Remote work")
    version = document.serving_version
    assert version is not None
    version.storage_key = files.key_of_version(version.pk)
    version.save()
    files.store(key=version.storage_key, source=io.BytesIO(b"x"))
    if "publication" in values:
        values |= {"effective_from": None, "effective_to": None}
        Document.objects.filter(pk=document.pk).update(serving_version=None)
    DocumentVersion.objects.filter(pk=version.pk).update(**values)
    return {"document": document.pk, "version": version.pk}


def country(world: World) -> dict[str, Any]:
    """So that bob's leave can be counted."""
    LeavePolicy.objects.create(country="DE", from_year=_MONDAY.year - 5, annual_days=Decimal(30))
    Employee.objects.filter(pk=_employee(world, "bob").pk).update(
        country="DE", start_date=date.today() - timedelta(days=1000)
    )
    return {}


def request_of_doras(world: World) -> dict[str, Any]:
    """A request that HR decides on."""
    return {"request": world.own["leaverequest"]}


def stand_in(world: World) -> dict[str, Any]:
    """Dave's colleague who decides for him."""
    other = Employee.objects.filter(role="manager").exclude(pk=_employee(world, "dave").pk).first()
    assert other is not None
    return {"body": {"delegate_id": other.pk, "first_day": _MONDAY, "last_day": _MONDAY}}


def number_of_somebody(world: World) -> dict[str, Any]:
    """For forms that ask for a person by number."""
    return {"body": {"employee_number": _employee(world, "bob").employee_number}}


def working_week(world: World) -> dict[str, Any]:
    """Bob's."""
    days = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "1")
    return {"body": {**number_of_somebody(world)["body"], **days, "saturday": "0", "sunday": "0"}}


def entitlement(world: World) -> dict[str, Any]:
    """A day more for bob."""
    extra = {"year": date.today().year, "kind": "adjustment", "days": "1", "reason": "matrix"}
    return {"body": {**number_of_somebody(world)["body"], **extra}}


def proposal(world: World) -> dict[str, Any]:
    """A leave request that bob wished for in the chat and has not confirmed."""
    country(world)
    answer = retrieval.ask(question=f"Please book me leave on {_MONDAY.isoformat()}", employee=_employee(world, "bob"))
    part = answer.results[0]
    return {"proposal": part.proposal_id, "body": {"digest": part.proposal_digest}}


def suspended_company(world: World) -> dict[str, Any]:
    """A company that somebody else suspended, so that the operator may resume it."""
    tenants.suspend(tenant=Tenant.objects.get(pk=world.acme.pk), reason="matrix", by="operator:999")
    return {}


def operators_password(world: World) -> dict[str, Any]:
    """The operator's, for another one."""
    new = "violet harbour 77"
    return {"body": {"old_password": OPERATOR_PASSWORD, "new_password1": new, "new_password2": new}}


def company_settings(world: World) -> dict[str, Any]:
    """What the page of a company sends, with its host names."""
    domain = world.acme.domains.get()
    return {
        "body": {
            "name": world.acme.name,
            "domains-TOTAL_FORMS": "1",
            "domains-INITIAL_FORMS": "1",
            "domains-0-id": domain.pk,
            "domains-0-tenant": world.acme.pk,
            "domains-0-domain": domain.domain,
        }
    }
