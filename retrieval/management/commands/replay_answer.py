"""manage.py replay_answer 8d1f... --tenant acme --reason "ticket 4711" """

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from retrieval.services import asking, replaying
from retrieval.services.replaying import CitedPlace, Replay
from tenants.management.base import TenantCommand
from tenants.models import Tenant

_MIN_REASON_CHARS = 3


class Command(TenantCommand):
    help = (
        "Ask a stored question again, with the rights that its asker has today and for the same day, and show what "
        "differs. Documents are named only where HR could read the question; otherwise by id. Nothing is added to the "
        "person's conversation; that it was asked again, and why, is audited."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", type=UUID, help="of the answer, such as in the audit log's target query:...")
        parser.add_argument("--reason", required=True, help="why, for the audit log; without personal detail")

    def handle_tenant(self, tenant: Tenant, **options: Any) -> None:
        reason = options["reason"].strip()
        if len(reason) < _MIN_REASON_CHARS:
            raise CommandError("Please say why: --reason takes at least three characters.")
        try:
            replay = replaying.replay_for_operator(query_id=options["id"], reason=reason)
        except replaying.NotReplayable as error:
            raise CommandError(str(error)) from error
        except asking.SearchUnavailable as error:
            raise CommandError("Search is not available right now.") from error
        self._show(replay)

    def _show(self, replay: Replay) -> None:
        before, after = replay.before, replay.after
        self.stdout.write(f"Answer {replay.query_id}, asked again for {replay.as_of}:")
        self.stdout.write(f"  outcome     {before.outcome} -> {after.outcome}")
        self.stdout.write(f"  confidence  {before.confidence:.2f} -> {after.confidence:.2f}")
        self.stdout.write(f"  threshold   {before.threshold:.2f} -> {after.threshold:.2f}")
        for change in replay.changes:
            self.stdout.write(f"  {change}")
        for sign, places in (("=", replay.kept), ("-", replay.lost), ("+", replay.gained)):
            for place in places:
                self.stdout.write(f"  {sign} {_named(place)}{f': {place.why}' if place.why else ''}")
        self.stdout.write("The same answer today." if replay.is_same else "Another answer today.")


def _named(place: CitedPlace) -> str:
    name = f"“{place.title}”" if place.is_readable else f"document {place.document_id}"
    return f"{name}, version {place.version_number or '?'} ({place.digest[:12]})"
