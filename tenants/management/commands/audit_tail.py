"""manage.py audit_tail --tenant acme -n 100"""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.db import transaction

from audit import services as audit
from audit.models import AuditLog
from tenants.management.logs import LogCommand

_MOST_ROWS = 10_000


class Command(LogCommand):
    help = "The newest rows of an audit log, newest first. Reading it is audited."
    one_only = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("-n", "--rows", type=_count, default=100, help="how many, 100 unless told")
        parser.add_argument("--actor", default="", help="only this actor, such as employee:17")
        parser.add_argument("--verb", default="", help="only this verb, such as search.run")
        parser.add_argument("--reason", default="", help="why; kept in the audit log")

    def handle_log(self, name: str, **options: Any) -> None:
        rows = AuditLog.objects.order_by("-sequence")
        if options["actor"]:
            rows = rows.filter(actor=options["actor"])
        if options["verb"]:
            rows = rows.filter(verb=options["verb"])
        found = list(rows[: options["rows"]])
        with transaction.atomic():
            audit.record(
                verb="audit.read", target="audit_logs", reason=options["reason"].strip(), details={"rows": len(found)}
            )
        for row in found:
            reason = f"  ({row.reason})" if row.reason else ""
            self.stdout.write(
                f"{row.sequence:>8}  {row.at:%Y-%m-%d %H:%M:%S}  {row.outcome:8} {row.actor:28} {row.verb:28} "
                f"{row.target}{reason}"
            )


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_ROWS:
        raise ArgumentTypeError(f"must be a number from 1 to {_MOST_ROWS}")
    return int(text)
