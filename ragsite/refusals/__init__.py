"""Commands of other packages that would go around this product's services: each refuses and names the one to use.

The app stands first in INSTALLED_APPS, so `manage.py` finds its commands before the originals. Code that calls them by
`call_command` still gets the originals: Django's tests flush databases that way.
"""

import sys
from typing import Any

from django.core.management import load_command_class
from django.core.management.base import BaseCommand

# command: (where it comes from, what to use instead)
REFUSED: dict[str, tuple[str, str]] = {
    "axes_reset": ("axes", "A lock-out ends by itself after a while; no command ends it unrecorded."),
    "axes_reset_failure_logs": ("axes", "What was tried is kept, and goes by itself after its time."),
    "axes_reset_ip": ("axes", "A lock-out ends by itself after a while; no command ends it unrecorded."),
    "axes_reset_ip_username": ("axes", "A lock-out ends by itself after a while; no command ends it unrecorded."),
    "axes_reset_logs": ("axes", "What was tried is kept, and goes by itself after its time."),
    "axes_reset_username": ("axes", "A lock-out ends by itself after a while; no command ends it unrecorded."),
    "changepassword": (
        "django.contrib.auth",
        "Use issue_sign_in_link, or for operators create_operator.",
    ),
    "clone_tenant": ("django_tenants", "A copy would share ids with its original. For a new company: onboard_tenant."),
    "create_domain": ("django_tenants", "Host names are added in the operators' console, Companies."),
    "create_missing_schemas": ("django_tenants", "Repeat onboard_tenant for the company; it finishes what is missing."),
    "create_tenant": ("django_tenants", "Use onboard_tenant."),
    "create_tenant_superuser": ("django_tenants", "People are added by the company's HR, owners by onboard_tenant."),
    "createsuperuser": ("django.contrib.auth", "Use create_operator."),
    "delete_domain": ("django_tenants", "Host names are removed in the operators' console, Companies."),
    "delete_tenant": ("django_tenants", "Use suspend_tenant: people are refused and the data stays."),
    "flush": ("django.core", "It would empty every company. To start afresh, use another DATA_DIR or database."),
    "loaddata": ("django.core", "Rows would appear without their audit rows. People are imported in the console."),
    "rename_schema": ("django_tenants", "A schema keeps its name; add a host name in the operators' console instead."),
}


class _Refusal:
    """On the command line: one line, exit status 1, nothing done."""

    refusal: str

    def run_from_argv(self, argv: list[str]) -> None:
        sys.stderr.write(f"{argv[1]} is not for this product. {self.refusal}\n")
        sys.exit(1)


def refused(name: str) -> type[BaseCommand]:
    """The command `name` of REFUSED, harmless from the command line."""
    origin, advice = REFUSED[name]
    original: Any = type(load_command_class(origin, name))
    return type("Command", (_Refusal, original), {"help": f"Refused. {advice}", "refusal": advice})
