"""manage.py rag_status: what the service status page says; the exit code is the worst of it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Ask everything once. Exit code 0: all well; 1: something wrong that requests do without; 2: requests fail."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from ragsite import status

        look = status.look()
        for part in look.report.parts:
            self.stdout.write(f"{part.name:18} {part.status:40} {part.ms:8.1f} ms")
        for name, at in look.heard:
            self.stdout.write(f"{name:18} last heard of {f'{at:%Y-%m-%d %H:%M:%S} UTC' if at else 'never'}")
        for fact in (*look.facts, *look.versions):
            self.stdout.write(f"{fact.name:18} {fact.value}{'' if fact.is_well else '  <- look here'}")
        for contact in look.contacts:
            hours = f" ({contact.hours})" if contact.hours else ""
            self.stdout.write(f"{contact.kind:18} {contact.name}: {contact.reach}{hours}")
        self.stdout.write(look.words)
        if look.code:
            sys.exit(look.code)
