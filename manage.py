#!/usr/bin/env python
"""Django's command line for this installation."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ragsite.settings")
    if sys.argv[1:] == ["up"]:
        # Before settings are read: the supervisor says in one line what is wrong with a port or a folder.
        from ragsite.supervisor.up import main as up

        sys.exit(up())
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
