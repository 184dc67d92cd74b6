"""What rights, days, applicability and the hearing of a question add to a search."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hr import access
from hr.access import Scope
from hr.models import Employee
from retrieval.encoders import get_encoder
from retrieval.search import search
from retrieval.services.asking import applicability, hearing
from retrieval.stores import answering
from tenants import context
from tenants.models import Tenant

# The two searches take turns question by question, so that both meet the same machine.
_ROUNDS = 3


def cost(tenant: Tenant, *, email: str, questions: Sequence[str]) -> dict[str, Any]:
    """p50 in ms, in this process, of a search with and without its filter, of applicability and of hearing.

    `added_share` is what the three add to the search without them.
    """
    hearing.prepare()
    with context.enter(tenant):
        scope = access.scope_of(Employee.objects.with_email(email).get())
        bare, full, applied, heard = [], [], [], []
        for question in [*questions[:10], *(list(questions) * _ROUNDS)]:
            with _without_filter():
                bare.append(_ms(lambda: search(question=question, scope=scope, limit=8)))  # noqa: B023 (called at once)
            full.append(_ms(lambda: search(question=question, scope=scope, limit=8)))  # noqa: B023
            result = search(question=question, scope=scope, limit=8)
            ids = {passage.version_id for passage in result.passages}
            applied.append(_ms(lambda: applicability.versions_of(ids=ids, scope=scope)))  # noqa: B023
            [vector] = get_encoder().encode_queries([question])
            heard.append(_ms(lambda: hearing.hear(question=question, vector=vector, last=None)))  # noqa: B023
    p50 = {
        name: round(statistics.median(times[10:]), 3)
        for name, times in (("without", bare), ("with", full), ("applicability", applied), ("hearing", heard))
    }
    added = p50["with"] - p50["without"] + p50["applicability"] + p50["hearing"]
    return {f"{name}_p50_ms": value for name, value in p50.items()} | {"added_share": round(added / p50["without"], 3)}


@contextmanager
def _without_filter() -> Iterator[None]:
    """Every version of the company answers; for comparison, in this process and nowhere else."""
    kept = answering.condition

    def everything(scope: Scope, *, document: str = "d", version: str = "v") -> tuple[str, dict[str, Any]]:
        return "true", {}

    answering.condition = everything
    try:
        yield
    finally:
        answering.condition = kept


def _ms(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000
