"""The consoles' first page: counts only, nothing that anybody asked or wrote."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from documents.admin.cells import TONES
from documents.models import Document, DocumentVersion, Outbox
from hr import access
from hr.models import Employee
from ragsite import readiness
from retrieval.models import Query
from tenants import context
from tenants.models import Tenant

DAYS = 30
# The chart's own units; the page scales it to its width.
_CHART_WIDTH, _CHART_HEIGHT, _BAR_GAP = 600, 120, 4


@dataclass(frozen=True)
class Figure:
    """A number with its name, and where to see what it counts."""

    label: str
    value: str
    tone: str = "muted"
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Bar:
    """One day of the chart: a stack of answered (below) and unanswered (above) questions, in chart units."""

    day: date
    answered: int
    unanswered: int
    x: float
    width: float
    answered_y: float
    answered_height: float
    unanswered_y: float
    unanswered_height: float


@dataclass(frozen=True)
class Chart:
    bars: tuple[Bar, ...]
    width: int
    height: int
    top: int
    total: int


@dataclass(frozen=True)
class Concern:
    """Something that needs a person, with the page where to deal with it."""

    text: str
    url: str
    tone: str = "bad"


def fill(request: HttpRequest, values: dict[str, Any]) -> dict[str, Any]:
    """unfold's DASHBOARD_CALLBACK: add what templates/admin/index.html shows."""
    if context.has_tenant():
        return {**values, **_company(request)}
    return {**values, **_platform()}


def _company(request: HttpRequest) -> dict[str, Any]:
    counts = _documents_by_state(request)
    chart = chart_of(_questions_per_day(), today=timezone.now().date())
    unanswered = sum(bar.unanswered for bar in chart.bars)
    people = Employee.objects.active().filter(user__isnull=False).count()
    share = f"{100 * unanswered / chart.total:.0f} %" if chart.total else "–"
    documents = reverse("admin:documents_document_changelist")
    return {
        "figures": [
            Figure(
                label=state.label,
                value=str(counts.get(state, 0)),
                tone=TONES[state],
                url=f"{documents}?{urlencode({'state': state})}",
            )
            for state in DocumentVersion.State
        ],
        "figures_title": "Documents by state",
        "questions": [
            Figure(label=f"Questions in {DAYS} days", value=str(chart.total)),
            Figure(label="Not in the documents", value=share, note=f"{unanswered} of {chart.total} questions"),
            Figure(label="People with a login", value=str(people)),
        ],
        "chart": chart,
        "concerns": _company_concerns(counts),
    }


def _documents_by_state(request: HttpRequest) -> dict[str, int]:
    scope = access.scope_of(request.user.employee)  # type: ignore[union-attr]
    newest = DocumentVersion.objects.filter(document=OuterRef("pk")).order_by("-number").values("state")[:1]
    states = Document.objects.visible_to(scope).annotate(state=Subquery(newest)).values("state")
    rows = states.annotate(n=Count("pk")).order_by()
    return {row["state"]: row["n"] for row in rows if row["state"]}


def _questions_per_day() -> dict[date, tuple[int, int]]:
    """(answered, unanswered) of each day on which somebody asked; counts only."""
    begin = timezone.now() - timedelta(days=DAYS)
    rows = (
        Query.objects.filter(asked_at__gte=begin)
        .annotate(day=TruncDate("asked_at"))
        .values("day")
        .annotate(
            answered=Count("pk", filter=Q(outcome=Query.Outcome.ANSWERED)),
            unanswered=Count("pk", filter=Q(outcome=Query.Outcome.ABSTAINED)),
        )
        .order_by("day")
    )
    return {row["day"]: (row["answered"], row["unanswered"]) for row in rows}


def chart_of(per_day: dict[date, tuple[int, int]], *, today: date) -> Chart:
    """Bars for the last DAYS days, today last. The highest day fills the chart."""
    days = [today - timedelta(days=DAYS - 1 - n) for n in range(DAYS)]
    top = max((sum(per_day.get(day, (0, 0))) for day in days), default=0)
    slot = _CHART_WIDTH / DAYS
    bars = []
    for n, day in enumerate(days):
        answered, unanswered = per_day.get(day, (0, 0))
        low = _CHART_HEIGHT * answered / top if top else 0.0
        high = _CHART_HEIGHT * unanswered / top if top else 0.0
        bars.append(
            Bar(
                day=day,
                answered=answered,
                unanswered=unanswered,
                x=n * slot + _BAR_GAP / 2,
                width=slot - _BAR_GAP,
                answered_y=_CHART_HEIGHT - low,
                answered_height=low,
                unanswered_y=_CHART_HEIGHT - low - high,
                unanswered_height=high,
            )
        )
    total = sum(bar.answered + bar.unanswered for bar in bars)
    return Chart(bars=tuple(bars), width=_CHART_WIDTH, height=_CHART_HEIGHT, top=top, total=total)


def _company_concerns(counts: dict[str, int]) -> list[Concern]:
    concerns = []
    documents = reverse("admin:documents_document_changelist")
    trouble = counts.get(DocumentVersion.State.FAILED, 0) + counts.get(DocumentVersion.State.REJECTED, 0)
    if trouble:
        concerns.append(Concern(f"{_documents(trouble)} could not be taken in", f"{documents}?state=trouble"))
    late = timezone.now() - timedelta(minutes=2)
    unfinished = DocumentVersion.objects.unfinished().filter(document__deleted_at__isnull=True)
    if waiting := unfinished.filter(received_at__lt=late).count():
        url = f"{documents}?state=unfinished"
        concerns.append(Concern(f"{_documents(waiting)} waiting for more than 2 minutes", url, tone="waiting"))
    if not counts:
        url = reverse("admin:documents_document_upload")
        concerns.append(Concern("No documents yet: upload the first ones", url, tone="waiting"))
    tenant = context.current_tenant()
    if not tenant.contact_email and not tenant.contact_name:
        text = "Nobody is named whom to ask when the documents do not say"
        concerns.append(Concern(text, reverse("admin:company-settings"), "waiting"))
    return concerns


def _documents(count: int) -> str:
    return "1 document" if count == 1 else f"{count} documents"


def _platform() -> dict[str, Any]:
    """One query for each active company counts its queue; the parts are asked as by /readyz."""
    rows = Tenant.objects.values("state").annotate(n=Count("pk")).order_by()
    counts = {row["state"]: row["n"] for row in rows}
    companies = reverse("admin:tenants_tenant_changelist")
    tones = {Tenant.State.ACTIVE: "good", Tenant.State.SUSPENDED: "bad", Tenant.State.PROVISIONING: "working"}
    report = readiness.check_parts()
    queue = _queue_depth()
    concerns = [Concern(f"{part.name}: {part.status}", "/readyz") for part in report.parts if part.status != "ok"]
    if counts.get(Tenant.State.PROVISIONING):
        url = f"{companies}?{urlencode({'state__exact': Tenant.State.PROVISIONING})}"
        text = "A company was not set up to the end: onboard it again with the same host name"
        concerns.append(Concern(text, url, tone="waiting"))
    return {
        "figures": [
            *(
                Figure(
                    label=state.label,
                    value=str(counts.get(state, 0)),
                    tone=tones[state],
                    url=f"{companies}?{urlencode({'state__exact': state})}",
                )
                for state in Tenant.State
            ),
            Figure(
                label="Files waiting", value=str(queue), tone="working" if queue else "muted", note="in all companies"
            ),
        ],
        "figures_title": "Companies by state",
        "parts": report.parts,
        "concerns": concerns,
    }


def _queue_depth() -> int:
    depth = 0
    for tenant in Tenant.objects.active():
        with context.enter(tenant):
            depth += Outbox.objects.filter(kind=Outbox.Kind.PROCESS_VERSION).count()
    return depth
