"""Moments before which nothing of a company counts any more: its tokens, or everything by which one is signed in."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit import actors
from audit import services as audit
from tenants import context
from tenants.models import Tenant, TokenCutoff
from tenants.steps import run_steps


@dataclass(frozen=True)
class Ended:
    """How much ended: browsers' sessions, and sessions of programs with an access and a refresh token."""

    browsers: int = 0
    programs: int = 0


def cut_off(*, tenant: Tenant, reason: str) -> Ended:
    """End everything by which anybody is signed in to the company, and refuse the secrets of its service accounts.

    It counts from the very next request on. People sign in anew; service accounts need another secret. The audit row
    goes to the log of the console that was used.
    """
    now = timezone.now()
    with transaction.atomic():
        epoch = _raise_epoch(tenant, kid="", reason=reason, now=now)
        Tenant.objects.filter(pk=tenant.pk).update(signed_in_after=now)
        ended = _sum(run_steps("END_SESSIONS", tenant=tenant, now=now))
        audit.record(
            verb="tenant.revoke_tokens",
            target=f"tenant:{tenant.uuid}",
            reason=reason,
            details={"epoch": epoch, "browsers": ended.browsers, "programs": ended.programs},
        )
    tenant.token_epoch, tenant.signed_in_after = epoch, now
    return ended


def cut_off_tokens_everywhere(*, kid: str, reason: str, now: datetime) -> int:
    """End all companies' tokens, because the key that signed them is lost; how many companies.

    Sessions of browsers and secrets of programs were not signed by it, and go on. The caller writes the audit row.
    """
    companies = list(Tenant.objects.order_by("pk"))
    for tenant in companies:
        _raise_epoch(tenant, kid=kid, reason=reason, now=now)
        if tenant.state != Tenant.State.PROVISIONING:
            run_steps("END_TOKENS", tenant=tenant, now=now)
    return len(companies)


def _raise_epoch(tenant: Tenant, *, kid: str, reason: str, now: datetime) -> int:
    with context.enter_platform():
        Tenant.objects.filter(pk=tenant.pk).update(token_epoch=F("token_epoch") + 1)
        epoch: int = Tenant.objects.values_list("token_epoch", flat=True).get(pk=tenant.pk)
        by = actors.current_actor().label
        TokenCutoff.objects.create(tenant=tenant, not_before=now, epoch=epoch, kid=kid, by=by, reason=reason[:500])
    return epoch


def _sum(results: list[Ended]) -> Ended:
    return Ended(browsers=sum(each.browsers for each in results), programs=sum(each.programs for each in results))
