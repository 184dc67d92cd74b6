"""Django's database setting from one URL."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def configuration(*, url: str) -> dict[str, Any]:
    """The connection to PostgreSQL, with what pgvector needs to know.

    :raises ImproperlyConfigured: for another scheme than postgresql://.
    """
    parts = urlsplit(url)
    if url and parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must start with postgresql://")
    return {
        "ENGINE": "tenants.postgresql",
        "NAME": parts.path.lstrip("/") or "ragsite",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "127.0.0.1",
        "PORT": parts.port or 5432,
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        # A database that is down has to be noticed within two seconds (SECURITY.md).
        "OPTIONS": {
            "connect_timeout": 2,
            "application_name": "ragsite",
            # pgvector: 100 candidates for the 30 that are asked for; iterative scans keep a filtered search full. In
            # strict order they drop what comes late: recall@30 of who may read 5 % of 50,000 was .88 instead of .96.
            "options": "-c hnsw.ef_search=100 -c hnsw.iterative_scan=relaxed_order -c jit=off",
        },
    }
