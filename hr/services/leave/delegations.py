"""The right to decide, passed to another manager for a time."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from audit import services as audit
from hr import access
from hr.leave import problems
from hr.models import Employee, LeaveDelegation
from tenants import context

# Longer than a year is a new manager, not somebody standing in.
MAX_DELEGATION_DAYS = 366


def delegation_candidates(*, manager: Employee) -> QuerySet[Employee]:
    """Who could stand in: everybody else who decides on leave, by name."""
    others = Employee.objects.active().filter(role__in=access.DECIDING_ROLES).exclude(pk=manager.pk)
    return others.order_by("last_name", "first_name", "pk")


def delegations_of(*, manager: Employee) -> QuerySet[LeaveDelegation]:
    """In force or to come, passed on by this person."""
    own = LeaveDelegation.objects.not_over_on(context.local_today()).filter(manager=manager)
    return own.select_related("delegate").order_by("first_day", "pk")


def delegate_approvals(
    *, manager: Employee, delegate_id: int, first_day: date, last_day: date, now: datetime | None = None
) -> LeaveDelegation:
    """Let somebody else decide, too, from the first to the last day. The manager keeps the right.

    :raises NotYourReport: when the person decides on nobody's leave.
    :raises UnknownDelegate: when the other one is no active manager, or the person themselves.
    :raises EndsBeforeStart: when it does.
    :raises TooFar: in the past, or for more than a year.
    """
    today = context.local_today(now)
    if last_day < first_day:
        raise problems.EndsBeforeStart("It ends before it starts.")
    if last_day < today or (last_day - first_day).days >= MAX_DELEGATION_DAYS or first_day > today + timedelta(366):
        raise problems.TooFar("From today on, and for a year at most.")
    with transaction.atomic():
        present = Employee.objects.select_for_update(no_key=True).get(pk=manager.pk)
        if not access.decides_on_leave(present):
            raise problems.NotYourReport("Only who decides on leave can pass that on.")
        delegate = delegation_candidates(manager=present).filter(pk=delegate_id).first()
        if delegate is None:
            raise problems.UnknownDelegate("Please choose another manager who is still here.")
        made = LeaveDelegation.objects.create(
            manager=present, delegate=delegate, first_day=first_day, last_day=last_day
        )
        audit.record(
            verb="leave.delegate",
            target=present.actor_label,
            details={"delegation": made.pk, "delegate": delegate.pk, "days": (last_day - first_day).days + 1},
        )
    return made


def revoke_delegation(*, delegation_id: int, manager: Employee, now: datetime | None = None) -> None:
    """End one's own delegation now.

    :raises NotYourReport: when it is somebody else's, over, or not there.
    """
    with transaction.atomic():
        ended = LeaveDelegation.objects.filter(pk=delegation_id, manager=manager, revoked_at__isnull=True).update(
            revoked_at=now or timezone.now()
        )
        if not ended:
            raise problems.NotYourReport("There is no such delegation of yours.")
        audit.record(verb="leave.revoke_delegation", target=manager.actor_label, details={"delegation": delegation_id})
