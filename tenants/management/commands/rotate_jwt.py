"""manage.py rotate_jwt [--grace 24h] [--emergency] [--reason "..."]"""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import actors
from tenants import rotation

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_MAX_DAYS = 365


def duration(text: str) -> timedelta:
    """`90m`, `24h` or `7d`."""
    found = re.fullmatch(r"([0-9]{1,6})([mhd])", text)
    lasts = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
    if lasts is None or lasts > timedelta(days=_MAX_DAYS):
        raise ArgumentTypeError("write it as 90m, 24h or 7d, a year at most")
    return lasts


class Command(BaseCommand):
    help = (
        "Let the next key sign tokens. Those of the former key count until they end; nobody notices. "
        "With --emergency every key is revoked at once, and everybody signs in to the API anew."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--grace",
            type=duration,
            metavar="24h",
            help="how long the former key is believed; at least as long as refresh tokens",
        )
        parser.add_argument("--emergency", action="store_true", help="a key is known to others: revoke all, at once")
        parser.add_argument("--reason", default="", help="for the audit log; required with --emergency")

    def handle(self, *args: Any, grace: timedelta | None, emergency: bool, reason: str, **options: Any) -> None:
        if emergency and (grace is not None or not reason.strip()):
            raise CommandError("--emergency needs --reason, and knows no --grace")
        with actors.acting_as(actors.Actor(kind="operator", label="operator:shell")):
            try:
                if emergency:
                    done = rotation.rotate_in_emergency(reason=reason)
                else:
                    done = rotation.rotate(reason=reason or "rotated by command", grace=grace)
            except rotation.RotatedMeanwhile as error:
                raise CommandError(str(error)) from None
        self.stdout.write(f"{done.kid} signs from now on.")
        if done.grace_until is not None:
            self.stdout.write(f"{done.former} is believed until {done.grace_until:%Y-%m-%d %H:%M} UTC.")
        else:
            self.stdout.write(f"All former keys are revoked; tokens of {done.companies_cut_off} companies ended.")
