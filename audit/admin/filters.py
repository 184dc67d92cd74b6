"""How the log's list is narrowed. What cannot be read as a value finds nothing instead of failing."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.admin import SimpleListFilter
from django.db.models import Q
from django.http import HttpRequest
from django.utils.module_loading import import_string
from unfold.contrib.filters.admin import RangeDateTimeFilter, RangeNumericFilter, TextFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm, DropdownForm

from audit.models import AuditLog
from audit.verbs import VERBS

_MAX_CHARS = 120


class _Exact(TextFilter):
    """One column that equals what was typed."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        wanted = cleaned(self.value())
        if wanted is None:
            return queryset
        return queryset.filter(**{str(self.parameter_name): wanted}) if wanted else queryset.none()


class ActorFilter(_Exact):
    title = "pseudonym"
    parameter_name = "actor"


class PromptVersionFilter(_Exact):
    title = "prompt version"
    parameter_name = "prompt_version"


class _Chosen(SimpleListFilter):
    """One column that equals one of a list."""

    template = "unfold/filters/filters_field.html"

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {
            "form": DropdownForm(
                name=self.parameter_name,
                label=f"By {self.title}",
                choices=[("", "All"), *self.lookup_choices],
                data={self.parameter_name: self.value()},
            )
        }

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        wanted = cleaned(self.value())
        return queryset if wanted is None else queryset.filter(**{str(self.parameter_name): wanted})


class VerbFilter(_Chosen):
    title = "verb"
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        listed = [
            (name, f"{name}: {words.to.replace('{target}', '…').replace('{subject}', '…')}")
            for name, words in VERBS.items()
        ]
        wanted = request.GET.get(self.parameter_name, "")
        return listed if wanted in VERBS or not wanted else [(wanted, wanted), *listed]


class OutcomeFilter(_Chosen):
    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return AuditLog.Outcome.choices


class KindFilter(_Chosen):
    title = "kind of actor"
    parameter_name = "actor_kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("employee", "People"),
            ("service", "Programs"),
            ("operator", "Operators"),
            ("system", "The system"),
            ("anonymous", "Not signed in"),
        ]


class _Found(SimpleListFilter):
    """Something of the company, found by its name; the layers above say which field looks for it."""

    template = "unfold/filters/filters_field.html"
    step = ""

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        self._request, self._model_admin = request, model_admin
        fields = [import_string(path)() for path in settings.STEPS[self.step]]
        self._field = next((field for field in fields if field is not None), None)
        super().__init__(request, params, model, model_admin)

    def has_output(self) -> bool:
        return self._field is not None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return []

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {
            "form": AutocompleteDropdownForm(
                request=self._request,
                name=self.parameter_name,
                label=f"By {self.title}",
                choices=(),
                field=self._field,
                model_admin=self._model_admin,
                data={self.parameter_name: self.key()},
            )
        }

    def key(self) -> Any:
        """What was chosen, as a key of its table; None when it is no key."""
        raise NotImplementedError


class PersonFilter(_Found):
    """Rows by or about one person. The log knows their number only; the name is looked up in the company's records."""

    title = "person"
    parameter_name = "person"
    step = "FIND_PERSON"

    def key(self) -> int | None:
        wanted = cleaned(self.value()) or ""
        return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else None

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        key = self.key()
        label = f"employee:{key}"
        return queryset.none() if key is None else queryset.filter(Q(actor=label) | Q(target=label))


class DocumentFilter(_Found):
    """Rows about one document, and answers that quoted it."""

    title = "document"
    parameter_name = "document"
    step = "FIND_DOCUMENT"

    def key(self) -> UUID | None:
        try:
            return UUID(cleaned(self.value()) or "")
        except ValueError:
            return None

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        key = self.key()
        if key is None:
            return queryset.none()
        return queryset.filter(Q(target=f"document:{key}") | Q(details__documents__contains=[str(key)]))


FILTERS = [
    PersonFilter,
    ActorFilter,
    VerbFilter,
    DocumentFilter,
    OutcomeFilter,
    KindFilter,
    ("confidence", RangeNumericFilter),
    PromptVersionFilter,
    ("at", RangeDateTimeFilter),
]


def cleaned(value: str | None) -> str | None:
    """A typed value that a column can hold; None when nothing was typed, empty when no row can have it."""
    if value is None or not value.strip():
        return None
    wanted = value.strip()
    return "" if "\x00" in wanted or len(wanted) > _MAX_CHARS else wanted
