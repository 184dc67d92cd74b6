"""How many findings there ever were, by rule: counted in the database at each scrape, as workers find them.

No label names a company or a person. Findings are never deleted, so the figure only grows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from django.db.models import Count
from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from audit.findings.models import Finding, Rule


class _Findings(Collector):
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily("rag_findings", "Findings of the scans of audit logs.", labels=["rule"])
        for rule in Rule.values:
            family.add_metric([rule], self.counts[rule])
        yield family

    def describe(self) -> Iterable[CounterMetricFamily]:
        return []


FINDINGS = _Findings()
REGISTRY.register(FINDINGS)


def count_findings() -> Counter[str]:
    """Findings of the current schema by rule. One query."""
    rows = Finding.objects.values_list("rule").annotate(n=Count("pk")).order_by()
    return Counter(dict(rows))
