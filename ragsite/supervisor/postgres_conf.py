"""postgresql.conf and pg_hba.conf of the embedded database: each value with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """One line of postgresql.conf."""

    name: str
    value: str
    reason: str


# For one machine of 2 cores and a few GB that also runs the web server, the worker and the encoder.
# Written whole at each start; an operator's `ALTER SYSTEM` lives in postgresql.auto.conf and wins.
SETTINGS = (
    Setting("listen_addresses", "'127.0.0.1'", "never reachable from another machine"),
    Setting("unix_socket_directories", "''", "one way in, by password; socket paths above 107 bytes fail anyway"),
    Setting("password_encryption", "'scram-sha-256'", "no MD5"),
    Setting("max_connections", "100", "16 web threads, worker, beat, queue pools and a few shells"),
    Setting("shared_buffers", "'256MB'", "50,000 chunks with their index fit"),
    Setting("effective_cache_size", "'1GB'", "what the planner may expect of the page cache"),
    Setting("work_mem", "'16MB'", "sorts of one search in memory, times 100 connections still bearable"),
    Setting("maintenance_work_mem", "'256MB'", "an HNSW index that fits is built several times faster"),
    Setting(
        "max_parallel_workers_per_gather", "0", "a search takes milliseconds; starting a helper process costs as much"
    ),
    Setting(
        "max_parallel_maintenance_workers", "0", "a parallel HNSW build needs /dev/shm, 64 MB in a stock container"
    ),
    Setting("jit", "off", "compiling costs more than our short queries"),
    Setting("random_page_cost", "1.1", "solid-state disks"),
    Setting("max_locks_per_transaction", "512", "dumping or dropping many tenant schemas locks every table at once"),
    Setting("synchronous_commit", "on", "an upload that was acknowledged survives a power cut"),
    Setting("max_wal_size", "'1GB'", "fewer checkpoints while documents are indexed"),
    Setting("wal_level", "'replica'", "allows pg_basebackup of a running system"),
    Setting("timezone", "'UTC'", "the same answer on every machine"),
    Setting("log_timezone", "'UTC'", "comparable with the other parts' logs"),
    Setting("log_destination", "'stderr'", "the supervisor collects and rotates it"),
    Setting("log_line_prefix", "'%p %q%u@%d '", "time stamps are added by the supervisor"),
    Setting("log_min_messages", "'warning'", ""),
    Setting("log_min_error_statement", "'panic'", "statements hold questions and names: never in a log"),
    Setting("log_parameter_max_length_on_error", "0", "the same for their parameters"),
    Setting("log_checkpoints", "off", "noise"),
)

# A throw-away test cluster: nothing has to survive, everything has to be quick.
THROWAWAY_SETTINGS = (
    Setting("fsync", "off", "throw-away"),
    Setting("synchronous_commit", "off", "throw-away"),
    Setting("full_page_writes", "off", "throw-away"),
    Setting("max_connections", "200", "several test workers with threads"),
    Setting("autovacuum_naptime", "'5min'", "tests come and go faster"),
)

HBA = """# Written by ragsite at each start. Password login over 127.0.0.1 only.
host all all 127.0.0.1/32 scram-sha-256
"""


def render(settings: tuple[Setting, ...]) -> str:
    """postgresql.conf as text; of two lines of one name PostgreSQL takes the later."""
    lines = ["# Written by ragsite at each start; use ALTER SYSTEM for changes of your own."]
    for setting in settings:
        comment = f"  # {setting.reason}" if setting.reason else ""
        lines.append(f"{setting.name} = {setting.value}{comment}")
    return "\n".join(lines) + "\n"
