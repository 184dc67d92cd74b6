"""`manage.py up`: the embedded installation, see ragsite.supervisor."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from ragsite.supervisor.up import main


class Command(BaseCommand):
    """Thin on purpose: manage.py calls the supervisor before settings are read; this is for `manage.py help`."""

    help = "Start the database, the web server, the worker and beat, and keep them running until Ctrl-C."
    # The database that checks would ask is started by this very command.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped."""
        sys.exit(main())
