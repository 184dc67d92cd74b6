"""Every operation of both APIs, from the resolver: nobody has to remember to list one."""

import re
import uuid
from dataclasses import dataclass

from ragsite.tests.matrix.resolver import PLATFORM, TENANT, routes_of

# Open on purpose; whoever adds a route that needs nobody has to write it down here.
OPEN = frozenset(
    {
        "api/v1/auth/token",
        "api/v1/auth/token/refresh",
        "api/v1/schema/",
        "api/v1/docs/",
        "api/v1/platform/auth/token",
        "api/v1/platform/schema/",
        "api/v1/platform/docs/",
    }
)


@dataclass(frozen=True)
class Operation:
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations(urlconf: str) -> list[Operation]:
    """With an id that does not exist for each parameter."""
    return [
        Operation(method, "/" + _filled(route.pattern))
        for route in routes_of(urlconf)
        if route.pattern.startswith("api/v1/") and route.pattern not in OPEN
        for method in sorted(route.methods)
    ]


def _filled(pattern: str) -> str:
    pattern = re.sub(r"<uuid:\w+>", lambda _: str(uuid.uuid4()), pattern)
    pattern = re.sub(r"<int:\w+>", "999999999", pattern)
    return re.sub(r"<(?:\w+:)?\w+>", "missing", pattern)


__all__ = ["OPEN", "PLATFORM", "TENANT", "Operation", "operations"]
