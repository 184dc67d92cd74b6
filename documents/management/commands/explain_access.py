"""manage.py explain_access --tenant acme --employee E --document D"""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from documents import explaining, rights
from documents.models import Document
from tenants.days import read_day
from tenants.management.base import TenantCommand
from tenants.models import Tenant


class Command(TenantCommand):
    help = "Say whether a person may read a document, which rule says so, and which of its versions answer for them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--employee", required=True, help="employee number, e-mail address or id")
        parser.add_argument("--document", required=True, help="id or external id")
        parser.add_argument("--as-of", type=read_day, help="a day such as 2026-01-31; left out: today")

    def handle_tenant(self, tenant: Tenant, **options: Any) -> None:
        document = _document(options["document"])
        try:
            employee = explaining.find_person(options["employee"])
        except explaining.NoSuchPerson:
            raise CommandError(f"Nobody at {tenant} has the number, address or id {options['employee']!r}.") from None
        explanation = explaining.explain(employee=employee, document=document, as_of=options["as_of"])
        explaining.record_explanation(employee=employee, document=document, explanation=explanation)
        may = "may read" if explanation.decision.allowed else "may not read"
        self.stdout.write(f"{employee} {may} “{document}” ({explanation.decision.rule}).")
        self.stdout.write(f"{explanation.sentence} It is for {rights.readers_of(rights.audience_of(document))}.")
        for one in explanation.versions:
            self.stdout.write(f"  version {one.number}: {one.sentence} ({one.code})")
        if explanation.decision.allowed:
            self.stdout.write(
                "Answers come from it." if explanation.answers else "No answer comes from it on that day."
            )


def _document(name: str) -> Document:
    documents = Document.objects.filter(deleted_at__isnull=True)
    try:
        found = documents.filter(external_id=name).first() or documents.filter(pk=name).first()
    except ValidationError:  # no UUID
        found = None
    if found is None:
        raise CommandError(f"There is no document with the id or external id {name!r}.")
    return found
