"""How long it takes to import a company's people, all new and then all changed."""

import time
from typing import Any

from hr import services as hr
from tenants import context
from tenants.models import Tenant

_ROWS = 10_000
_HEADING = (
    "employee_number,email,first_name,last_name,department,manager_number,country,site,start_date,working_days_per_week"
)


def imports(tenant: Tenant) -> dict[str, Any]:
    """Seconds from the file's bytes to the commit, of 10,000 new people and of a change in each of them."""
    with context.enter(tenant):
        added = _timed(_file(site="Hamburg"))
        changed = _timed(_file(site="Lyon"))
    return {"rows": _ROWS, "added_seconds": added, "changed_seconds": changed}


def _timed(content: bytes) -> float:
    started = time.perf_counter()
    report = hr.import_people(content=content, by=None, reason="bench")
    assert report.written and report.created + report.updated == _ROWS, report.problems[:3]
    return round(time.perf_counter() - started, 1)


def _file(*, site: str) -> bytes:
    """Everybody has a manager but the first ten: ten people to each."""
    rows = [
        f"B{n:05d},b{n}@bench.example,Bench,Person {n},Team {n % 40},{f'B{n // 10:05d}' if n >= 10 else ''},"
        f"{('DE', 'FR', 'GB')[n % 3]},{site},2024-03-01,{(5, 4, 2.5)[n % 3]}"
        for n in range(_ROWS)
    ]
    return "\n".join([_HEADING, *rows]).encode()
