"""Which operator stands behind a shell command: `--by ann@platform.example`."""

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from audit import actors
from tenants import context

SHELL = "operator:shell"


def label_of(email: str | None) -> str:
    """The label of the operator with this e-mail address; nobody in particular without one.

    :raises CommandError: when there is no such operator; names those there are.
    """
    if not email:
        return SHELL
    with context.enter_platform():
        operators = User.objects.filter(is_superuser=True, is_active=True)
        found = operators.filter(username=email.strip().lower()).first()
        if found is None:
            known = ", ".join(operators.order_by("username").values_list("username", flat=True)) or "none yet"
            raise CommandError(f"There is no operator {email!r}. Known: {known}")
    return f"operator:{found.pk}"


def acting(label: str) -> actors.Actor:
    """The actor of what the command does."""
    return actors.Actor(kind="operator", label=label)
