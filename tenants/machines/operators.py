"""Tokens of operators' scripts: an hour long, and checked against the operator's login on every request."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from audit import services as audit
from tenants.machines import lifetimes, secrets
from tenants.models import OperatorToken

OWNER = "platform"
# There is no refresh token: an operator's script signs in anew, with the second factor, every hour.
LIFETIME = timedelta(hours=1)
_MARK_CHARS = 16


class NotGood(PermissionError):
    """The secret is not good here. `reason` is for logs and tests, never for the caller."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def issue_token(*, operator: User, now: datetime) -> str:
    """A token for an operator who has just proved who they are. In the public schema."""
    secret = secrets.make(kind="hro", owner=OWNER)
    with transaction.atomic():
        OperatorToken.objects.create(
            operator_id=operator.pk,
            public_id=secret.public_id,
            digest=secret.digest,
            password_mark=_mark(operator),
            created_at=now,
            expires_at=now + LIFETIME,
        )
        audit.record(verb="token.sign_in", target=f"operator:{operator.pk}")
    return secret.text


def token_of(*, given: secrets.GivenSecret, now: datetime) -> tuple[OperatorToken, User]:
    """The token with this secret and its operator, if both are good now. Two queries.

    :raises NotGood: naming what is wrong.
    """
    token = OperatorToken.objects.filter(public_id=given.public_id).first()
    if token is None:
        raise NotGood("no_such_token")
    digest = secrets.digest_of(public_id=given.public_id, secret=given.secret, owner=OWNER)
    if not constant_time_compare(digest, token.digest):
        raise NotGood("wrong_secret")
    if token.revoked_at is not None:
        raise NotGood("signed_out")
    if token.expires_at <= now:
        raise NotGood("expired")
    operator = User.objects.filter(pk=token.operator_id, is_active=True, is_superuser=True).first()
    if operator is None:
        raise NotGood("no_operator")
    if not constant_time_compare(_mark(operator), token.password_mark):
        raise NotGood("password_changed")
    if token.last_used_at is None or token.last_used_at <= now - lifetimes.USE_PAUSE:
        OperatorToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token, operator


def end_token(*, token: OperatorToken, now: datetime) -> None:
    """Log out: the token is refused from now on."""
    with transaction.atomic():
        if OperatorToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
            audit.record(verb="token.sign_out", target=f"operator:{token.operator_id}")


def end_tokens_of(*, operator_id: int, now: datetime) -> int:
    """End all tokens of an operator; how many. The caller writes the audit row."""
    return OperatorToken.objects.filter(operator_id=operator_id, revoked_at__isnull=True).update(revoked_at=now)


def forget_expired(*, now: datetime) -> int:
    """Delete tokens that time has ended anyway; returns how many."""
    deleted, _ = OperatorToken.objects.filter(expires_at__lt=now).delete()
    return deleted


def _mark(operator: User) -> str:
    """Changes with the password, whoever changes it by whatever door."""
    return salted_hmac("tenants.operator.password", operator.password, algorithm="sha256").hexdigest()[:_MARK_CHARS]
