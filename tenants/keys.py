"""The key ring: which key signs tokens and which are still believed. Rows are the truth; a copy lives for a second."""

import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.utils import timezone
from prometheus_client import Gauge

from tenants import context, sealing
from tenants.models import SigningKey

log = structlog.get_logger(__name__)

# A revoked key is refused everywhere within this time; a request load of any size costs one query in it.
MAX_AGE_SECONDS = 1.0
# An unknown key id makes the ring look again, but not more often than this: anybody can invent key ids.
_RELOAD_PAUSE_SECONDS = 0.1
PURPOSE = "signing-key"
_SECRET_BYTES = 64
# HMAC only: the same secret signs and verifies inside one installation. A row with anything else is not used.
_ALGORITHMS = frozenset({"HS256", "HS384", "HS512"})


KEY_AGE = Gauge(
    "rag_signing_key_age_seconds", "How long the key that signs tokens has been signing, as this process knows it."
)


class NoSigningKey(RuntimeError):
    """There is no active key and none could be made: nothing can be signed."""


@dataclass(frozen=True)
class Key:
    """One usable key. `algorithm` is the only one it is used with, whatever a token says."""

    kid: str
    algorithm: str
    secret: bytes
    grace_until: datetime | None

    def __repr__(self) -> str:
        return f"Key({self.kid})"  # never the secret, in no log and no traceback


@dataclass(frozen=True)
class Ring:
    """The keys at one moment. `read_at` is a monotonic clock's reading in seconds."""

    signing: Key
    signing_since: datetime
    believed: Mapping[str, Key]
    read_at: float


_lock = threading.Lock()
_ring: Ring | None = None


def signing_key() -> Key:
    """The key that signs new tokens; the first one is made on demand. One query.

    Never from the kept copy: a token signed by a key that was revoked a moment ago would be refused at once.

    :raises NoSigningKey: when there is none and none can be made.
    :raises tenants.sealing.WrongSealingKey: when SECRET_KEY is not the one that sealed it.
    """
    return _reload(older_than=_ring).signing


def believed_key(*, kid: str, now: datetime) -> Key | None:
    """The key with this id if tokens signed by it count at `now`; None for unknown, revoked, and grace that is over."""
    ring = _current_ring()
    key = ring.believed.get(kid)
    if key is None and time.monotonic() - ring.read_at > _RELOAD_PAUSE_SECONDS:
        key = _reload(older_than=ring).believed.get(kid)  # another process may have made it a moment ago
    if key is not None and key.grace_until is not None and key.grace_until <= now:
        return None
    return key


def forget_ring() -> None:
    """Read the rows again at the next use; for whoever changes them in this process."""
    global _ring
    with _lock:
        _ring = None


def ensure_signing_key() -> None:
    """Make the first key unless there is one. Any number of processes may call it at once.

    Seeded by JWT_SECRET when that is set; later keys are random, and JWT_SECRET no longer matters.
    """
    with context.enter_platform():
        if SigningKey.objects.filter(state=SigningKey.State.ACTIVE).exists():
            return
        secret = settings.JWT_SECRET.encode() if settings.JWT_SECRET else secrets.token_bytes(_SECRET_BYTES)
        # The seed's digest is in the id, so that processes with the same seed agree on one row.
        kid = f"seed-{hashlib.sha256(secret).hexdigest()[:16]}" if settings.JWT_SECRET else secrets.token_hex(16)
        row = SigningKey(
            kid=kid,
            sealed_secret=sealing.seal(secret=secret, purpose=PURPOSE),
            state=SigningKey.State.ACTIVE,
            activated_at=timezone.now(),
        )
        # ON CONFLICT DO NOTHING: the constraint on one active key decides who was first.
        SigningKey.objects.bulk_create([row], ignore_conflicts=True)


def new_row(*, state: str) -> SigningKey:
    """A random key, not saved yet."""
    sealed = sealing.seal(secret=secrets.token_bytes(_SECRET_BYTES), purpose=PURPOSE)
    activated_at = timezone.now() if state == SigningKey.State.ACTIVE else None
    return SigningKey(kid=secrets.token_hex(16), sealed_secret=sealed, state=state, activated_at=activated_at)


def signing_seconds() -> float:
    """How long the active key has been signing, as this process last read it; NaN before it read any."""
    ring = _ring
    return float("nan") if ring is None else (timezone.now() - ring.signing_since).total_seconds()


KEY_AGE.set_function(signing_seconds)


def _current_ring() -> Ring:
    ring = _ring
    if ring is not None and time.monotonic() - ring.read_at < MAX_AGE_SECONDS:
        return ring
    return _reload(older_than=ring)


def _reload(*, older_than: Ring | None) -> Ring:
    """Read the rows, unless another thread did while this one waited for the lock."""
    global _ring
    with _lock:
        if _ring is not None and _ring is not older_than:
            return _ring
        _ring = _read()
        return _ring


def _read() -> Ring:
    read_at = time.monotonic()  # before the query: the ring is never older than it says
    rows = _believed_rows()
    if not any(row.state == SigningKey.State.ACTIVE for row in rows):
        ensure_signing_key()
        rows = _believed_rows()
    keys = {row.kid: _opened(row) for row in rows if row.algorithm in _ALGORITHMS}
    active = next((row for row in rows if row.state == SigningKey.State.ACTIVE and row.kid in keys), None)
    if active is None:
        raise NoSigningKey("no active signing key; manage.py check and the signing_keys table tell more")
    since = active.activated_at or active.created_at
    return Ring(signing=keys[active.kid], signing_since=since, believed=keys, read_at=read_at)


def _believed_rows() -> list[SigningKey]:
    with context.enter_platform():
        return list(SigningKey.objects.verifying())


def _opened(row: SigningKey) -> Key:
    grace_until = row.grace_until
    if row.state == SigningKey.State.GRACE and grace_until is None:
        grace_until = row.created_at  # grace without an end is no grace
    return Key(
        kid=row.kid,
        algorithm=row.algorithm,
        secret=sealing.unseal(sealed=bytes(row.sealed_secret), purpose=PURPOSE),
        grace_until=grace_until if row.state == SigningKey.State.GRACE else None,
    )
