"""Answers in the console: how each came about, and, where it is allowed, what was asked."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RangeDateTimeFilter, RangeNumericFilter
from unfold.decorators import display

from audit import markup, reasons
from audit.actions import ActionRefused, confirmed
from audit.console import ReadOnlyAdmin, audit_url, badge
from audit.paging import KeysFirst
from hr import access
from retrieval import tracing
from retrieval.admin import pages
from retrieval.admin.filters import JudgementFilter, OutcomeFilter, ReadableFilter
from retrieval.admin.gate import NO_STORE, ForManagement, person_of
from retrieval.models import Query
from retrieval.services import asking, explaining, hr_reading, replaying, wording

# What is written or sealed is never loaded for a list, and the people who asked are not named in it.
_LISTED = ("asked_at", "outcome", "sentences", "confidence", "threshold", "generator", "lane", "hr_reading")


def _readable(query: Query) -> bool:
    return hr_reading.is_readable(query)


@admin.register(Query)
class AnswerAdmin(ForManagement, ReadOnlyAdmin):
    """Every answer, without the question: that is read where the company's rule and the asker both allow it."""

    list_verb = "answer.list"
    show_full_result_count = False
    paginator = KeysFirst
    empty_text = "Every answer of the assistant is listed here as soon as somebody has asked."
    list_display = ["when", "result", "sure", "writer", "judged", "reading"]
    list_display_links = ["when"]
    list_filter = [
        ("asked_at", RangeDateTimeFilter),
        OutcomeFilter,
        ("confidence", RangeNumericFilter),
        JudgementFilter,
        ReadableFilter,
    ]
    search_fields = ["pk"]
    search_help_text = "The id of an answer, such as the target query:… of the audit log"
    ordering = ["-asked_at", "pk"]
    actions_detail = ["ask_again"]

    def get_queryset(self, request: HttpRequest) -> Any:
        related = super().get_queryset(request).select_related("feedback", "trace")
        return related.only(
            *_LISTED, "trace__generation", "feedback__rating", "feedback__is_hallucination", "feedback__handled_at"
        )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(pk=UUID(search_term.strip().removeprefix("query:"))), False
        except ValueError:
            return queryset.none(), False

    def audit_target(self, obj: Any) -> str:
        return f"query:{obj.pk}"

    def page_after_action(self, obj: Query) -> str:
        return reverse("admin:retrieval_query_change", args=(obj.pk,))

    @display(description="Asked", ordering="asked_at")
    def when(self, query: Query) -> SafeString | str:
        return markup.when(query.asked_at)

    @display(description="Outcome")
    def result(self, query: Query) -> SafeString:
        text, tone = wording.OUTCOMES[explaining.shown_outcome(query)]
        return badge(text=text, tone=tone)

    @display(description="Confidence", ordering="confidence")
    def sure(self, query: Query) -> str:
        return f"{wording.figure(query.confidence)} of {wording.figure(query.threshold)}"

    @display(description="Written by")
    def writer(self, query: Query) -> str:
        return {"extractive": "Quoted", "record": "The asker's record", "none": "–"}.get(
            query.generator, query.generator
        )

    @display(description="Judged")
    def judged(self, query: Query) -> SafeString | str:
        feedback = getattr(query, "feedback", None)
        if feedback is None:
            return "–"
        if feedback.is_hallucination:
            return badge(text="Made up, they say", tone="bad")
        is_up = feedback.rating == "up"
        return badge(text="Helpful" if is_up else "Not helpful", tone="good" if is_up else "waiting")

    @display(description="Question")
    def reading(self, query: Query) -> SafeString | str:
        return badge(text="For HR to read", tone="working") if _readable(query) else "–"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:query_id>/question/", view(self.question_view), name="retrieval_query_question"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """How the answer came about. Recorded before it is shown."""
        if not self.has_view_permission(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        query = self._stored(object_id)
        if query is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        viewer = person_of(request)
        explanation = explaining.open_explanation(query=query, viewer=access.scope_of(viewer))
        values = {
            **self.admin_site.each_context(request),
            "title": "How this answer came about",
            "media": self.media,
            "explanation": explanation,
            "outcome": wording.OUTCOMES[explanation.outcome],
            "summary": wording.summary(explanation),
            "groups": pages.candidates(explanation),
            "chart": pages.chart_of(explanation.stages),
            "is_cited": tracing.CITED,
            "is_readable": _readable(query),
            "may_read": access.may_read_questions(viewer),
            "rule": hr_reading.rule_in_words(),
            "feedback": getattr(query, "feedback", None),
            "audit_trail": audit_url(self.audit_target(query)),
        }
        return TemplateResponse(request, "admin/retrieval/answer.html", values, headers=NO_STORE)

    @confirmed(
        description="Ask again",
        consequence="The question is asked again: with the rights that its asker has today, for the same day, from "
        "today's documents. You see what differs. Nothing is written into the asker's conversation.",
        verb="answer.replay",
        permission="read",
        button="Ask again",
        icon="replay",
        refusals=(hr_reading.NotForHr, replaying.NotReplayable),
        available=_readable,
    )
    def ask_again(self, request: HttpRequest, query: Query, *, reason: str) -> HttpResponse:
        try:
            replay = replaying.replay_for_hr(query_id=query.pk, by=person_of(request), reason=reason)
        except asking.SearchUnavailable:
            raise ActionRefused("The search is not available right now. Please try again in a minute.") from None
        values = {
            **self.admin_site.each_context(request),
            "title": "The same question today",
            "media": self.media,
            "replay": replay,
            "before": wording.OUTCOMES[replay.before.outcome],
            "after": wording.OUTCOMES[replay.after.outcome],
        }
        return TemplateResponse(request, "admin/retrieval/replay.html", values, headers=NO_STORE)

    def has_read_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Other people's questions are for HR; what may be read of them is asked for each one."""
        return self.has_view_permission(request) and access.may_read_questions(person_of(request))

    def question_view(self, request: HttpRequest, query_id: UUID) -> HttpResponse:
        """What HR may read of the question's conversation, for the reason that this session gave."""
        if not self.has_read_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        given = reasons.reading_of(request)
        if given is None:
            return reasons.ask_first(request)
        try:
            opened = hr_reading.open_conversation(query_id=query_id, by=person_of(request), reason=given.reason)
        except hr_reading.NotForHr as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("admin:retrieval_query_changelist"))
        values = {
            **self.admin_site.each_context(request),
            "title": "What was asked",
            "media": self.media,
            "asker": opened.asker,
            "answers": pages.conversation(opened, viewer=access.scope_of(person_of(request))),
            "query_id": query_id,
            "reason": given.reason,
            "reason_url": reasons.reason_url(),
            "rule": hr_reading.rule_in_words(),
        }
        return TemplateResponse(request, "admin/retrieval/question.html", values, headers=NO_STORE)

    def _stored(self, object_id: str) -> Query | None:
        try:
            key = UUID(object_id)
        except ValueError:
            return None
        return Query.objects.select_related("trace", "feedback").filter(pk=key).first()
