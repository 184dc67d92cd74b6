"""manage.py audit_verify FILE [--public-key HEX]"""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import export
from audit.chain import keys


class Command(BaseCommand):
    help = (
        "Check an export of an audit log: is every byte as it was written? Exit code 1 when not. Needs no database; "
        "with AUDIT_CHAIN_KEY every row's hash is verified, with --public-key only signature, digest and links."
    )
    requires_system_checks: list[str] = []  # no database, no apps' tables: only the file and the key

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="the .zip, or the lines with their manifest beside them")
        parser.add_argument("--public-key", default="", metavar="HEX", help="of the installation that exported it")
        parser.add_argument("--show-public-key", action="store_true", help="print this installation's, for auditors")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["show_public_key"]:
            self.stdout.write(keys.current().public)
            return
        if options["file"] is None:
            raise CommandError("Which file?")
        try:
            checked = export.check_file(options["file"], public_key=options["public_key"])
        except keys.NoChainKey as error:
            raise CommandError(f"{error}.") from None
        if not checked.is_sound:
            for problem in checked.problems:
                self.stderr.write(f"{options['file']}: {problem}")
            sys.exit(1)
        manifest = checked.manifest
        assert manifest is not None
        self.stdout.write(
            f"{options['file']}: as exported at {manifest.exported_at[:19]} UTC by {manifest.exported_by}: "
            f"{checked.rows} rows of {manifest.schema} ({manifest.owner}), {manifest.first_sequence} to "
            f"{manifest.last_sequence}"
        )
