"""The table of browsers' sessions: written when somebody has signed in, and every few minutes of use."""

import hashlib
import time
from datetime import datetime, timedelta
from typing import Any

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from hr.models import BrowserSession
from hr.signed_in.words import browser_of, network_of
from tenants import context
from tenants.models import BrowserSessionBase, OperatorSession

# `last_used_at` is written at most this often by one process; a page costs no query for it otherwise.
USE_PAUSE_SECONDS = 300.0
_MAX_NOTED = 10_000
_noted: dict[str, float] = {}  # digest of a session's key -> reading of the monotonic clock


def digest_of(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()


def note(request: HttpRequest, *, key_before: str | None) -> None:
    """Keep that the signed-in person uses this session. One statement every few minutes, two at sign-in.

    `key_before` is the session's key when the request began: signing in and a new password give it another one.
    """
    if request.session.session_key is None:
        request.session.save()
    key = str(request.session.session_key)
    digest = digest_of(key)
    if key == key_before and time.monotonic() - _noted.get(digest, -USE_PAUSE_SECONDS) < USE_PAUSE_SECONDS:
        return
    if key_before is not None and key != key_before:
        rows_of(user=request.user).filter(digest=digest_of(key_before)).update(digest=digest)
    now = timezone.now()
    row = _new_row(
        request,
        digest=digest,
        created_at=now,
        last_used_at=now,
        expires_at=now + timedelta(seconds=settings.SESSION_COOKIE_AGE),
    )
    _model().objects.bulk_create(  # type: ignore[attr-defined]
        [row], update_conflicts=True, unique_fields=["digest"], update_fields=["last_used_at", "expires_at"]
    )
    if len(_noted) >= _MAX_NOTED:
        _noted.clear()
    _noted[digest] = time.monotonic()


def forget(session_key: str) -> None:
    """Somebody signed out."""
    _model().objects.filter(digest=digest_of(session_key)).delete()  # type: ignore[attr-defined]


def forget_expired(*, now: datetime) -> int:
    """Rows of sessions that time has ended; returns how many. In the current schema."""
    deleted: int = _model().objects.filter(expires_at__lt=now).delete()[0]  # type: ignore[attr-defined]
    return deleted


def rows_of(*, user: Any) -> Any:
    """The rows of a person (whose login `user` is), or on the platform of an operator."""
    if context.has_tenant():
        return BrowserSession.objects.filter(employee__user_id=user.pk)
    return OperatorSession.objects.filter(operator_id=user.pk)


def drop(rows: Any) -> int:
    """End these sessions: Django's rows go, found by the digest of their key. One pass over the schema's sessions."""
    digests = list(rows.values_list("digest", flat=True))
    rows.delete()
    if not digests:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {Session._meta.db_table}"  # noqa: S608 (a table's name)
            " WHERE encode(sha256(convert_to(session_key, 'UTF8')), 'hex') = ANY(%s)",
            [digests],
        )
    return len(digests)


def _new_row(request: HttpRequest, **values: Any) -> BrowserSessionBase:
    words = {
        "browser": browser_of(request.headers.get("User-Agent", "")),
        "network": network_of(get_client_ip_address(request) or ""),
    }
    if context.has_tenant():
        return BrowserSession(employee=request.user.employee, **words, **values)  # type: ignore[union-attr]
    return OperatorSession(operator_id=request.user.pk, **words, **values)  # type: ignore[misc]  # signed in


def _model() -> type[BrowserSessionBase]:
    return BrowserSession if context.has_tenant() else OperatorSession
