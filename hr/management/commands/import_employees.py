"""manage.py import_employees --tenant acme people.xlsx [--dry-run]"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from hr import services
from hr.imports import SheetRefused
from tenants.management.base import TenantCommand
from tenants.models import Tenant


class Command(TenantCommand):
    help = "Take in a list of people (.xlsx, or CSV in UTF-8): all rows, or none when one is wrong."

    def add_arguments(self, parser: CommandParser) -> None:  # type: ignore[override]
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
        parser.add_argument("--reason", default="imported by command", help="for the audit log")

    def handle_tenant(self, tenant: Tenant, **options: Any) -> None:
        file: Path = options["file"]
        dry_run: bool = options["dry_run"]
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from None
        try:
            if dry_run:
                report = services.check_people(content=content, by=None)
            else:
                report = services.import_people(content=content, by=None, reason=options["reason"])
        except SheetRefused as refusal:
            raise CommandError(f"{file.name}: {refusal}") from None
        for problem in report.problems:
            self.stderr.write(f"line {problem.line}, {problem.column}: {problem.reason}")
        if report.problems:
            raise CommandError(f"{tenant.name}: nothing was imported, {len(report.problems)} cells are wrong")
        if report.ignored_columns:
            self.stdout.write(f"Columns left alone: {', '.join(report.ignored_columns)}")
        self.stdout.write(
            f"{tenant.name}: {report.rows} rows, {report.created} new, {report.updated} changed "
            f"({report.deactivated} deactivated), {report.unchanged} unchanged"
            + ("; nothing was written (--dry-run)" if dry_run else "")
        )
