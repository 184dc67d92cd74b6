"""Which answers and reports a list shows."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from retrieval.models import Query
from retrieval.services import hr_reading
from tenants import context

Outcome = Query.Outcome


class OutcomeFilter(admin.SimpleListFilter):
    """By the outcome as it is shown: a sensitive message stands among those that were not answered, or its quotes
    among those that were."""

    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (Outcome.ANSWERED, "Answered"),
            (Outcome.ABSTAINED, "Not answered"),
            (Outcome.ASKED_BACK, "Asked back"),
            (Outcome.DENIED, "Somebody else's record"),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        chosen = Q(outcome=self.value())
        if self.value() == Outcome.ANSWERED:
            chosen |= Q(outcome=Outcome.SENSITIVE) & ~Q(sentences=[])
        if self.value() == Outcome.ABSTAINED:
            chosen |= Q(outcome=Outcome.SENSITIVE, sentences=[])
        return queryset.filter(chosen)


class JudgementFilter(admin.SimpleListFilter):
    """What its asker said of it."""

    title = "judgement"
    parameter_name = "judged"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("up", "Helpful"), ("down", "Not helpful"), ("made_up", "Made up, they say"), ("none", "Not judged")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "up" | "down":
                return queryset.filter(feedback__rating=self.value())
            case "made_up":
                return queryset.filter(feedback__is_hallucination=True)
            case "none":
                return queryset.filter(feedback__isnull=True)
        return queryset


class ReadableFilter(admin.SimpleListFilter):
    """Those whose question HR may read now; not offered where the company lets HR read none."""

    title = "question"
    parameter_name = "question"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if not context.has_tenant() or context.current_tenant().hr_reading == hr_reading.Rule.NEVER:
            return []
        return [("readable", "For HR to read"), ("shared", "Shared by its asker")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "readable":
            return queryset.filter(hr_reading.readable())
        if self.value() == "shared":
            return queryset.filter(hr_reading.readable(), lane=Query.Lane.SHARED)
        return queryset


class HandledFilter(admin.SimpleListFilter):
    """Reports that wait for somebody, first."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Waits"), ("handled", "Dealt with")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() in ("open", "handled"):
            return queryset.filter(handled_at__isnull=self.value() == "open")
        return queryset
