"""The tree of managers as it will be: everybody named exists, and nobody stands above themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hr.imports.problems import Problem
from hr.models import Employee

if TYPE_CHECKING:
    from hr.imports.plan import Plan


def plan_managers(*, plan: Plan, known: Sequence[Employee]) -> None:
    """Note changed managers in `plan.managers`, and the rows whose manager cannot be."""
    above = {person.employee_number: person.manager.employee_number for person in known if person.manager is not None}
    numbers = {person.employee_number for person in known} | {entry.employee.employee_number for entry in plan.entries}
    lines: dict[str, int] = {}
    for entry in plan.entries:
        wanted = entry.values.get("manager_number")
        number = entry.employee.employee_number
        if wanted is None or wanted == above.get(number, ""):
            continue
        if wanted and wanted not in numbers:
            plan.problems.append(Problem(entry.line, "manager_number", f"Nobody has the number {wanted}."))
            continue
        plan.managers[number] = above[number] = wanted
        lines[number] = entry.line
        entry.changed.append("manager")
    for number, circle in circles(above).items():
        if number in lines:
            told = " → ".join(circle) if len(circle) <= 6 else " → ".join([*circle[:5], "…", circle[-1]])
            plan.problems.append(Problem(lines[number], "manager_number", f"The managers form a circle: {told}."))


def circles(above: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Everybody who stands above themselves, with the way round that leads back to them. Each step is taken once."""
    found: dict[str, tuple[str, ...]] = {}
    done: set[str] = set()
    for start in above:
        way: dict[str, None] = {}
        number = start
        while number and number not in done and number not in way:
            way[number] = None
            number = above.get(number, "")
        if number in way:
            ring = list(way)[list(way).index(number) :]
            for place, one in enumerate(ring):
                found[one] = (*ring[place:], *ring[: place + 1])
        done |= way.keys()
    return found
