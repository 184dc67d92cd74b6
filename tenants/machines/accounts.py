"""The platform's service accounts: made, given another secret, revoked, and taken over by another operator."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from audit import services as audit
from tenants.machines import lifetimes, secrets
from tenants.machines.lifetimes import DEFAULT_DAYS, NameTaken, NotUsable
from tenants.machines.operators import OWNER, NotGood
from tenants.machines.scopes import PLATFORM_SCOPES
from tenants.models import PlatformServiceAccount


class EndedAccount(NotGood):
    """The secret is right, but revoked, expired, replaced, or nobody answers for the account any more."""

    def __init__(self, *, label: str, reason: str) -> None:
        super().__init__(reason)
        self.label = label


@dataclass(frozen=True)
class IssuedSecret:
    """An account with its secret, which is shown once and cannot be had again."""

    account: PlatformServiceAccount
    secret: str = field(repr=False)


def create(
    *,
    name: str,
    scopes: Sequence[str],
    operator_id: int,
    now: datetime,
    purpose: str = "",
    days: int = DEFAULT_DAYS,
    reason: str = "",
) -> IssuedSecret:
    """An account of a program, for which the operator answers.

    :raises WrongScopes, WrongLifetime, NameTaken: when the account cannot be had like this.
    """
    chosen = lifetimes.checked_scopes(wanted=scopes, known=PLATFORM_SCOPES, manages=True)
    ends, secret = lifetimes.expiry(days=days, now=now), secrets.make(kind="hrp", owner=OWNER)
    try:
        with transaction.atomic():
            account = PlatformServiceAccount.objects.create(
                name=name.strip(),
                purpose=purpose.strip(),
                scopes=chosen,
                operator_id=operator_id,
                public_id=secret.public_id,
                digest=secret.digest,
                created_at=now,
                secret_made_at=now,
                expires_at=ends,
            )
            audit.record(
                verb="service_account.create",
                target=account.actor_label,
                reason=reason,
                details={"scopes": chosen, "days": days},
            )
    except IntegrityError:
        raise NameTaken("There is, or was, a service account of this name.") from None
    return IssuedSecret(account=account, secret=secret.text)


def rotate(
    *,
    account: PlatformServiceAccount,
    now: datetime,
    days: int = DEFAULT_DAYS,
    overlap_hours: int = 0,
    reason: str = "",
) -> IssuedSecret:
    """Another secret. The former one ends at once, or works `overlap_hours` more (never beyond its own end).

    :raises WrongLifetime, WrongOverlap:
    :raises NotUsable: when the account was revoked.
    """
    ends, overlap = lifetimes.expiry(days=days, now=now), lifetimes.overlap_end(hours=overlap_hours, now=now)
    secret = secrets.make(kind="hrp", owner=OWNER)
    with transaction.atomic():
        standing = PlatformServiceAccount.objects.select_for_update().filter(revoked_at__isnull=True)
        former = standing.filter(pk=account.pk).first()
        if former is None:
            raise NotUsable("This service account was revoked. Make another one.")
        PlatformServiceAccount.objects.filter(pk=account.pk).update(
            **lifetimes.replaced(former=former, secret=secret, overlap=overlap, now=now, ends=ends)
        )
        audit.record(
            verb="service_account.rotate",
            target=account.actor_label,
            reason=reason,
            details={"days": days, "overlap_hours": overlap_hours},
        )
    account.refresh_from_db()
    return IssuedSecret(account=account, secret=secret.text)


def revoke(*, account: PlatformServiceAccount, now: datetime, reason: str) -> None:
    """Refuse the account from its next request on, for good.

    :raises NotUsable: when it was revoked before.
    """
    with transaction.atomic():
        standing = PlatformServiceAccount.objects.filter(pk=account.pk, revoked_at__isnull=True)
        if not standing.update(**lifetimes.revoked(now=now, reason=reason)):
            raise NotUsable("This service account was revoked before.")
        audit.record(verb="service_account.revoke", target=account.actor_label, reason=reason)
    account.refresh_from_db()


def take_over(*, account: PlatformServiceAccount, operator_id: int, reason: str) -> None:
    """From now on this operator answers for the account; one that stopped because nobody did goes on working.

    :raises NotUsable: when it was revoked.
    """
    with transaction.atomic():
        standing = PlatformServiceAccount.objects.filter(pk=account.pk, revoked_at__isnull=True)
        if not standing.update(operator_id=operator_id):
            raise NotUsable("This service account was revoked. Make another one.")
        audit.record(verb="service_account.take_over", target=account.actor_label, reason=reason)
    account.refresh_from_db()


def account_of(*, given: secrets.GivenSecret, now: datetime) -> PlatformServiceAccount:
    """The active account with this secret, or with the one before it while both may be used. Two queries.

    :raises EndedAccount: when the secret was right and is no longer good.
    :raises NotGood: for everything else.
    """
    by_id = Q(public_id=given.public_id) | Q(former_public_id=given.public_id)
    account = PlatformServiceAccount.objects.filter(by_id).first()
    if account is None:
        raise NotGood("no_such_account")
    if not lifetimes.has_secret(account=account, given=given, owner=OWNER):
        raise NotGood("wrong_secret")
    fault = lifetimes.fault_of(account=account, given=given, now=now)
    if fault:
        raise EndedAccount(label=account.actor_label, reason=fault)
    if account.last_used_at is None or account.last_used_at <= now - lifetimes.USE_PAUSE:
        PlatformServiceAccount.objects.filter(pk=account.pk).update(last_used_at=now)
    return account
