"""The start page of a company's HR people and owners: what is asked, what waits, what is due, what is off."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Floor, Least, TruncDate
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from audit.models import Finding
from documents import caring
from documents.admin.cells import TONES
from documents.models import Document, DocumentVersion
from hr import access
from hr.models import Employee, LeaveRequest
from ragsite.dashboard.charts import Chart, Series, stacked
from ragsite.dashboard.figures import Concern, Figure, Overview, Section, tone_of
from ragsite.dashboard.links import list_url
from retrieval.models import Query
from tenants import context
from tenants.kill_switches import wording
from tenants.kill_switches.state import Feature
from tenants.kill_switches.wording import Off

DAYS = 30
# Files are read within seconds; what waits longer than this wants somebody to look.
_LATE = timedelta(minutes=2)
_BUCKETS = 10
_QUESTIONS = (Series("answered", "a"), Series("not in the documents", "b"))


@dataclass(frozen=True)
class Questions:
    """Counts of DAYS days: (answered, unanswered) by day, and answered ones by tenth of confidence."""

    per_day: dict[date, tuple[int, int]]
    per_tenth: tuple[int, ...]

    @property
    def answered(self) -> int:
        return sum(answered for answered, _ in self.per_day.values())

    @property
    def unanswered(self) -> int:
        return sum(unanswered for _, unanswered in self.per_day.values())


def overview(request: HttpRequest) -> Overview:
    """About nine queries."""
    scope = access.scope_of(request.user.employee)  # type: ignore[union-attr]
    today = context.local_today()
    states = _documents_by_state(scope)
    people = _people()
    care = _care(scope, today)
    waiting = LeaveRequest.objects.filter(state=LeaveRequest.State.REQUESTED).count()
    findings = Finding.objects.filter(state=Finding.State.OPEN).count()
    off = wording.told_to_company(tenant=context.current_tenant(), now=timezone.now())[:20]
    return Overview(
        concerns=tuple(_concerns(states=states, care=care, findings=findings, off=off)),
        sections=(
            _questions_section(_questions(), today),
            Section(
                title="Waits for you",
                figures=(
                    _leave(waiting),
                    _findings(findings),
                    *_due(care),
                    Figure(
                        label="No password yet",
                        value=str(people["uninvited"]),
                        tone=tone_of(people["uninvited"], tone="muted"),
                        url=list_url("hr_employee", login="none", is_active__exact="1"),
                        note=f"of {people['everybody']} people",
                    ),
                    Figure(
                        label="Switched off",
                        value=str(len(off)),
                        tone=tone_of(len(off), tone="bad"),
                        url="#needs-attention",
                        note=", ".join(sorted({Feature(one.feature).label for one in off})) or "everything works",
                    ),
                ),
            ),
            Section(title="Documents by state", figures=tuple(_state_figures(states))),
        ),
    )


def _questions_section(questions: Questions, today: date) -> Section:
    total = questions.answered + questions.unanswered
    share = f"{100 * questions.unanswered / total:.0f} %" if total else "–"
    sure = sum(questions.per_tenth[7:])
    return Section(
        title="Questions",
        figures=(
            Figure(label=f"Questions in {DAYS} days", value=str(total), url="#chart-questions"),
            Figure(
                label="Not in the documents",
                value=share,
                note=f"{questions.unanswered} of {total} questions",
                url="#chart-questions",
            ),
            Figure(
                label="Answered with confidence 0.7 or more",
                value=f"{100 * sure / questions.answered:.0f} %" if questions.answered else "–",
                note=f"{sure} of {questions.answered} answers",
                url="#chart-confidence",
            ),
        ),
        charts=(chart_of_questions(questions.per_day, today=today), chart_of_confidence(questions.per_tenth)),
    )


def chart_of_questions(per_day: dict[date, tuple[int, int]], *, today: date) -> Chart:
    """Bars for the last DAYS days, today last."""
    days = [today - timedelta(days=DAYS - 1 - n) for n in range(DAYS)]
    return stacked(
        key="questions",
        title=f"Questions per day over {DAYS} days",
        unit="questions",
        heading="Day",
        series=_QUESTIONS,
        rows=[(f"{day:%Y-%m-%d}", per_day.get(day, (0, 0))) for day in days],
        empty=f"Nobody has asked anything in the last {DAYS} days. Invite people, and tell them where to ask.",
        empty_url=reverse("admin:hr_employee_changelist"),
        empty_link="Invite people",
    )


def chart_of_confidence(per_tenth: tuple[int, ...]) -> Chart:
    """How sure the assistant was of what it answered."""
    return stacked(
        key="confidence",
        title="Answers by confidence",
        unit="answers",
        heading="Confidence",
        series=(Series("answers", "a"),),
        rows=[(f"{n / 10:.1f} to {(n + 1) / 10:.1f}", (count,)) for n, count in enumerate(per_tenth)],
        empty="No answers yet. They appear as soon as somebody asks.",
        empty_url="/",
        empty_link="Ask a question",
    )


def _documents_by_state(scope: access.Scope) -> dict[str, tuple[int, int]]:
    """(all, those received too long ago) by the state of each document's newest version."""
    newest = DocumentVersion.objects.filter(document=OuterRef("pk")).order_by("-number")
    late = Q(received__lt=timezone.now() - _LATE)
    rows = (
        Document.objects.visible_to(scope)
        .annotate(state=Subquery(newest.values("state")[:1]), received=Subquery(newest.values("received_at")[:1]))
        .values("state")
        .annotate(n=Count("pk"), late=Count("pk", filter=late))
        .order_by()
    )
    return {row["state"]: (row["n"], row["late"]) for row in rows if row["state"]}


def _questions() -> Questions:
    begin = timezone.now() - timedelta(days=DAYS)
    # Sensitive and refused questions are in no figure: in a small company a count is a hint.
    counted = [Query.Outcome.ANSWERED, Query.Outcome.ABSTAINED]
    tenth = Case(
        When(outcome=Query.Outcome.ANSWERED, then=Least(Floor(F("confidence") * _BUCKETS), Value(_BUCKETS - 1))),
        default=Value(-1),
        output_field=IntegerField(),
    )
    rows = (
        Query.objects.filter(asked_at__gte=begin, outcome__in=counted)
        .annotate(day=TruncDate("asked_at"), tenth=tenth)
        .values("day", "tenth")
        .annotate(n=Count("pk"))
        .order_by()
    )
    per_day: dict[date, tuple[int, int]] = {}
    per_tenth = [0] * _BUCKETS
    for row in rows:
        answered, unanswered = per_day.get(row["day"], (0, 0))
        if row["tenth"] < 0:
            per_day[row["day"]] = (answered, unanswered + row["n"])
        else:
            per_day[row["day"]] = (answered + row["n"], unanswered)
            per_tenth[int(row["tenth"])] += row["n"]
    return Questions(per_day=per_day, per_tenth=tuple(per_tenth))


def _people() -> dict[str, int]:
    active = Employee.objects.active()
    uninvited = Count("pk", filter=Q(pk__in=active.without_password().values("pk")))
    return active.aggregate(everybody=Count("pk"), uninvited=uninvited)


def _care(scope: access.Scope, today: date) -> dict[str, int]:
    """How many documents are late or due for review, end soon, have nobody. Two queries."""
    ahead = today + timedelta(days=caring.REVIEW_AHEAD_DAYS)
    counts = Document.objects.visible_to(scope).aggregate(
        late=Count("pk", filter=Q(review_due_date__lt=today)),
        due=Count("pk", filter=Q(review_due_date__gte=today, review_due_date__lte=ahead)),
        ownerless=Count("pk", filter=Q(owner__isnull=True, subject__isnull=True)),
    )
    last = today + timedelta(days=caring.END_AHEAD_DAYS)
    ending = DocumentVersion.objects.visible_to(scope).in_force_on(today)
    return {**counts, "ending": ending.filter(effective_to__gte=today, effective_to__lte=last).count()}


def _due(care: dict[str, int]) -> list[Figure]:
    page = reverse("admin:documents_document_look_after")
    due = care["late"] + care["due"]
    return [
        Figure(
            label="Due for review",
            value=str(due),
            tone="bad" if care["late"] else tone_of(due, tone="waiting"),
            url=f"{page}#concern-1",
            note=f"{care['late']} late",
        ),
        Figure(
            label=f"Ending within {caring.END_AHEAD_DAYS} days",
            value=str(care["ending"]),
            tone=tone_of(care["ending"], tone="waiting"),
            url=f"{page}#concern-2",
        ),
        Figure(
            label="Without an owner",
            value=str(care["ownerless"]),
            tone=tone_of(care["ownerless"], tone="waiting"),
            url=f"{page}#concern-5",
        ),
    ]


def _leave(waiting: int) -> Figure:
    url = list_url("hr_leaverequest", state__exact=LeaveRequest.State.REQUESTED)
    return Figure(label="Leave to decide", value=str(waiting), tone=tone_of(waiting, tone="waiting"), url=url)


def _findings(count: int) -> Figure:
    return Figure(label="Open findings", value=str(count), tone=tone_of(count, tone="bad"), url=_findings_page())


def _findings_page() -> str:
    return list_url("audit_finding", state__exact=Finding.State.OPEN)


def _state_figures(states: dict[str, tuple[int, int]]) -> list[Figure]:
    """In words that need no knowledge of how a file is read in: what is under way counts as one."""
    state = DocumentVersion.State
    under_way = sum(n for key, (n, _) in states.items() if key not in DocumentVersion.FINAL)
    shown = (
        ("Being read in", under_way, "working", "unfinished"),
        ("Ready", states.get(state.READY, (0, 0))[0], TONES[state.READY], state.READY),
        ("Refused: see why", states.get(state.REJECTED, (0, 0))[0], TONES[state.REJECTED], state.REJECTED),
        ("Failed: try again", states.get(state.FAILED, (0, 0))[0], TONES[state.FAILED], state.FAILED),
    )
    return [
        Figure(
            label=label,
            value=str(count),
            tone=tone if count else "muted",
            url=list_url("documents_document", state=wanted),
        )
        for label, count, tone, wanted in shown
    ]


def _concerns(
    *, states: dict[str, tuple[int, int]], care: dict[str, int], findings: int, off: list[Off]
) -> list[Concern]:
    concerns = []
    documents = reverse("admin:documents_document_changelist")
    for one in off:
        until = f" Until {one.until:%Y-%m-%d %H:%M} UTC." if one.until else ""
        why = f" Why: {one.reason}" if one.reason else " Switched off by the operators of the platform."
        concerns.append(Concern(f"{one.means}{until}{why}", ""))
    trouble = sum(
        states.get(state, (0, 0))[0] for state in (DocumentVersion.State.FAILED, DocumentVersion.State.REJECTED)
    )
    if trouble:
        concerns.append(Concern(f"{_documents(trouble)} could not be taken in", f"{documents}?state=trouble"))
    late = sum(n for state, (_, n) in states.items() if state not in DocumentVersion.FINAL)
    if late:
        url = f"{documents}?state=unfinished"
        concerns.append(Concern(f"{_documents(late)} waiting for more than 2 minutes", url, tone="waiting"))
    if findings:
        text = "1 finding waits for a decision" if findings == 1 else f"{findings} findings wait for a decision"
        concerns.append(Concern(text, _findings_page()))
    if care["late"]:
        page = reverse("admin:documents_document_look_after")
        concerns.append(Concern(f"{_documents(care['late'])} past the day of review", page, tone="waiting"))
    if not states:
        url = reverse("admin:documents_document_upload")
        concerns.append(Concern("No documents yet: upload the first ones", url, tone="waiting"))
    tenant: Any = context.current_tenant()
    if not tenant.contact_email and not tenant.contact_name:
        text = "Nobody is named whom to ask when the documents do not say"
        concerns.append(Concern(text, reverse("admin:company-settings"), "waiting"))
    return concerns


def _documents(count: int) -> str:
    return "1 document" if count == 1 else f"{count} documents"
