"""manage.py seed_demo: the two fictional companies, their people and documents, and the platform's operator."""

import csv
import io
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from audit import actors
from audit import services as audit
from documents import services as documents
from hr import services as hr
from hr.models import Employee
from ragsite import env
from ragsite.demo import catalog, history, leave, pay, platform, policies
from ragsite.demo.catalog import DemoCompany, DemoPerson
from ragsite.supervisor import discovery
from tenants import context
from tenants import services as tenants
from tenants.models import Tenant


class Command(BaseCommand):
    help = (
        "Make the demo companies acme and globex. Can be repeated: what is there stays, passwords follow DEMO_PASSWORD."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        password = env.current().demo_password or discovery.ensure_secret(settings.DATA_DIR, "demo_password")
        with actors.acting_as(actors.Actor(kind="operator", label="operator:seed_demo")):
            for email in (catalog.OPERATOR_EMAIL, catalog.SECOND_OPERATOR_EMAIL):
                _operator(email, password)
            platform.seed()
            for company in catalog.load_catalog():
                tenant = _tenant(company)
                with context.enter(tenant):
                    for person in company.people:
                        _person(person, password)
                    hired = _records(company)
                    paid = pay.seed(today=context.local_today())
                    away = leave.seed(today=context.local_today())
                    new = _documents(company) + policies.seed(company=company.slug, today=context.local_today())
                    history.seed(today=context.local_today())
                self.stdout.write(
                    f"{company.name}: {hired} new people, {paid} new paystubs, {away} new leave requests, "
                    f"{new} new documents"
                )


def _operator(email: str, password: str) -> None:
    operator, _ = User.objects.get_or_create(
        username=email, defaults={"email": email, "is_staff": True, "is_superuser": True, "first_name": "Platform"}
    )
    _set_password(operator, password)


def _tenant(company: DemoCompany) -> Tenant:
    owner = next(person for person in company.people if person.role == "ceo")
    result = tenants.onboard(name=company.name, domain=f"{company.domain_label}.localhost", admin_email=owner.email)
    if result.created:
        tenant = result.tenant
        tenant.contact_name, tenant.contact_email = company.hr_contact_name, company.hr_contact_email
        tenant.suggested_questions = list(company.suggested_questions)
        # So that a newcomer finds “Share with HR”; a company's own rule begins with never.
        tenant.hr_reading = Tenant.HrReading.SHARED
        tenant.save()
    return result.tenant


def _person(person: DemoPerson, password: str) -> None:
    known = Employee.objects.with_email(person.email).select_related("user").first()
    if known is None:
        known = hr.create_employee(
            email=person.email, first_name=person.first_name, last_name=person.last_name, role=person.role
        )
    elif "Administrator" in (known.last_name, known.user and known.user.last_name):  # as onboarding calls the first one
        hr.update_record(employee=known, first_name=person.first_name, last_name=person.last_name)
    assert known.user is not None
    _set_password(known.user, password)


def _records(company: DemoCompany) -> int:
    """Import those who are not there yet, and the records of the known accounts once; returns how many were new.

    Whatever somebody changed since stays as it is.
    """
    with company.people_path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    there = {person.email: person for person in Employee.objects.all()}
    numbers = {person.employee_number for person in there.values()}
    accounts = {person.email for person in company.people}
    missing = []
    for row in rows:
        known = there.get(row["email"])
        if known is None and row["employee_number"] not in numbers:
            missing.append(row)
        elif known is not None and known.email in accounts and not known.department and known.start_date is None:
            if row["employee_number"] not in numbers:
                hr.update_record(employee=known, employee_number=row["employee_number"])
            missing.append(row | {"employee_number": known.employee_number})
    if not missing:
        return 0
    content = io.StringIO()
    writer = csv.DictWriter(content, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(missing)
    report = hr.import_people(content=content.getvalue().encode(), by=None, reason="demo")
    for problem in report.problems:
        raise CommandError(f"{company.people_path.name}: {problem.column}: {problem.reason}")
    return report.created


def _set_password(user: User, password: str) -> None:
    if user.check_password(password):
        return
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        audit.record(verb="demo.password", target=f"user:{user.pk}")


def _documents(company: DemoCompany) -> int:
    new = 0
    for document in company.documents:
        with document.path.open("rb") as source:
            receipt = documents.receive(
                source=source,
                original_name=document.path.name,
                title=document.title,
                external_id=document.external_id,
                is_confidential=document.is_confidential,
            )
        new += not receipt.recognised
    return new
