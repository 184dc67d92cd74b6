"""manage.py ingest_path --tenant acme FOLDER"""

import time
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from documents import rights, services
from documents.models import DocumentVersion
from documents.windows import Window, WindowReversed
from hr.access import Applicability, Audience
from tenants.days import read_day
from tenants.kill_switches.state import SwitchedOff
from tenants.management.base import TenantCommand
from tenants.models import Tenant

_APPLIES = ("countries", "sites", "employment_types")
_READERS = ("roles", "departments", "countries", "sites", "employment_types")
_REFUSALS = (
    services.UploadTooLarge,
    services.StorageUnavailable,
    SwitchedOff,
    services.TooManyKeys,
    rights.UnknownValue,
    WindowReversed,
)
_SUFFIXES = frozenset({".pdf", ".docx", ".md", ".markdown", ".html", ".htm", ".txt"})

# A file that takes its worker down is tried three times, each after the lease and the sweeper's round.
_LONGEST_WAIT_SECONDS = 300


class Command(TenantCommand):
    help = (
        "Upload a file, or all PDF, DOCX, Markdown, HTML and text files below a folder. "
        "A changed file becomes a new version."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("path", type=Path)
        parser.add_argument("--confidential", action="store_true", help="visible to HR and the owner only")
        parser.add_argument("--draft", action="store_true", help="publish nothing yet")
        parser.add_argument("--from", dest="first", type=read_day, help="first day in force: 2026-01-31")
        parser.add_argument("--to", dest="last", type=read_day, help="last day in force")
        for name in _APPLIES:
            parser.add_argument(f"--applies-{name.replace('_', '-')}", nargs="+", default=[], metavar="KEY")
        for name in _READERS:
            parser.add_argument(f"--audience-{name.replace('_', '-')}", nargs="+", default=[], metavar="KEY")
        parser.add_argument("--wait", action="store_true", help="process here and now instead of by the worker")

    def handle_tenant(self, tenant: Tenant, **options: Any) -> None:
        root: Path = options["path"]
        if not root.exists():
            raise CommandError(f"{root} does not exist.")
        paths = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.suffix.lower() in _SUFFIXES)
        if not paths:
            raise CommandError(f"There are no PDF, DOCX, Markdown, HTML or text files below {root}.")
        for path in paths:
            name = path.name if root.is_file() else path.relative_to(root).as_posix()
            self._ingest(path, external_id=name, options=options)

    def _ingest(self, path: Path, *, external_id: str, options: dict[str, Any]) -> None:
        with path.open("rb") as source:
            try:
                receipt = services.receive(
                    source=source,
                    original_name=path.name,
                    external_id=external_id[:200],
                    is_confidential=True if options["confidential"] else None,
                    audience=_audience(options),
                    terms=_terms(options),
                )
            except _REFUSALS as error:
                raise CommandError(f"{external_id}: {error}") from error
        version = receipt.version
        is_new = not receipt.recognised or receipt.note == "tried_again"
        if options["wait"] and is_new:
            with suppress(SwitchedOff):  # it waits for the release, as it would for the worker
                services.process_version(version_id=version.pk)
            _wait_until_final(version)
        outcome = version.state if is_new else "already there"
        self.stdout.write(f"{external_id}: {outcome} {version.error_code}".rstrip())


def _audience(options: dict[str, Any]) -> Audience | None:
    """The readers, when any were given; otherwise a known document keeps those it has."""
    lists: dict[str, Any] = {name: frozenset(options[f"audience_{name}"]) for name in _READERS}
    return Audience(is_confidential=options["confidential"], **lists) if any(lists.values()) else None


def _terms(options: dict[str, Any]) -> services.Terms:
    return services.Terms(
        window=Window(options["first"], options["last"]),
        applicability=Applicability(**{name: frozenset(options[f"applies_{name}"]) for name in _APPLIES}),
        publish=not options["draft"],
    )


def _wait_until_final(version: DocumentVersion) -> None:
    """A worker may have been faster than this command; then it is the one to wait for."""
    end = time.monotonic() + _LONGEST_WAIT_SECONDS
    version.refresh_from_db()
    while version.state not in DocumentVersion.FINAL and time.monotonic() < end:
        time.sleep(0.2)
        version.refresh_from_db()
