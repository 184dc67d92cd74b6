"""What a person, or HR for them, sees of where they are signed in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Max, Min, Q
from django.http import HttpRequest

from hr.models import RefreshToken
from hr.signed_in import records
from tenants import context
from tenants.models import OperatorToken


@dataclass(frozen=True)
class SignedIn:
    """One place. `ref` names it in forms; `last_used_at` of a program is when it last refreshed its tokens."""

    ref: str
    kind: Literal["browser", "program"]
    browser: str
    network: str
    created_at: datetime
    last_used_at: datetime
    is_this_one: bool = False


def signed_in_of(*, user: Any, now: datetime, request: HttpRequest | None = None) -> tuple[SignedIn, ...]:
    """Where this login is signed in, last used first. With the person's own `request` the place it came from is marked.

    Two queries. On the platform the login is an operator's.
    """
    own = request.session.session_key if request is not None else None
    this = records.digest_of(own) if own else ""
    browsers = tuple(
        SignedIn(
            ref=f"browser:{row.pk}",
            kind="browser",
            browser=row.browser,
            network=row.network,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            is_this_one=row.digest == this,
        )
        for row in records.rows_of(user=user).filter(expires_at__gt=now)
    )
    programs = _families(user, now) if context.has_tenant() else _operator_tokens(user, now)
    return tuple(sorted((*browsers, *programs), key=lambda each: each.last_used_at, reverse=True))


def _families(user: Any, now: datetime) -> tuple[SignedIn, ...]:
    standing = Q(used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)
    rows = (
        RefreshToken.objects.filter(employee__user_id=user.pk)
        .values("family")
        .annotate(
            first=Min("created_at"),
            begun=Min("begun_at"),
            last=Max("created_at"),
            standing=Max("pk", filter=standing),
            program=Max("browser"),
            where=Max("network"),
        )
        .filter(standing__isnull=False)
    )
    return tuple(
        SignedIn(
            ref=f"program:{row['family']}",
            kind="program",
            browser=row["program"] or "unknown program",
            network=row["where"] or "unknown network",
            created_at=row["begun"] or row["first"],
            last_used_at=row["last"],
        )
        for row in rows
    )


def _operator_tokens(user: Any, now: datetime) -> tuple[SignedIn, ...]:
    rows = OperatorToken.objects.filter(operator_id=user.pk, revoked_at__isnull=True, expires_at__gt=now)
    return tuple(
        SignedIn(
            ref=f"program:{row.public_id}",
            kind="program",
            browser="API token",
            network="",
            created_at=row.created_at,
            last_used_at=row.last_used_at or row.created_at,
        )
        for row in rows
    )
