"""Codes of authenticator apps (RFC 6238), by allauth's arithmetic, with two rules of our own.

A code counts once: its number has to be greater than that of the last one, and both are compared under the row's lock
(RFC 6238, section 5.2; allauth remembers used codes in the cache, which may be emptied). And whoever knows the password
cannot try a million codes: after some wrong ones in a row the app is refused for a while, longer each time, which
leaves passkeys and recovery codes open.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from allauth.core.internal.cryptokit import compare_user_code, normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt, encrypt
from django.contrib.auth.models import User
from django.db import transaction

# Half of the hundred wrong tries in a row that NIST SP 800-63B (5.2.2) allows at most would take ten days.
FREE_FAILURES = 10
_MAX_WAIT_SECONDS = 6 * 3600

__all__ = ["activate", "check", "code_at", "counter_of", "generate_totp_secret", "normalize_user_code"]


def code_at(*, secret: str, now: float) -> str:
    """The code that an app shows at `now` (Unix seconds)."""
    return format_hotp_value(hotp_value(secret, int(now) // app_settings.TOTP_PERIOD))


def counter_of(*, secret: str, code: str, now: float, after: int = 0) -> int | None:
    """The number of the code, when it is good at `now` or one period around it, and later than number `after`."""
    found = None
    for counter in _counters(now):
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter))) and counter > after:
            found = counter
    return found


def activate(*, user: User, secret: str, counter: int) -> Authenticator:
    """Keep the app's secret, sealed. `counter` is the number of the code that proved it: it does not count again."""
    return Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.TOTP,
        data={"secret": encrypt(secret), "last_counter": counter},
    )


def check(*, factor: Authenticator, code: str, now: float | None = None) -> bool:
    """Whether the code is right, new, and not one of too many tries. Uses it up."""
    now = time.time() if now is None else now
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=factor.pk)
        data = row.data
        if now < data.get("not_before", 0):
            return False
        counter = counter_of(secret=decrypt(data["secret"]), code=code, now=now, after=data.get("last_counter", 0))
        if counter is None:
            failures = data.get("failures", 0) + 1
            row.data = {**data, "failures": failures, "not_before": now + _wait_seconds(failures)}
            row.save(update_fields=["data"])
            return False
        row.data = {"secret": data["secret"], "last_counter": counter}
        row.last_used_at = datetime.fromtimestamp(now, tz=UTC)
        row.save(update_fields=["data", "last_used_at"])
    return True


def _counters(now: float) -> Iterator[int]:
    here = int(now) // app_settings.TOTP_PERIOD
    yield from range(here - app_settings.TOTP_TOLERANCE, here + app_settings.TOTP_TOLERANCE + 1)


def _wait_seconds(failures: int) -> float:
    """0 for the first ones, then a minute, doubled by each further one."""
    return 0 if failures < FREE_FAILURES else min(_MAX_WAIT_SECONDS, 60 * 2 ** min(failures - FREE_FAILURES, 12))
