"""A company's service accounts: made, given another secret, revoked, and taken over by another person."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from audit import services as audit
from hr import access
from hr.models import Employee, ServiceAccount
from tenants import context
from tenants.machines import lifetimes, secrets
from tenants.machines.lifetimes import DEFAULT_DAYS, NameTaken, NotUsable, WrongLifetime, WrongOverlap, WrongScopes
from tenants.machines.scopes import COMPANY_SCOPES


class MayNotManageAccounts(PermissionError):
    """Only HR and owners make and change service accounts."""


@dataclass(frozen=True)
class IssuedSecret:
    """An account with its secret, which is shown once and cannot be had again."""

    account: ServiceAccount
    secret: str = field(repr=False)


def create_service_account(
    *,
    name: str,
    scopes: Sequence[str],
    by: Employee,
    now: datetime,
    role: str = ServiceAccount.Reads.EMPLOYEE,
    purpose: str = "",
    days: int = DEFAULT_DAYS,
    reason: str = "",
) -> IssuedSecret:
    """A program's account. `by` answers for it: it stops when they leave or may no longer manage it.

    :raises MayNotManageAccounts: when `by` may not.
    :raises WrongScopes, WrongLifetime, NameTaken: when the account cannot be had like this.
    """
    _check_may(by)
    chosen = lifetimes.checked_scopes(wanted=scopes, known=COMPANY_SCOPES, manages=role == ServiceAccount.Reads.HR)
    ends, secret = lifetimes.expiry(days=days, now=now), secrets.make(kind="hrs", owner=context.tenant_id())
    try:
        with transaction.atomic():
            account = ServiceAccount.objects.create(
                name=name.strip(),
                purpose=purpose.strip(),
                role=role,
                scopes=chosen,
                responsible=by,
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
                details={"scopes": chosen, "role": role, "days": days},
            )
    except IntegrityError:
        raise NameTaken("There is, or was, a service account of this name.") from None
    return IssuedSecret(account=account, secret=secret.text)


def rotate_service_account(
    *,
    account: ServiceAccount,
    by: Employee,
    now: datetime,
    days: int = DEFAULT_DAYS,
    overlap_hours: int = 0,
    reason: str = "",
) -> IssuedSecret:
    """Another secret. The former one ends at once, or works `overlap_hours` more, unless the company was cut off since.

    :raises MayNotManageAccounts, WrongLifetime, WrongOverlap:
    :raises NotUsable: when the account was revoked.
    """
    _check_may(by)
    ends, overlap = lifetimes.expiry(days=days, now=now), lifetimes.overlap_end(hours=overlap_hours, now=now)
    secret = secrets.make(kind="hrs", owner=context.tenant_id())
    with transaction.atomic():
        former = ServiceAccount.objects.select_for_update().filter(pk=account.pk, revoked_at__isnull=True).first()
        if former is None:
            raise NotUsable("This service account was revoked. Make another one.")
        if former.is_cut_off():
            overlap = None
        ServiceAccount.objects.filter(pk=account.pk).update(
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


def revoke_service_account(*, account: ServiceAccount, by: Employee, now: datetime, reason: str) -> None:
    """Refuse the account from its next request on, for good.

    :raises MayNotManageAccounts:
    :raises NotUsable: when it was revoked before.
    """
    _check_may(by)
    with transaction.atomic():
        standing = ServiceAccount.objects.filter(pk=account.pk, revoked_at__isnull=True)
        if not standing.update(**lifetimes.revoked(now=now, reason=reason)):
            raise NotUsable("This service account was revoked before.")
        audit.record(verb="service_account.revoke", target=account.actor_label, reason=reason)
    account.refresh_from_db()


def answer_for_service_account(*, account: ServiceAccount, by: Employee, reason: str) -> None:
    """From now on `by` answers for the account; one that stopped because nobody did goes on working.

    :raises MayNotManageAccounts:
    :raises NotUsable: when it was revoked.
    """
    _check_may(by)
    with transaction.atomic():
        if not ServiceAccount.objects.filter(pk=account.pk, revoked_at__isnull=True).update(responsible=by):
            raise NotUsable("This service account was revoked. Make another one.")
        audit.record(verb="service_account.take_over", target=account.actor_label, reason=reason)
    account.refresh_from_db()


def _check_may(by: Employee) -> None:
    if not access.may_manage_service_accounts(by):
        raise MayNotManageAccounts("Only HR and owners manage service accounts.")


__all__ = [
    "IssuedSecret",
    "MayNotManageAccounts",
    "NameTaken",
    "NotUsable",
    "WrongLifetime",
    "WrongOverlap",
    "WrongScopes",
    "answer_for_service_account",
    "create_service_account",
    "revoke_service_account",
    "rotate_service_account",
]
