"""Switching off, asking for release, releasing. Plain functions for consoles, commands, the API and playbooks.

- `engage(scope=..., feature=..., by=..., reason=..., tenant=..., employee_id=..., expires_at=...)` switches off.
- `request_release(switch=..., by=..., reason=...)` asks for it to be switched on again.
- `release(switch=..., by=..., reason=...)` switches on again. It takes a second person: neither who engaged it nor who
  asked for its release. Where no person engaged it (a program, the bare shell), one asks and another releases.
- `lapse_expired(now=...)` records what has ended by itself.

`by` is the label of who decides, as it stands in the audit log: `operator:7` for a person, `service:platform:2` for a
program, `operator:shell` for the unnamed. Every change writes its audit row in the same transaction, in the platform's
log and in that of the company concerned; processes notice within a second (`tenants.kill_switches.effect` measures it).
A suspended company is one with a switch for everything; its `state` follows in the same transaction.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction

from audit import actors, covering
from audit import services as audit
from tenants import context
from tenants.kill_switches import parking, state
from tenants.models import KillSwitch, Tenant
from tenants.models.kill_switches import PERSON_PATTERN
from tenants.steps import run_steps

Scope, Feature, State = KillSwitch.Scope, KillSwitch.Feature, KillSwitch.State

MIN_REASON_CHARS = 3
# Something that stays off for longer is released by a second person, who says why.
LONGEST = timedelta(days=365)
_MAX_REASON_CHARS = 500
_SYSTEM = "system"


class AlreadyOff(RuntimeError):
    """The same thing is off already; that switch counts."""


class NotOff(RuntimeError):
    """The switch was released or has lapsed meanwhile."""


class SecondPersonNeeded(PermissionError):
    """Who engaged a switch or asked for its release cannot release it. The message says who can."""


class ReasonNeeded(ValueError):
    """A switch is moved with a reason of at least three characters."""


class CannotSwitchOff(ValueError):
    """There is nothing of this kind to switch off. The message says why."""


def engage(
    *,
    scope: str,
    feature: str = Feature.EVERYTHING,
    by: str,
    reason: str,
    tenant: Tenant | None = None,
    employee_id: int | None = None,
    expires_at: datetime | None = None,
) -> KillSwitch:
    """Switch a feature, or everything, off: for all companies, for `tenant`, or for its person `employee_id`.

    New requests are refused within two seconds, running streams end within five, tasks wait. It ends by a release, or
    by itself at `expires_at`.

    :raises ReasonNeeded: without one.
    :raises CannotSwitchOff: when scope, target and feature do not fit together, or it would be over before it began or
        later than in a year.
    :raises AlreadyOff: when the same is off already.
    """
    reason = _checked_reason(reason)
    _check_target(scope=scope, feature=feature, tenant=tenant, employee_id=employee_id)
    with _changing(by=by):
        generation, now = _next_change()
        if expires_at is not None and expires_at <= now:
            raise CannotSwitchOff("The time at which it should end by itself has passed.")
        if expires_at is not None and expires_at - now > LONGEST:
            raise CannotSwitchOff("It may end by itself within one year at most; leave the time out for longer.")
        same = KillSwitch.objects.engaged().filter(scope=scope, feature=feature, tenant=tenant, employee_id=employee_id)
        if (known := same.first()) is not None:
            if known.expires_at is None or known.expires_at > now:
                raise AlreadyOff(f"{known} is off already, since {known.enabled_at:%Y-%m-%d %H:%M} UTC.")
            _lapse(known)
            generation, now = _next_change()
        switch = KillSwitch.objects.create(
            scope=scope,
            feature=feature,
            tenant=tenant,
            employee_id=employee_id,
            reason=reason,
            enabled_by=by,
            enabled_at=now,
            expires_at=expires_at,
            generation=generation,
        )
        if _is_suspension(switch):
            # A row that says suspended without a switch was written by hand; from now on there is one to release.
            moved = (
                Tenant.objects.set_up()
                .filter(pk=switch.tenant_id)
                .update(state=Tenant.State.SUSPENDED, state_reason=reason)
            )
            if not moved:
                raise CannotSwitchOff(f"{switch.tenant} is not active.")
        _record("engage", switch, reason=reason)
    if tenant is not None:
        tenant.refresh_from_db(fields=["state", "state_reason"])
    return switch


def request_release(*, switch: KillSwitch, by: str, reason: str) -> KillSwitch:
    """Ask that it be switched on again; somebody else decides. A second request replaces the first.

    :raises ReasonNeeded: without one.
    :raises NotOff: when it is on again already.
    """
    reason = _checked_reason(reason)
    with _changing(by=by):
        current = _engaged(switch)
        _, now = _next_change()
        current.release_requested_by, current.release_requested_at = by, now
        current.release_request_reason = reason
        current.save(update_fields=["release_requested_by", "release_requested_at", "release_request_reason"])
        _record("request_release", current, reason=reason)
    return current


def release(*, switch: KillSwitch, by: str, reason: str) -> KillSwitch:
    """Switch on again, and send on what waited.

    :raises ReasonNeeded: without one.
    :raises NotOff: when it is on again already.
    :raises SecondPersonNeeded: when `by` engaged it, asked for it, or is nobody in particular.
    """
    reason = _checked_reason(reason)
    with _changing(by=by):
        current = _engaged(switch)
        _check_second_person(current, by=by)
        generation, now = _next_change()
        current.state, current.released_by, current.released_at = State.RELEASED, by, now
        current.release_reason, current.generation = reason, generation
        current.save(update_fields=["state", "released_by", "released_at", "release_reason", "generation"])
        _switch_on(current)
        _record("release", current, reason=reason)
    return current


def lapse_expired(*, now: datetime) -> int:
    """Record the switches that have ended by themselves; they have had no effect since then. Returns how many."""
    due = KillSwitch.objects.engaged().filter(expires_at__lte=now)
    with context.enter_platform():
        if not due.exists():
            return 0
    count = 0
    with _changing(by=_SYSTEM):
        for switch in due.select_for_update(of=["self"]).select_related("tenant").order_by("pk"):
            _lapse(switch)
            count += 1
    return count


def suspension_of(tenant: Tenant) -> KillSwitch | None:
    """The engaged switch for everything of a company. One query."""
    with context.enter_platform():
        return (
            KillSwitch.objects.engaged()
            .filter(scope=Scope.TENANT, feature=Feature.EVERYTHING, tenant=tenant)
            .select_related("tenant")
            .first()
        )


def is_person(label: str) -> bool:
    """Whether a label names one operator."""
    return re.match(PERSON_PATTERN, label) is not None


def _checked_reason(reason: str) -> str:
    reason = " ".join(reason.split())[:_MAX_REASON_CHARS]
    if len(reason) < MIN_REASON_CHARS:
        raise ReasonNeeded(f"A reason of at least {MIN_REASON_CHARS} characters is needed.")
    return reason


def _check_target(*, scope: str, feature: str, tenant: Tenant | None, employee_id: int | None) -> None:
    if scope not in Scope.values or feature not in Feature.values:
        raise CannotSwitchOff("There is no such scope or feature.")
    if (scope == Scope.PLATFORM) != (tenant is None):
        raise CannotSwitchOff("Name a company, unless every company is meant.")
    if (scope == Scope.EMPLOYEE) != (employee_id is not None):
        raise CannotSwitchOff("Name a person exactly where one person is meant.")
    if scope == Scope.EMPLOYEE and feature != Feature.EVERYTHING:
        raise CannotSwitchOff("A person is switched off altogether; single features are for companies.")
    if tenant is not None and tenant.state == Tenant.State.PROVISIONING:
        raise CannotSwitchOff(f"{tenant} is still being set up.")
    if employee_id is not None and tenant is not None:
        with context.enter(tenant):
            if not any(run_steps("KNOWS_EMPLOYEE", employee_id=employee_id)):
                raise CannotSwitchOff(f"{tenant} has no person {employee_id}.")


def why_not_release(*, switch: KillSwitch, by: str) -> str:
    """Why `by` cannot release the switch, as a sentence for them; empty when they can. No query."""
    if not is_person(by):
        return "Only an operator in person releases a switch."
    if by == switch.enabled_by:
        return "You switched this off, so another operator has to release it."
    if by == switch.release_requested_by:
        return "You asked for this release, so another operator has to decide on it."
    if not is_person(switch.enabled_by) and not is_person(switch.release_requested_by):
        return "No person switched this off: one operator asks for the release, another releases."
    return ""


def _check_second_person(switch: KillSwitch, *, by: str) -> None:
    if why_not := why_not_release(switch=switch, by=by):
        raise SecondPersonNeeded(why_not)


@contextmanager
def _changing(*, by: str) -> Iterator[None]:
    """One change at a time, in the public schema, as `by`; every thread of this process reads anew after it."""
    before = actors.current_actor()
    actor = before if before.label == by else actors.Actor(_kind_of(by), by, before.request_id)
    with context.enter_platform(), actors.acting_as(actor), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tenants.kill_switches'))")
        # Before the other things that follow the COMMIT, which may have to wait for a file store.
        transaction.on_commit(state.forget)
        try:
            yield
        finally:
            state.forget()


def _kind_of(label: str) -> actors.ActorKind:
    prefix = label.partition(":")[0]
    return prefix if prefix in ("operator", "employee", "service") else "system"  # type: ignore[return-value]


def _next_change() -> tuple[int, datetime]:
    """Number and time of a change, both PostgreSQL's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('public.kill_switch_generations'), clock_timestamp()")
        number, now = cursor.fetchone()
    return number, now


def _engaged(switch: KillSwitch) -> KillSwitch:
    current = KillSwitch.objects.engaged().select_for_update(of=["self"]).select_related("tenant")
    found: KillSwitch | None = current.filter(pk=switch.pk).first()
    if found is None:
        raise NotOff(f"{switch} is on again already.")
    return found


def _is_suspension(switch: KillSwitch) -> bool:
    return switch.scope == Scope.TENANT and switch.feature == Feature.EVERYTHING


def _lapse(switch: KillSwitch) -> None:
    generation, _ = _next_change()
    switch.state, switch.released_at, switch.generation = State.LAPSED, switch.expires_at, generation
    switch.save(update_fields=["state", "released_at", "generation"])
    _switch_on(switch)
    _record("lapse", switch, reason="ended at the time that was set")


def _switch_on(switch: KillSwitch) -> None:
    """What follows when a switch ends: the company's state, and what waited."""
    if _is_suspension(switch):
        Tenant.objects.filter(pk=switch.tenant_id, state=Tenant.State.SUSPENDED).update(
            state=Tenant.State.ACTIVE, state_reason=""
        )
    transaction.on_commit(parking.send_back, robust=True)


def _record(move: str, switch: KillSwitch, *, reason: str) -> None:
    """In the platform's log, then in the company's: always in this order, as each log is written by one at a time."""
    details = {
        "switch": switch.pk,
        "scope": switch.scope,
        "feature": switch.feature,
        "until": switch.expires_at.isoformat() if switch.expires_at else "",
    }
    verb = f"kill_switch.{move}"
    tenant = switch.tenant
    if tenant is None:
        audit.record(verb=verb, target="platform", reason=reason, details=details)
        covering.cover_at_once()
        return
    if _is_suspension(switch):
        verb = {"engage": "tenant.suspend", "release": "tenant.resume"}.get(move, verb)
    person = f"employee:{switch.employee_id}" if switch.employee_id is not None else ""
    audit.record(verb=verb, target=f"tenant:{tenant.uuid}", reason=reason, details={**details, "person": person})
    covering.cover_at_once()
    with context.enter(tenant):
        audit.record(verb=verb, target=person or f"tenant:{tenant.uuid}", reason=reason, details=details)
        covering.cover_at_once()
