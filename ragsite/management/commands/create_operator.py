"""manage.py create_operator --email operator@platform.example [--password-env NAME | --generate]"""

import getpass
import os
import secrets
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import actors
from ragsite import operators


class Command(BaseCommand):
    help = "Make an operator of the platform, or give an existing one a new password. Asks for it on a terminal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--password-env", metavar="NAME", help="take the password from this environment variable")
        how.add_argument("--generate", action="store_true", help="make a password and print it once")
        how.add_argument(
            "--reset-second-factor",
            action="store_true",
            help="change no password: remove app, passkeys and recovery codes of one who lost them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["reset_second_factor"]:
            return self._reset_second_factor(options["email"])
        password = self._password(options)
        with actors.acting_as(actors.Actor(kind="operator", label="operator:shell")):
            try:
                created = operators.save_operator(email=options["email"], password=password)
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"Operator {options['email']} {'was made' if created else 'has a new password'}.")
        if options["generate"]:
            self.stdout.write(f"Password (shown once): {password}")

    def _reset_second_factor(self, email: str) -> None:
        with actors.acting_as(actors.Actor(kind="operator", label="operator:shell")):
            if not operators.reset_second_factor(email=email, reason="reset by command"):
                raise CommandError(f"There is no operator {email} with a second factor.")
        self.stdout.write(f"The second factor of {email} is removed. The next sign-in leads to a new one.")

    def _password(self, options: dict[str, Any]) -> str:
        """Never an argument: arguments are seen by every user of the machine."""
        if options["generate"]:
            return secrets.token_urlsafe(15)
        if options["password_env"]:
            given = os.environ.get(options["password_env"], "")
            if not given:
                raise CommandError(f"The environment variable {options['password_env']} is not set.")
            return given
        if not sys.stdin.isatty():
            raise CommandError("No terminal to ask for a password: use --generate or --password-env.")
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Once more: "):
            raise CommandError("The two passwords differ.")
        return password
