"""The figures against their bars. A figure whose part was left out has no row."""

from typing import Any


def show(results: dict[str, Any]) -> None:
    """Print every figure with the bar it is held against."""
    print(f"machine: {results['machine']}")
    for name, value, bar in rows(results):
        print(f"{name:58} {value!s:>10}   {bar}")


def rows(results: dict[str, Any]) -> list[tuple[str, Any, str]]:
    """Name, value and bar of what was measured; a row that needs a part left out is not there."""
    wanted: list[tuple[str, str, str]] = [
        ("bare query encoder, p50 ms", "bare.query_p50_ms", ""),
        ("bare endpoint (/livez), p50 ms", "bare.livez_p50_ms", ""),
        ("search 5,000, sequential, p50 ms", "search_5000.sequential.p50_ms", ""),
        ("  as a multiple of the bare encoder", "ratios.search_p50_to_encoder", "<= 4"),
        ("search 5,000, sequential, p95 ms", "search_5000.sequential.p95_ms", "<= 60"),
        ("search 5,000, 8 clients, requests/s", "search_5000.clients_8.requests_per_second", ">= 60"),
        ("search 5,000, 8 clients, p95 ms", "search_5000.clients_8.p95_ms", ""),
        ("query (extractive) 5,000, sequential, p95 ms", "query_5000.p95_ms", "<= 120"),
        ("rights, applicability and hearing add to a search, share", "rights.added_share", "<= 0.25"),
        ("ingestion, chunks/s", "ingestion.chunks_per_second", ""),
        ("  as a share of the bare encoder", "ratios.ingestion_to_encoder", ">= 0.8"),
        ("ingestion, files not ready", "ingestion.not_ready", "0 with handbooks"),
        ("worker, peak MiB", "memory.worker_mib", "<= 1024"),
        ("web process, peak MiB", "memory.web_mib", "<= 350"),
        ("web process has torch", "memory.web_has_torch", "False"),
        ("mixed tenants, wrong tenant of 400", "mixed_tenants.wrong_tenant", "0"),
        ("mixed tenants, errors of 400", "mixed_tenants.errors", "0"),
        ("onboarding a company, s", "onboarding_seconds", "< 5"),
        ("import of 10,000 employees, s", "people.added_seconds", "<= 60"),
        ("  of a change in each of them, s", "people.changed_seconds", "<= 60"),
        ("kill switch: last request answered after, s", "kill.refused_seconds", "<= 2"),
        ("  of a person, s", "kill.person_refused_seconds", "<= 2"),
        ("  of every company, s", "kill.platform_refused_seconds", "<= 2"),
        ("  measured by the processes themselves, s", "kill.noted_seconds", "<= 2"),
        ("  of 1,000 requests answered after 5 s", "kill.succeeded_after_5_seconds", "0"),
        ("  streams cut after, s", "kill.streams_cut_seconds", "<= 5"),
        ("  other company's p95, as a share of before", "kill.other_p95_ratio", "<= 1.1"),
        ("  other company's requests refused", "kill.other_failed", "0"),
        ("  documents not ready after the release", "kill.documents_not_ready", "0"),
        ("lists of 100,000 rows, slowest opening, ms", "lists.slowest_ms", "<= 500"),
        ("  most queries of an opening", "lists.most_queries", "<= 12"),
        ("audit: the chain adds to a change, p50 ms", "audit.added_to_change_p50_ms", "<= 3"),
        ("  to a read, p50 ms", "audit.added_to_read_p50_ms", "<= 0.8"),
        ("  verified, rows/s", "audit.verified_rows_per_second", ">= 10000"),
        ("  10,000 rows of one action, s", "audit.bulk_10000_seconds", ""),
        ("  of these with the head held, s", "audit.bulk_10000_head_held_seconds", ""),
        ("  50 writers x 200 rows, rows/s", "audit.writers_rows_per_second", ""),
        ("  of 10,000 rows written", "audit.writers_rows", "10000"),
        ("  unbroken", "audit.writers_unbroken", "True"),
        ("  tampers tried", "audit.tampers", "1000"),
        ("  of them not named rightly", "audit.tampers_not_named", "0"),
        ("keys rotated under load, requests", "tokens.requests", ""),
        ("  of them refused", "tokens.refused", "0"),
        ("  active keys afterwards", "tokens.active_keys", "1"),
        ("  p95 ms", "tokens.p95_ms", ""),
        ("answered after a person was revoked, of 40", "tokens.person_answered_after", "0"),
        ("answered after a company was cut off, of 40", "tokens.company_answered_after", "0"),
        ("answered after all keys were revoked, of 40", "tokens.emergency_answered_after", "0"),
        ("search 50,000, 8 clients, p95 ms", "search_50000.p95_ms", "<= 250"),
        ("search 50,000, 8 clients, requests/s", "search_50000.requests_per_second", ""),
    ]
    found = [(name, _at(results, path), bar) for name, path, bar in wanted]
    return [(name, value, bar) for name, value, bar in found if value is not None]


def _at(results: dict[str, Any], path: str) -> Any:
    value: Any = results
    for key in path.split("."):
        value = value.get(key) if value is not None else None
    return value


def ratios(results: dict[str, Any]) -> dict[str, float]:
    """What the bars are held against: figures of one run, divided."""
    found = {}
    if "search_5000" in results:
        search, bare = results["search_5000"]["sequential"]["p50_ms"], results["bare"]
        found["search_p50_to_encoder"] = round(search / bare["query_p50_ms"], 2)
        found["search_p50_to_endpoint"] = round(search / bare["livez_p50_ms"], 2)
    if "ingestion" in results:
        ingestion = results["ingestion"]
        found["ingestion_to_encoder"] = round(ingestion["chunks_per_second"] / ingestion["bare_chunks_per_second"], 2)
    return found
