#!/usr/bin/env python
"""Django's command line for this installation."""

import os
import select
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ragsite.settings")
    if sys.argv[1:] == ["up"]:
        # Before settings are read: the supervisor says in one line what is wrong with a port or a folder.
        from ragsite.supervisor.up import main as up

        sys.exit(up())
    from ragsite.env import BadSetting

    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
        sys.stdout.flush()
    except BadSetting as error:
        sys.exit(_one_line(f"{error}"))
    except BrokenPipeError:
        if not _reader_is_gone():
            raise
        # `| head` has seen enough. What Python still holds for it goes nowhere, so that nothing complains at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _one_line(message: str) -> int:
    """The message on standard error; 2, the exit status for a wrong setting."""
    print(" ".join(message.split()), file=sys.stderr)
    return 2


def _reader_is_gone() -> bool:
    """Whether nobody reads our output any more; otherwise the broken pipe was another one."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


if __name__ == "__main__":
    main()
