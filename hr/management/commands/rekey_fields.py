"""manage.py rekey_fields --all-tenants [--dry-run] [--data-keys]"""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from audit import actors
from hr import keys
from hr.services import rekeying
from tenants import context
from tenants.management.base import TenantCommand
from tenants.models import Tenant

_REASON_CHARS = 3


class Command(TenantCommand):
    help = (
        "Wrap the data keys of sealed fields under the current FIELD_MASTER_KEY; with --data-keys also seal every "
        "value under new data keys. Can be repeated and interrupted. Changes nothing when any key cannot be opened."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="count and open everything, change nothing")
        parser.add_argument("--data-keys", action="store_true", help="new data keys, every value sealed anew")
        parser.add_argument(
            "--made-before",
            metavar="TIME",
            type=_moment,
            help="with --data-keys: only keys made before this moment, to go on after an interruption",
        )
        parser.add_argument(
            "--forget-lost",
            action="store_true",
            help="give up what is sealed under master keys that are gone for good; needs --reason",
        )
        parser.add_argument("--reason", default="", help="kept in the audit log")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["forget_lost"] and len(options["reason"].strip()) < _REASON_CHARS:
            raise CommandError("--forget-lost needs --reason: what is sealed under those keys is lost for good.")
        options["made_before"] = options["made_before"] or timezone.now()
        try:
            # All companies are looked at before the first is touched.
            if not options["forget_lost"]:
                self._examine_all(options)
            if options["data_keys"] and not options["dry_run"]:
                self.stdout.write(f"To go on after an interruption: --made-before {options['made_before'].isoformat()}")
            super().handle(*args, **options)
        except keys.KeyUnavailable as error:
            raise CommandError(f"Nothing was changed: {error}." if not self.changed else f"Stopped: {error}.") from None

    changed = False

    def handle_tenant(self, tenant: Tenant, **options: Any) -> None:
        reason, name = options["reason"].strip(), tenant.schema_name
        if options["dry_run"]:
            waiting = len(rekeying.people_to_rotate(made_before=options["made_before"])) if options["data_keys"] else 0
            counts = rekeying.examine()
            more = f", and give {waiting} people new ones" if options["data_keys"] else ""
            whole = counts.older + counts.current
            self.stdout.write(
                f"{name}: would rewrap {counts.older} of {whole} data keys{more}; {counts.destroyed} destroyed"
            )
            return
        if options["forget_lost"]:
            self.stdout.write(f"{name}: {rekeying.forget_lost(reason=reason)} data keys given up")
            self.changed = True
        moved = rekeying.rewrap(reason=reason, progress=self._note)
        self.stdout.write(f"{name}: {moved} data keys rewrapped under master key {keys.current_master_key().key_id}")
        if options["data_keys"]:
            self._rotate(name, options["made_before"], reason)

    def _rotate(self, name: str, made_before: datetime, reason: str) -> None:
        rows = values = 0
        people = rekeying.people_to_rotate(made_before=made_before)
        for employee_id in people:
            rotated = rekeying.rotate_data_key(employee_id=employee_id, reason=reason)
            self.changed = True
            rows, values = rows + rotated.rows, values + rotated.values
        self.stdout.write(
            f"{name}: {len(people)} people have new data keys; {values} values in {rows} rows sealed anew"
        )

    def _examine_all(self, options: dict[str, Any]) -> None:
        problems = []
        for tenant in self._chosen(options):
            with context.enter(tenant), actors.acting_as(actors.SYSTEM):
                try:
                    rekeying.examine()
                except rekeying.KeysUnreadable as error:
                    problems.append(f"{tenant.schema_name}: {error}")
        if problems:
            raise CommandError(f"Nothing was changed. {'; '.join(problems)}.")

    def _note(self, done: int) -> None:
        self.changed = True


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ArgumentTypeError("needs a moment with its time zone, such as 2026-11-20T12:00:00+00:00")
    return moment
