"""manage.py revoke_tokens --tenant acme [--employee bob@acme.example] | --kid KEY, --reason "..." """

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import actors
from hr import signed_in
from hr.models import Employee
from tenants import context, cutoffs, rotation
from tenants.management.base import find
from tenants.models import Tenant


class Command(BaseCommand):
    help = (
        "End everything by which a person, or everybody of a company, is signed in (browsers, programs, tokens), or "
        "refuse what one key signed. It counts from the very next request on; people can sign in anew."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        chosen = parser.add_mutually_exclusive_group(required=True)
        chosen.add_argument("--tenant", metavar="NAME", help="schema name or host name of the company")
        chosen.add_argument("--kid", metavar="KEY", help="id of a key that does not sign any more; else: rotate_jwt")
        parser.add_argument("--employee", metavar="EMAIL", help="only this person of the company")
        parser.add_argument("--reason", required=True, help="for the audit log")

    def handle(
        self, *args: Any, tenant: str | None, kid: str | None, employee: str | None, reason: str, **options: Any
    ) -> None:
        with actors.acting_as(actors.Actor(kind="operator", label="operator:shell")):
            if tenant is None:
                if employee is not None:
                    raise CommandError("--employee needs --tenant")
                self._key(str(kid), reason)
            elif employee is None:
                self._company(find(tenant), reason)
            else:
                self._person(find(tenant), employee, reason)

    def _key(self, kid: str, reason: str) -> None:
        try:
            rotation.revoke_key(kid=kid, reason=reason)
        except (rotation.NoSuchKey, rotation.KeySigns, rotation.KeyRevoked) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Nothing that {kid} signed counts any more.")

    def _company(self, company: Tenant, reason: str) -> None:
        with context.enter_platform():
            ended = cutoffs.cut_off(tenant=company, reason=reason)
        self._say(company.name, ended)

    def _person(self, company: Tenant, email: str, reason: str) -> None:
        with context.enter(company):
            person = Employee.objects.with_email(email).first()
            if person is None:
                raise CommandError(f"{company.name} has nobody with this address")
            self._say(person.actor_label, signed_in.end_all(employee=person, reason=reason))

    def _say(self, who: str, ended: cutoffs.Ended) -> None:
        self.stdout.write(f"{who}: {ended.browsers} browsers and {ended.programs} programs are signed out.")
