"""The services behind the pages: read in the company, recorded in both logs, or not read at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Q, QuerySet

from audit import covering, describing, standing
from audit import services as audit
from audit.describing import Described, Told
from audit.export import presented
from audit.export.presented import Presented
from audit.models import AuditLog, Finding
from audit.standing import Standing
from documents import patterns
from documents.patterns import Pattern
from ragsite.models import Incident
from retrieval.models import ToolCall
from tenants import context
from tenants.models import Tenant

ROWS_PER_PAGE = 100
_PATTERNS = 25


@dataclass(frozen=True)
class LogPage:
    """One page of a company's log, newest first: rows with their sentence, and how the log stands."""

    rows: tuple[tuple[AuditLog, Told], ...]
    page: Page[Any]
    standing: Standing


@dataclass(frozen=True)
class Patterns:
    """Access patterns by person and by document."""

    people: tuple[Pattern, ...]
    documents: tuple[Pattern, ...]


def log_page(*, tenant: Tenant, reason: str, wanted: dict[str, str], number: str) -> LogPage:
    """One page of the company's log. `wanted`: exact `who`, `verb`, `outcome`. Four queries and the two rows."""
    with _looking(tenant, verb="audit.read", platform_verb="tenant.read_audit", reason=reason) as look:
        page = Paginator(_narrowed(AuditLog.objects.order_by("-at", "-pk"), wanted), ROWS_PER_PAGE).get_page(number)
        rows = tuple((row, describing.tell(row=row, known={})) for row in page.object_list)
        look["details"] = {"rows": len(rows), "filters": {name: value for name, value in wanted.items() if value}}
        return LogPage(rows=rows, page=page, standing=standing.of_current_schema())


def findings_page(*, tenant: Tenant, reason: str, number: str) -> Page[Any]:
    """The company's findings, open ones first."""
    with _looking(tenant, verb="findings.read", platform_verb="tenant.read_findings", reason=reason) as look:
        rows = Finding.objects.order_by("-state", "-last_at", "-pk")
        page: Page[Any] = Paginator(rows, ROWS_PER_PAGE).get_page(number)
        page.object_list = list(page.object_list)
        look["details"] = {"rows": len(page.object_list), "names": False}
        return page


def access_patterns(*, tenant: Tenant, reason: str) -> Patterns:
    """Who was shown what, by number and by id."""
    with _looking(tenant, verb="access.read", platform_verb="tenant.read_accesses", reason=reason) as look:
        today = context.local_today()
        found = Patterns(
            people=patterns.patterns(by="actor", today=today, most=_PATTERNS),
            documents=patterns.patterns(by="document_id", today=today, most=_PATTERNS),
        )
        look["details"] = {"rows": len(found.people) + len(found.documents), "names": False}
        return found


def refused_reads(*, tenant: Tenant, reason: str, number: str) -> Page[Any]:
    """Every call of a tool that was refused, newest first: somebody asked for what is not theirs."""
    with _looking(tenant, verb="tool_calls.read", platform_verb="tenant.read_tool_calls", reason=reason) as look:
        rows = ToolCall.objects.filter(is_allowed=False).order_by("-called_at", "-pk")
        page: Page[Any] = Paginator(rows, ROWS_PER_PAGE).get_page(number)
        page.object_list = list(page.object_list)
        look["details"] = {"rows": len(page.object_list)}
        return page


@contextmanager
def exporting_from(tenant: Tenant, *, reason: str) -> Iterator[None]:
    """Work inside the company for an export, which writes its row there; afterwards the platform's log says so, too."""
    with context.enter_platform(), transaction.atomic():
        with context.enter(tenant):
            yield
        audit.record(verb="tenant.export_audit", target=f"tenant:{tenant.uuid}", reason=reason)
        covering.cover_at_once()


def check_export(*, tenant: Tenant, source: Any, reason: str) -> Presented:
    """Check a file that should be an export of the company's log. The result is a row in both logs.

    :raises audit.chain.keys.NoChainKey: when no key is configured.
    """
    found = presented.check(source=source, owner=str(tenant.uuid))
    with context.enter_platform(), transaction.atomic():
        with context.enter(tenant):
            presented.record(found, reason=reason)
        audit.record(
            verb="tenant.verify_export",
            target=f"tenant:{tenant.uuid}",
            outcome=found.outcome,
            reason=reason,
            digest=found.sha256,
            details=found.details,
        )
    return found


def open_incident(tenant: Tenant) -> tuple[str, datetime] | None:
    """Reference and beginning of the newest incident of the company that is not closed. One query."""
    of_company = Incident.objects.filter(companies=tenant).exclude(state=Incident.State.RESOLVED)
    newest = of_company.order_by("-opened_at", "-pk").first()
    return (newest.ref, newest.opened_at) if newest is not None else None


def today_in(tenant: Tenant) -> Any:
    with context.enter(tenant):
        return context.local_today()


def told(label: str) -> Described:
    """A pseudonym as it is, in words."""
    return Described(describing.plain(label, is_actor=True))


@contextmanager
def _looking(tenant: Tenant, *, verb: str, platform_verb: str, reason: str) -> Iterator[dict[str, Any]]:
    """Work inside the company; what is put into `details` is recorded there and in the platform's log, or neither."""
    look: dict[str, Any] = {"details": {}}
    with context.enter_platform(), transaction.atomic():
        with context.enter(tenant):
            yield look
            audit.record(verb=verb, reason=reason, details=look["details"])
        audit.record(verb=platform_verb, target=f"tenant:{tenant.uuid}", reason=reason, details=look["details"])


def _narrowed(rows: QuerySet[AuditLog], wanted: dict[str, str]) -> QuerySet[AuditLog]:
    if who := wanted.get("who"):
        rows = rows.filter(Q(actor=who) | Q(target=who) | Q(request_id=who))
    for name in ("verb", "outcome"):
        if value := wanted.get(name):
            rows = rows.filter(**{name: value})
    return rows
