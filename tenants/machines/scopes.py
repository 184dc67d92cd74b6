"""What a service account may do: the names of the API's scopes, all of them, in one place.

A view says which one it needs in `api_scope`: a name, or a mapping from HTTP method to name. PEOPLE_ONLY is for what no
program does on its own. A view without `api_scope` is closed to service accounts, and a test finds it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework.exceptions import PermissionDenied

PEOPLE_ONLY = ""


@dataclass(frozen=True)
class ApiScope:
    """One permission of a service account. `for_managing`: only an account that reads like HR may hold it."""

    name: str
    says: str
    for_managing: bool = True


# On companies' hosts.
COMPANY_SCOPES = (
    ApiScope("documents:read", "List and fetch documents that it may read, and their versions", for_managing=False),
    ApiScope("search", "Search the documents that it may read", for_managing=False),
    ApiScope("documents:write", "Upload, publish, withdraw and delete documents, and follow their processing"),
    ApiScope("employees:read", "Read the records of people"),
    ApiScope("employees:write", "Import people"),
    ApiScope("leave:read", "See who is away"),
    ApiScope("audit:read", "Read and export the audit log, with a reason"),
    ApiScope("findings:read", "Read findings about unusual use"),
    ApiScope("tokens:read", "List sessions and service accounts"),
    ApiScope("tokens:write", "End people's sessions and revoke tokens"),
)
# On the platform's host.
PLATFORM_SCOPES = (
    ApiScope("tenants:read", "List companies and their state"),
    ApiScope("tenants:write", "Onboard, suspend and resume companies"),
    ApiScope("killswitch:read", "See what is switched off"),
    ApiScope("killswitch:write", "Switch off, and ask to switch on again"),
    ApiScope("tokens:read", "List service accounts"),
    ApiScope("tokens:write", "Revoke the tokens of a person, a company or a key"),
    ApiScope("keys:read", "See signing keys and their age"),
    ApiScope("keys:write", "Rotate signing keys"),
    ApiScope("audit:read", "Read and export the platform's audit log, with a reason"),
    ApiScope("findings:read", "Read findings about unusual use"),
)


def names(scopes: Collection[ApiScope]) -> frozenset[str]:
    return frozenset(scope.name for scope in scopes)


def wanted_by(*, view: Any, method: str | None) -> str:
    """The scope that this call needs; PEOPLE_ONLY when the view names none."""
    declared = getattr(view, "api_scope", PEOPLE_ONLY)
    if isinstance(declared, Mapping):
        return str(declared.get(method or "", PEOPLE_ONLY))
    return str(declared)


def require(*, held: Collection[str], view: Any, method: str | None) -> None:
    """Let a service account with these scopes through, or say which one it lacks.

    :raises rest_framework.exceptions.PermissionDenied: with code `people_only` or `missing_scope`.
    """
    wanted = wanted_by(view=view, method=method)
    if wanted == PEOPLE_ONLY:
        raise PermissionDenied("Only a person does this, not a service account.", code="people_only")
    if wanted not in held:
        raise PermissionDenied(f"This service account lacks the scope {wanted}.", code="missing_scope")
