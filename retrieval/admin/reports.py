"""What people said of their answers: to look through, and to deal with. Their words are behind the same rule."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import markup
from audit.actions import confirmed
from audit.console import ReadOnlyAdmin, badge
from retrieval import services
from retrieval.admin.filters import HandledFilter
from retrieval.admin.gate import ForManagement, person_of
from retrieval.models import Feedback
from retrieval.services import explaining, hr_reading, wording


@admin.register(Feedback)
class ReportAdmin(ForManagement, ReadOnlyAdmin):
    """Judgements of answers, unhelpful ones first to look for. Comments are read with the question."""

    list_verb, read_verb = "feedback.list", "feedback.open"
    show_full_result_count = False
    empty_text = "People say with each answer whether it helped; what they say is listed here."
    list_display = ["state", "verdict", "answer", "comment_state", "at"]
    list_display_links = ["state"]
    list_filter = [HandledFilter, "rating", "is_hallucination"]
    ordering = ["-updated_at", "pk"]
    fields = ["state", "verdict", "answer", "comment_state", "explanation", "at", "handled"]
    readonly_fields = fields
    actions = ["handle"]
    actions_detail = ["handle"]

    def get_queryset(self, request: HttpRequest) -> Any:
        related = super().get_queryset(request).select_related("query__trace").defer("query__question", "query__answer")
        return related.defer("query__searched_for", "query__applies", "query__assumed", "query__trace__candidates")

    @display(description="State")
    def state(self, report: Feedback) -> SafeString:
        return badge(text="Dealt with", tone="muted") if report.handled_at else badge(text="Waits", tone="waiting")

    @display(description="Judgement", ordering="rating")
    def verdict(self, report: Feedback) -> SafeString:
        if report.is_hallucination:
            return badge(text="Made up, they say", tone="bad")
        is_up = report.rating == Feedback.Rating.UP
        return badge(text="Helpful" if is_up else "Not helpful", tone="good" if is_up else "waiting")

    @display(description="Answer")
    def answer(self, report: Feedback) -> SafeString:
        text, tone = wording.OUTCOMES[explaining.shown_outcome(report.query)]
        return badge(text=text, tone=tone, title=f"Confidence {wording.figure(report.query.confidence)}")

    @display(description="Comment")
    def comment_state(self, report: Feedback) -> SafeString | str:
        if not report.comment:
            return "–"
        if not hr_reading.is_readable(report.query):
            return "Not for HR"
        return markup.link("Read it", reverse("admin:retrieval_query_question", args=(report.query_id,)))

    @display(description="How it came about")
    def explanation(self, report: Feedback) -> SafeString:
        return markup.link("Open", reverse("admin:retrieval_query_change", args=(report.query_id,)))

    @display(description="Said", ordering="updated_at")
    def at(self, report: Feedback) -> SafeString | str:
        return markup.when(report.updated_at)

    @display(description="Dealt with")
    def handled(self, report: Feedback) -> str:
        return f"{report.handled_by}, {report.handled_at:%Y-%m-%d %H:%M} UTC" if report.handled_at else "–"

    @confirmed(
        description="Mark as dealt with",
        consequence="The report leaves the list of those that wait. If the person judges the answer again, it comes "
        "back. Say what was done about it, such as a document that was corrected.",
        verb="feedback.handle",
        permission="view",
        button="Mark as dealt with",
        done="Dealt with",
        icon="task_alt",
        refusals=(services.AlreadyHandled,),
        available=lambda report: report.handled_at is None,
    )
    def handle(self, request: HttpRequest, report: Feedback, *, reason: str) -> None:
        services.handle_feedback(feedback_id=report.pk, by=person_of(request), reason=reason)
