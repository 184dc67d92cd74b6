"""manage.py verify_audit --tenant acme | --all-tenants | --platform"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from audit import checkpoints
from audit.chain.keys import NoChainKey
from audit.verification import logs, services
from audit.verification.findings import Report
from tenants.management.logs import LogCommand


class Command(LogCommand):
    help = (
        "Verify audit logs against their chain and their checkpoints. Names the first bad row and what is wrong with "
        "it; exit code 1 when anything is. Changes nothing but for the row that says so (--quiet-run: not even that)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--all-checkpoints", action="store_true", help="read every checkpoint, not the newest 1,000"
        )
        parser.add_argument("--quiet-run", action="store_true", help="leave no row in the log")
        parser.add_argument("--checkpoint", action="store_true", help="write a checkpoint at once, then verify")
        parser.add_argument(
            "--accept-restore",
            action="store_true",
            help="the database was set back on purpose: give up the checkpoints it does not fit; needs --reason",
        )
        parser.add_argument("--reason", default="", help="for --accept-restore; kept in the log")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accept_restore"] and not options["reason"].strip():
            raise CommandError("--accept-restore needs --reason.")
        self.unsound = 0
        try:
            super().handle(*args, **options)
        except NoChainKey as error:
            raise CommandError(str(error)) from None
        if self.unsound:
            sys.exit(1)

    def handle_log(self, name: str, **options: Any) -> None:
        report = self._verify(**options)
        speed = f"{report.rows / report.seconds:,.0f} rows/s" if report.seconds else "at once"
        self.stdout.write(
            f"{name}: {report.rows} rows, last {report.last_sequence}, {report.checkpoints} checkpoints, {speed}: "
            + ("sound" if report.is_sound else f"NOT SOUND, {report.first}")
        )
        for finding in report.findings:
            if finding is not report.first:
                self.stdout.write(f"  {finding}")
        if report.bad_rows > 1:
            self.stdout.write(f"  {report.bad_rows} bad rows in all")
        if report.is_sound and report.not_covered:
            self.stdout.write(f"  {report.not_covered}")
        for note in report.notes:
            self.stdout.write(f"  {note}")
        self.unsound += not report.is_sound

    def _verify(self, **options: Any) -> Report:
        if options["checkpoint"]:
            try:
                checkpoints.write(now=timezone.now())
            except checkpoints.CheckpointRefused as error:
                self.stderr.write(str(error))
        if options["accept_restore"]:
            try:
                return services.accept_restore(reason=options["reason"].strip())
            except services.NothingToAccept as error:
                raise CommandError(f"Nothing was accepted: {error}.") from None
        if options["quiet_run"]:
            return logs.verify(all_checkpoints=options["all_checkpoints"])
        return services.verify_and_report(all_checkpoints=options["all_checkpoints"])
