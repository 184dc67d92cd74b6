"""The life of signing keys: next, active, grace, revoked. Exactly one is active; a constraint sees to that.

The key that will sign next is published with the rotation before, so that every process has known it for long when it
becomes active: a rotation refuses nobody. After an emergency nothing that was signed before counts.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit import covering
from audit import services as audit
from tenants import context, cutoffs, keys
from tenants.models import SigningKey

State = SigningKey.State
# Until every process has read the rows again, with some room: see keys.MAX_AGE_SECONDS.
_KNOWN_AFTER = timedelta(seconds=keys.MAX_AGE_SECONDS * 1.5)


class NoSuchKey(LookupError):
    """No key has this id."""


class KeySigns(ValueError):
    """The active key cannot just be revoked: nothing could be signed. Rotate in an emergency instead."""


class KeyRevoked(ValueError):
    """The key was revoked before."""


class RotatedMeanwhile(RuntimeError):
    """Somebody else rotated at the same time; their rotation stands."""


@dataclass(frozen=True)
class Rotation:
    """What a rotation did. `former` is believed until `grace_until`; None in an emergency."""

    kid: str
    former: str
    grace_until: datetime | None
    companies_cut_off: int = 0


def rotate(*, reason: str, grace: timedelta | None = None, sleep: Callable[[float], None] = time.sleep) -> Rotation:
    """Let the next key sign from now on. Tokens of the former one count until they end, at least `grace` longer.

    Takes a moment when no next key was published yet: every process has to read it first. Not inside a transaction.

    :raises RotatedMeanwhile: when another rotation was faster.
    """
    with context.enter_platform():
        following = _published()
        wait = _KNOWN_AFTER - (timezone.now() - following.created_at)
        if wait > timedelta(0):
            sleep(wait.total_seconds())
        now = timezone.now()
        lasts = max(settings.REFRESH_TOKEN_LIFETIME, grace or timedelta(0))
        with transaction.atomic():
            _take_turns()
            former = SigningKey.objects.filter(state=State.ACTIVE).first()
            if former is None or not SigningKey.objects.filter(pk=following.pk, state=State.NEXT).exists():
                raise RotatedMeanwhile("The keys were rotated at the same moment by somebody else.")
            until = now + lasts
            SigningKey.objects.filter(pk=former.pk).update(state=State.GRACE, grace_until=until)
            SigningKey.objects.filter(pk=following.pk).update(state=State.ACTIVE, activated_at=now)
            keys.new_row(state=State.NEXT).save()
            audit.record(
                verb="signing_key.rotate",
                target=f"key:{following.kid}",
                reason=reason,
                details={"former": former.kid, "grace_hours": round(lasts.total_seconds() / 3600)},
            )
            covering.cover_at_once()
    keys.forget_ring()
    return Rotation(kid=following.kid, former=former.kid, grace_until=until)


def rotate_in_emergency(*, reason: str) -> Rotation:
    """Revoke every key at once and sign with a fresh one. Everybody's tokens end; people sign in anew."""
    with context.enter_platform(), transaction.atomic():
        _take_turns()
        now = timezone.now()
        former = SigningKey.objects.filter(state=State.ACTIVE).first()
        _revoke(SigningKey.objects.verifying(), reason=reason, now=now)
        fresh = keys.new_row(state=State.ACTIVE)
        fresh.save()
        keys.new_row(state=State.NEXT).save()
        kid = former.kid if former else ""
        companies = cutoffs.cut_off_tokens_everywhere(kid=kid, reason=reason, now=now)
        audit.record(
            verb="signing_key.rotate",
            target=f"key:{fresh.kid}",
            reason=reason,
            details={"former": kid, "emergency": True, "companies": companies},
        )
        covering.cover_at_once()
    keys.forget_ring()
    return Rotation(kid=fresh.kid, former=kid, grace_until=None, companies_cut_off=companies)


def revoke_key(*, kid: str, reason: str) -> None:
    """Refuse everything that this key signed, from the very next request on.

    :raises NoSuchKey: for an unknown id.
    :raises KeySigns: for the active key.
    :raises KeyRevoked: when it was revoked before.
    """
    with context.enter_platform(), transaction.atomic():
        _take_turns()
        # PostgreSQL takes no text with a NUL in it, not even to say that there is none.
        key = SigningKey.objects.filter(kid=kid).first() if "\x00" not in kid else None
        if key is None:
            raise NoSuchKey("There is no such key.")
        if key.state == State.ACTIVE:
            raise KeySigns("This key signs all new tokens. Rotate in an emergency: that revokes it and makes another.")
        if not _revoke(SigningKey.objects.verifying().filter(pk=key.pk), reason=reason, now=timezone.now()):
            raise KeyRevoked("This key was revoked before.")
        audit.record(verb="signing_key.revoke", target=f"key:{kid}", reason=reason)
        covering.cover_at_once()
    keys.forget_ring()


def rotate_due_keys(*, now: datetime) -> Rotation | None:
    """Retire keys whose grace is over, publish a next one where there is none, and rotate when the active one is due.

    Once a day. Repeatable at any time.
    """
    with context.enter_platform():
        retire_ended(now=now)
        _published()
        active = SigningKey.objects.filter(state=State.ACTIVE).first()
    due = timedelta(days=settings.JWT_ROTATION_DAYS)
    if not due or active is None or now - (active.activated_at or active.created_at) < due:
        return None
    try:
        return rotate(reason=f"older than {settings.JWT_ROTATION_DAYS} days")
    except RotatedMeanwhile:
        return None


def retire_ended(*, now: datetime) -> int:
    """Revoke keys whose grace is over, and destroy their secrets; returns how many."""
    with context.enter_platform(), transaction.atomic():
        ended = list(SigningKey.objects.filter(state=State.GRACE, grace_until__lte=now).values_list("kid", flat=True))
        _revoke(SigningKey.objects.filter(kid__in=ended), reason="its time of grace is over", now=now)
        for kid in ended:
            audit.record(verb="signing_key.retire", target=f"key:{kid}")
    return len(ended)


def _published() -> SigningKey:
    """The next key. When there is none, one is published and committed before this returns."""
    keys.ensure_signing_key()
    with transaction.atomic():
        _take_turns()
        found = SigningKey.objects.filter(state=State.NEXT).first()
        if found is not None:
            return found
        row = keys.new_row(state=State.NEXT)
        row.save()
        audit.record(verb="signing_key.publish", target=f"key:{row.kid}")
    return row


def _revoke(rows: object, *, reason: str, now: datetime) -> int:
    """Nothing needs a revoked key's secret any more."""
    return rows.update(  # type: ignore[attr-defined,no-any-return]  # a queryset
        state=State.REVOKED, revoked_at=now, revoked_reason=reason[:500], grace_until=None, sealed_secret=b""
    )


def _take_turns() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tenants.signing_keys'))")
