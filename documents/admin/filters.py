"""Filters of the document lists."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from documents.models import DocumentVersion

READERS = (("everybody", "Everybody"), ("some", "Some"), ("personal", "One person"), ("few", "HR and owners only"))
_NOT_RESTRICTED: dict[str, Any] = {
    "audience_roles": [],
    "audience_departments": [],
    "audience_countries": [],
    "audience_sites": [],
    "audience_employment_types": [],
    "audience_people": [],
}


class NewestStateFilter(SimpleListFilter):
    """By the state of each document's newest version."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("unfinished", "Unfinished"), ("trouble", "Needs attention"), *DocumentVersion.State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted, newest = self.value(), DocumentVersion.objects.newest()
        if wanted == "unfinished":
            return queryset.filter(pk__in=newest.exclude(state__in=DocumentVersion.FINAL).values("document"))
        if wanted == "trouble":
            trouble = [DocumentVersion.State.REJECTED, DocumentVersion.State.FAILED]
            return queryset.filter(pk__in=newest.filter(state__in=trouble).values("document"))
        if wanted in DocumentVersion.State.values:
            return queryset.filter(pk__in=newest.filter(state=wanted).values("document"))
        return queryset


class ReadersFilter(SimpleListFilter):
    """By who may read the document."""

    title = "readers"
    parameter_name = "readers"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return READERS

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        if wanted == "few":
            return queryset.filter(is_confidential=True)
        if wanted == "personal":
            return queryset.filter(is_confidential=False, subject__isnull=False)
        if wanted in ("everybody", "some"):
            open_ones = queryset.filter(is_confidential=False, subject__isnull=True)
            restricted = wanted == "some"
            return open_ones.exclude(**_NOT_RESTRICTED) if restricted else open_ones.filter(**_NOT_RESTRICTED)
        return queryset


class NewestPublicationFilter(SimpleListFilter):
    """By how far HR is with each document's newest version."""

    title = "publication"
    parameter_name = "publication"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return DocumentVersion.Publication.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in DocumentVersion.Publication.values:
            newest = DocumentVersion.objects.newest().filter(publication=self.value())
            return queryset.filter(pk__in=newest.values("document"))
        return queryset


class ErrorFilter(SimpleListFilter):
    """By the code of what went wrong; only codes that there are."""

    title = "error"
    parameter_name = "error_code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        failed = DocumentVersion.objects.exclude(error_code="")  # few, and an index holds just them
        return [(code, code) for code in failed.order_by("error_code").values_list("error_code", flat=True).distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(error_code=self.value()) if self.value() else queryset
