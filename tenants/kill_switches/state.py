"""What is off right now: read from PostgreSQL, kept in this process for at most a second, refused when unreadable."""

import math
import threading
import time
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import Error, OperationalError, connection

from tenants import context
from tenants.models import KillSwitch, Tenant

Scope = KillSwitch.Scope
Feature = KillSwitch.Feature

# Nobody works with an older state than this (docs/kill-switch.md); the watcher of a process renews it twice as often.
MAX_AGE_SECONDS = 1.0
# How long PostgreSQL may take to tell; then the request is refused. With the cache's age: refused within two seconds.
_READ_TIMEOUT_MS = 1000
# A reading that failed counts for the threads that waited for it, so that they are refused together, not in turn.
_FAILURE_HOLDS_SECONDS = 0.5
# What a caller is told when nobody knows when a switch will be released.
RETRY_AFTER_SECONDS = 300
_LONGEST_RETRY_SECONDS = 3600

# By their full names: asked in whichever company's schema the thread is. The remaining time is PostgreSQL's to say, so
# that a machine whose clock is wrong ends nothing early.
_SQL = """
SELECT newest.generation, s.id, s.scope, s.feature, s.tenant_id, s.employee_id,
    extract(epoch FROM s.expires_at - clock_timestamp())::float8
FROM (SELECT coalesce(max(generation), 0) AS generation FROM public.kill_switches) newest
LEFT JOIN public.kill_switches s ON s.state = 'engaged'
"""


class SwitchesUnreadable(OperationalError):
    """Nobody can tell what is off, so everything is refused, as when the database is away."""


class SwitchedOff(RuntimeError):
    """The feature is off for the company, for everybody, or for the person who asked."""

    def __init__(self, switch: "Switch") -> None:
        super().__init__(f"{switch.feature} is switched off")
        self.switch = switch


@dataclass(frozen=True)
class Switch:
    """One engaged switch. `ends` is a reading of the monotonic clock, in seconds; None: when somebody releases it."""

    id: int
    scope: str
    feature: str
    tenant_pk: int | None
    employee_id: int | None
    ends: float | None

    @property
    def is_over(self) -> bool:
        return self.ends is not None and self.ends <= time.monotonic()

    @property
    def retry_after_seconds(self) -> int:
        """What a client is told: until it lapses, an hour at most; five minutes when that is open."""
        if self.ends is None:
            return RETRY_AFTER_SECONDS
        return min(max(int(self.ends - time.monotonic()) + 1, 1), _LONGEST_RETRY_SECONDS)


@dataclass(frozen=True)
class Snapshot:
    """All engaged switches at one moment; `generation` counts the changes until then."""

    generation: int
    switches: tuple[Switch, ...]
    read_at: float

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.read_at < MAX_AGE_SECONDS

    def blocking(self, *, feature: str, tenant_pk: int | None) -> Switch | None:
        """The switch that keeps a company from a feature; one for everything comes first."""
        found = None
        for switch in self.switches:
            if switch.employee_id is not None or switch.feature not in (feature, Feature.EVERYTHING):
                continue
            if switch.tenant_pk not in (None, tenant_pk) or switch.is_over:
                continue
            if switch.feature == Feature.EVERYTHING:
                return switch
            found = switch
        return found

    def of_person(self, *, tenant_pk: int, employee_id: int) -> Switch | None:
        """The switch of one person."""
        for switch in self.switches:
            if switch.employee_id == employee_id and switch.tenant_pk == tenant_pk and not switch.is_over:
                return switch
        return None

    def knows_suspension(self, tenant_pk: int) -> bool:
        """Whether a company's own suspension is among the switches, over or not."""
        return any(s.scope == Scope.TENANT and s.feature == Feature.EVERYTHING and s.tenant_pk == tenant_pk
                   for s in self.switches)  # fmt: skip


_Row = tuple[int, int | None, str, str, int | None, int | None, float | None]

_lock = threading.Lock()
_snapshot: Snapshot | None = None
_failed_at = -math.inf


def current() -> Snapshot:
    """What is off, at most MAX_AGE_SECONDS old. A microsecond, or one query a second.

    :raises SwitchesUnreadable: when PostgreSQL does not tell within a second.
    """
    known = _snapshot
    if known is not None and known.is_fresh:
        return known
    return renew(unless_fresh=True)


def renew(*, unless_fresh: bool = False) -> Snapshot:
    """Read now, however fresh the known state is. Threads that wait for the same reading share its outcome.

    :raises SwitchesUnreadable: when PostgreSQL does not tell within a second.
    """
    global _snapshot, _failed_at
    if not _lock.acquire(timeout=2 * _READ_TIMEOUT_MS / 1000):
        raise SwitchesUnreadable("what is switched off cannot be read: another thread still waits for it")
    try:
        if unless_fresh and _snapshot is not None and _snapshot.is_fresh:
            return _snapshot
        if time.monotonic() - _failed_at < _FAILURE_HOLDS_SECONDS:
            raise SwitchesUnreadable("what is switched off could not be read a moment ago")
        try:
            _snapshot = _read()
        except SwitchesUnreadable:
            _snapshot, _failed_at = None, time.monotonic()
            raise
        return _snapshot
    finally:
        _lock.release()


def forget() -> None:
    """Read again at the next use; for whoever changed something in this process."""
    global _snapshot, _failed_at
    _snapshot, _failed_at = None, -math.inf


def off_for_company(tenant: Tenant) -> Switch | None:
    """The switch that keeps a company from everything, or None.

    :raises SwitchesUnreadable: as `current`.
    """
    return current().blocking(feature=Feature.EVERYTHING, tenant_pk=tenant.pk)


def is_suspended(tenant: Tenant) -> bool:
    """Whether its row says so and no switch that is over explains it: the row can be newer than what is known here."""
    return tenant.state == Tenant.State.SUSPENDED and not current().knows_suspension(tenant.pk)


def off(feature: str) -> Switch | None:
    """The switch that keeps the current company from a feature; outside of companies that of the whole platform.

    :raises SwitchesUnreadable: as `current`.
    """
    snapshot = current()
    if not snapshot.switches:
        return None
    tenant_pk = context.current_tenant().pk if context.has_tenant() else None
    return snapshot.blocking(feature=feature, tenant_pk=tenant_pk)


def off_for_person(employee_id: int) -> Switch | None:
    """The switch of a person of the current company.

    :raises SwitchesUnreadable: as `current`.
    """
    snapshot = current()
    if not snapshot.switches:
        return None
    return snapshot.of_person(tenant_pk=context.current_tenant().pk, employee_id=employee_id)


def check(feature: str) -> None:
    """Return if the current company may use the feature.

    :raises SwitchedOff: when it is off.
    :raises SwitchesUnreadable: as `current`.
    """
    switch = off(feature)
    if switch is not None:
        raise SwitchedOff(switch)


def _read() -> Snapshot:
    read_at = time.monotonic()  # before the query: the snapshot is never older than it says
    try:
        rows = _rows()
    except Error as error:
        raise SwitchesUnreadable("what is switched off cannot be read") from error
    switches = tuple(
        Switch(
            id=id_,
            scope=scope,
            feature=feature,
            tenant_pk=tenant_pk,
            employee_id=employee_id,
            ends=None if remaining is None else read_at + remaining,
        )
        for _, id_, scope, feature, tenant_pk, employee_id, remaining in rows
        if id_ is not None
    )
    return Snapshot(generation=rows[0][0], switches=switches, read_at=read_at)


def _rows() -> list[_Row]:
    """One message on the driver's own cursor: with its time limit, and without a search path."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    raw: Any = connection.connection
    limit = f"SET LOCAL statement_timeout = {_READ_TIMEOUT_MS}"
    if connection.in_atomic_block:
        sql, place = f"{limit}; {_SQL}; SET LOCAL statement_timeout TO DEFAULT", 1
    else:
        sql, place = f"BEGIN; {limit}; {_SQL}; COMMIT", 2
    with connection.wrap_database_errors, raw.cursor() as cursor:
        try:
            cursor.execute(sql)
        except psycopg.Error:
            if not connection.in_atomic_block and not raw.closed:
                raw.rollback()
            raise
        for _ in range(place):
            cursor.nextset()
        rows: list[_Row] = cursor.fetchall()
        return rows
