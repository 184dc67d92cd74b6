"""manage.py audit_owner [--sql | --release-sql | --take-over]"""

import re
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from audit import ownership


class Command(BaseCommand):
    help = (
        "Say whether the application's login could change audit logs; exit code 1 when it could. The embedded shape "
        "sees to it by itself; elsewhere a superuser runs what --sql prints, once, in the product's database, and what "
        "--release-sql prints before an upgrade whose migration must be owner of audit_logs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--sql", action="store_true", help="print the SQL for a superuser")
        what.add_argument("--release-sql", action="store_true", help="print the SQL to run before such migrations")
        what.add_argument(
            "--take-over", action="store_true", help="give every schema's audit tables to their owner now"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sql"]:
            login = connection.settings_dict["USER"] or "ragsite"
            quoted = connection.ops.quote_name(login)
            self.stdout.write(re.sub(r"\bragsite\b", quoted, ownership.INSTALL_SQL.read_text(encoding="utf-8")))
            return
        if options["release_sql"]:
            self.stdout.write("SELECT ragsite_guard.release();")
            return
        if options["take_over"]:
            for schema in ownership.state().unprotected:
                ownership.take_over(schema=schema)
        state = ownership.state()
        self.stdout.write(f"owner role: {'installed' if state.is_installed else 'missing, see --sql'}")
        for schema in state.unprotected:
            self.stdout.write(f"{schema}: the application could change its audit log")
        if not state.is_installed or state.unprotected:
            sys.exit(1)
        self.stdout.write("every audit log: the application may add and read rows, nothing else")
