"""manage.py totp_code KEY: what an authenticator app would show, for trying the product without a phone."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hr.signin import codes


class Command(BaseCommand):
    help = "Print the six digits that an authenticator app shows for a key. For trials; real keys belong on a phone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help="the key shown when the app is set up")

    def handle(self, *args: Any, key: str, **options: Any) -> None:
        try:
            self.stdout.write(codes.code_at(secret=key.replace(" ", ""), now=time.time()))
        except ValueError:
            raise CommandError("This is no key of an authenticator app: letters A to Z and digits 2 to 7.") from None
