"""manage.py rag_status: every part and how it is; the exit code is the worst of them."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from ragsite import readiness


class Command(BaseCommand):
    help = "Ask every part once. Exit code 0: all well; 1: something is down that the product can do without; 2: worse."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        report = readiness.check_parts()
        for part in report.parts:
            self.stdout.write(f"{part.name:12} {part.status:40} {part.ms:8.1f} ms")
        if not report.ready:
            sys.exit(2)
        if any(part.status != "ok" for part in report.parts):
            sys.exit(1)
