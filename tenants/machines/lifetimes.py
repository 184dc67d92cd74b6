"""How long a secret of a program is good, and what its scopes may be: rules shared by companies and the platform."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.crypto import constant_time_compare

from tenants.machines import secrets
from tenants.machines.scopes import ApiScope, names
from tenants.models import ServiceAccountBase

DEFAULT_DAYS = 90
MAX_DAYS = 365
# How long the former secret may go on working, so that a program can be given the new one without a gap.
MAX_OVERLAP_HOURS = 72
# `last_used_at` is written at most this often: a program that calls a thousand times a minute costs one write.
USE_PAUSE = timedelta(minutes=1)


class WrongLifetime(ValueError):
    """Shorter than a day or longer than a year."""


class WrongScopes(ValueError):
    """No scope, one that is not known, or one that does not go with what the account may read."""


class WrongOverlap(ValueError):
    """The former secret would go on working for longer than is allowed."""


class NameTaken(ValueError):
    """A service account of this name exists, or existed: names stay telling in the audit log."""


class NotUsable(RuntimeError):
    """The account was revoked; make another one."""


def expiry(*, days: int, now: datetime) -> datetime:
    """When a secret made now ends.

    :raises WrongLifetime: outside 1 to MAX_DAYS.
    """
    if not 1 <= days <= MAX_DAYS:
        raise WrongLifetime(f"A secret is good for 1 to {MAX_DAYS} days, not {days}.")
    return now + timedelta(days=days)


def overlap_end(*, hours: int, now: datetime) -> datetime | None:
    """Until when the former secret goes on working; None when it ends at once.

    :raises WrongOverlap: outside 0 to MAX_OVERLAP_HOURS.
    """
    if not 0 <= hours <= MAX_OVERLAP_HOURS:
        raise WrongOverlap(f"The former secret works for 0 to {MAX_OVERLAP_HOURS} hours more, not {hours}.")
    return now + timedelta(hours=hours) if hours else None


def checked_scopes(*, wanted: Sequence[str], known: Collection[ApiScope], manages: bool) -> list[str]:
    """The wanted scopes without repetitions, in the order of `known`.

    :raises WrongScopes: saying which one cannot be had.
    """
    if not wanted:
        raise WrongScopes("A service account needs at least one scope.")
    unknown = sorted(set(wanted) - names(known))
    if unknown:
        raise WrongScopes(f"There is no scope {', '.join(unknown)} here.")
    too_much = [scope.name for scope in known if scope.name in wanted and scope.for_managing and not manages]
    if too_much:
        raise WrongScopes(f"Only an account that reads like HR may hold {', '.join(too_much)}.")
    return [scope.name for scope in known if scope.name in wanted]


def replaced(
    *, former: ServiceAccountBase, secret: secrets.NewSecret, overlap: datetime | None, now: datetime, ends: datetime
) -> dict[str, Any]:
    """The fields of an account that gets another secret; the former one works until `overlap`, or its own end."""
    return {
        "public_id": secret.public_id,
        "digest": secret.digest,
        "former_public_id": former.public_id if overlap else "",
        "former_digest": former.digest if overlap else "",
        "former_until": min(overlap, former.expires_at) if overlap else None,
        "secret_made_at": now,
        "expires_at": ends,
    }


def revoked(*, now: datetime, reason: str) -> dict[str, Any]:
    """The fields of an account that is revoked, the former secret included."""
    former = {"former_public_id": "", "former_digest": "", "former_until": None}
    return {"revoked_at": now, "revoked_reason": reason[:500], **former}


def has_secret(*, account: ServiceAccountBase, given: secrets.GivenSecret, owner: str) -> bool:
    """Whether the secret is the account's, or the one before it. In constant time."""
    digest = secrets.digest_of(public_id=given.public_id, secret=given.secret, owner=owner)
    kept = account.digest if account.public_id == given.public_id else account.former_digest
    return constant_time_compare(digest, kept)


def fault_of(*, account: ServiceAccountBase, given: secrets.GivenSecret, now: datetime) -> str:
    """Why a right secret is not good now: revoked, expired, orphaned or replaced; empty when it is good."""
    state = account.state(now=now)
    if state != "active":
        return state
    if account.public_id == given.public_id:
        return ""
    return "" if account.former_until is not None and account.former_until > now else "replaced"
