"""Counters of the token gate. No label names a tenant or a person."""

from prometheus_client import Counter

TENANT_DISAGREEMENTS = Counter(
    "rag_tenant_disagreements_total",
    "Valid credentials or file keys of one company that turned up in another: refused and audited. Alert on any.",
)
REFRESH_REUSES = Counter("rag_refresh_token_reuses_total", "Refresh tokens used twice; their family was revoked.")
