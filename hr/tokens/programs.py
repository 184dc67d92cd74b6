"""From a service account's secret to the account: one query, and every part of it compared."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from hr.models import ServiceAccount
from hr.tokens.claims import InvalidToken
from tenants import context
from tenants.machines import lifetimes, secrets


class EndedAccount(InvalidToken):
    """The secret is right, but revoked, expired, replaced, or nobody answers for the account any more."""

    def __init__(self, *, label: str, reason: str) -> None:
        super().__init__(reason)
        self.label = label


@dataclass(frozen=True)
class Program:
    """What the framework has as `request.user` when a service account calls."""

    label: str
    is_authenticated: bool = True
    is_active: bool = True
    pk: None = None


def account_of(*, given: secrets.GivenSecret, now: datetime) -> ServiceAccount:
    """The active account with this secret, or with the one before it while both may be used.

    :raises EndedAccount: when the secret was right and is no longer good.
    :raises InvalidToken: for everything else.
    """
    by_id = Q(public_id=given.public_id) | Q(former_public_id=given.public_id)
    account = ServiceAccount.objects.select_related("responsible").filter(by_id).first()
    if account is None or given.kind != "hrs":
        raise InvalidToken("no_such_account")
    if not lifetimes.has_secret(account=account, given=given, owner=context.tenant_id()):
        raise InvalidToken("wrong_secret")
    fault = lifetimes.fault_of(account=account, given=given, now=now)
    if fault:
        raise EndedAccount(label=account.actor_label, reason=fault)
    return account


def note_use(*, account: ServiceAccount, now: datetime) -> None:
    """Keep when the account was last used; one UPDATE a minute at most."""
    if account.last_used_at is None or account.last_used_at <= now - lifetimes.USE_PAUSE:
        ServiceAccount.objects.filter(pk=account.pk).update(last_used_at=now)
