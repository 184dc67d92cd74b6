"""Which ids a route is asked with: the caller's own, and all that must look the same as one that does not exist."""

import re
from collections.abc import Mapping
from typing import Any

from ragsite.tests.matrix.resolver import Route
from ragsite.tests.matrix.rows import MANAGING, OWNER
from ragsite.tests.matrix.world import World

_ADMIN_MODEL = re.compile(r"admin/\w+/(\w+)/")


def ids_for(world: World, route: Route, name: str, column: int) -> list[tuple[str, Mapping[str, Any]]]:
    """(kind, values of the route's parameters): own first, then everything that must look the same as missing."""
    if not route.parameters or "(?P<" in route.pattern:  # a regular expression: its row gives a path
        return [("own", {})]
    personal = world.personal.get(name) or world.personal["bob"]
    if name in ("charlie", "gwen"):
        personal = world.personal["bob"]
    colleague = world.personal["dora"]
    found = [
        ("own", {**world.own, **personal}),
        ("a colleague's", {**world.own, **colleague} if _is_personal(route) else {}),
        ("another company's", world.foreign),
        ("missing", world.missing),
    ]
    if {"document", "version"} & set(_things(route)):
        found.append(("own, confidential" if column in (MANAGING, OWNER) else "confidential", world.closed))
    named = [(kind, _values(route, values)) for kind, values in found if values]
    assert named[0][1], f"nothing in World is called as the parameters of {route.pattern}: add it there"
    return [(kind, values) for kind, values in named if values]


def _is_personal(route: Route) -> bool:
    if route.pattern.startswith("admin/"):  # there they are everybody's, for those who get in
        return False
    return bool({"conversation", "query", "paystub", "proposal", "filter"} & set(_things(route)))


def _things(route: Route) -> list[str]:
    """What the parameters name, as in World."""
    return [thing(route, parameter) for parameter in route.parameters]


def thing(route: Route, parameter: str) -> str:
    """What a parameter names, as in World."""
    if parameter == "tenant_id":  # by its public id, where the console has the number of its row
        return "tenant" if "<int:tenant_id>" in route.pattern else "company"
    if parameter != "object_id":
        return parameter.removesuffix("_id")
    model = _ADMIN_MODEL.match(route.pattern)
    assert model is not None, route.pattern
    return {"documentversion": "version", "paystub": "any_paystub"}.get(model[1], model[1])


def _values(route: Route, ids: Mapping[str, Any]) -> Mapping[str, Any]:
    """Nothing when `ids` have no such thing: no other company has a row in the platform's tables."""
    values = {parameter: ids.get(thing(route, parameter)) for parameter in route.parameters if parameter != "n"}
    if None in values.values():
        return {}
    return {**values, **({"n": 1} if "n" in route.parameters else {})}
