"""manage.py audit_export --tenant acme --reason "..." [--from 2026-11-01] [--to 2026-11-20] [--out FILE]"""

import contextlib
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from audit import export
from audit.export.checking import MANIFEST_SUFFIX
from tenants.management.logs import LogCommand


class Command(LogCommand):
    help = (
        "Write rows of an audit log with a signed manifest, for evidence. A .zip holds both; .jsonl and .jsonl.gz get "
        "the manifest beside them. Exit code 1 when the chain of these rows is broken. audit_verify checks the file."
    )
    one_only = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--reason", required=True, help="why; kept in the audit log and in the manifest")
        parser.add_argument("--from", dest="start", type=_moment, help="a day or a moment (UTC unless it says so)")
        parser.add_argument("--to", dest="end", type=_day_after, help="the same; a day is taken whole")
        parser.add_argument("--out", type=Path, help="audit-<log>-<time>.zip here unless told")

    def handle_log(self, name: str, **options: Any) -> None:
        path = options["out"] or Path(f"audit-{name}-{timezone.now():%Y%m%d-%H%M%S}.zip")
        if path.exists():
            raise CommandError(f"{path} exists.")
        try:
            exported = self._write(path, **options)
        except (export.ReasonMissing, export.BadPeriod) as error:
            raise CommandError(f"{error}.") from None
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        self.stdout.write(f"{path}: rows {exported.first_sequence} to {exported.last_sequence}, {exported.rows} in all")
        self.stdout.write(f"SHA-256 of the rows: {exported.sha256}")
        for finding in exported.findings:
            self.stdout.write(f"NOT SOUND: {finding}")
        if exported.findings:
            sys.exit(1)

    def _write(self, path: Path, **options: Any) -> export.Exported:
        what = {name: options[name] for name in ("reason", "start", "end")}
        # Under another name until it is whole and audited.
        growing = path.with_name(f".{path.name}.part")
        with contextlib.ExitStack() as clean:
            clean.callback(growing.unlink, missing_ok=True)
            with growing.open("xb") as out:
                if path.suffix == ".zip":
                    exported = export.write_archive(out=out, **what)
                else:
                    exported = export.write_lines(out=out, compressed=path.suffix == ".gz", **what)
                    path.with_name(path.name + MANIFEST_SUFFIX).write_bytes(exported.manifest)
            growing.rename(path)
        return exported


def _moment(text: str) -> datetime:
    try:
        day, moment = parse_date(text), parse_datetime(text)
    except ValueError:
        day = moment = None
    if day is not None:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    if moment is None:
        raise ArgumentTypeError(f"{text!r} is no day and no moment; write 2026-01-31 or 2026-01-31T12:00:00Z")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day_after(text: str) -> datetime:
    moment = _moment(text)
    return moment + timedelta(days=1) if "T" not in text and " " not in text else moment
