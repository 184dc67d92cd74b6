"""The routes as Django's resolver knows them: nobody has to remember to list one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

TENANT, PLATFORM = "ragsite.urls.tenant", "ragsite.urls.platform"
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """One pattern, written as in the URL map, with the HTTP methods that its class handles (empty for a function)."""

    pattern: str
    methods: frozenset[str]

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(_PARAMETER.findall(self.pattern))

    def path(self, values: Mapping[str, Any]) -> str:
        return "/" + _PARAMETER.sub(lambda match: str(values[match[1]]), self.pattern)


def routes_of(urlconf: str) -> list[Route]:
    """Every route of a URL map, the admin's included."""
    return [
        Route(pattern=pattern, methods=_methods(entry.callback))
        for pattern, entry in _walk(get_resolver(urlconf).url_patterns, "")
    ]


def _walk(entries: list[Any], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for entry in entries:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, pattern)
        else:
            yield pattern, entry


def _methods(view: Any) -> frozenset[str]:
    """Of API views. Functions say in the code of themselves which methods they take."""
    handlers = getattr(view, "cls", None)
    if handlers is None:
        return frozenset()
    return frozenset(name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(handlers, name))
