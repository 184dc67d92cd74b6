"""Which people the list shows."""

from typing import Any

from django.contrib import admin
from django.db.models import Value
from django.http import HttpRequest

from hr import records
from hr.models import Employee


class LoginFilter(admin.SimpleListFilter):
    """Who has not chosen a password yet, and could be invited."""

    title = "sign-in"
    parameter_name = "login"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("none", "No password yet")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.without_password() if self.value() == "none" else queryset


def _values_in_use(request: HttpRequest, name: str) -> list[str]:
    """The values that people have of department, site or country. One query a request for all three."""
    known = getattr(request, "_values_in_use", None)
    if known is None:
        each = [
            Employee.objects.order_by().annotate(which=Value(field)).values_list("which", field).distinct()
            for field in ("department", "site", "country")
        ]
        known = list(each[0].union(*each[1:], all=True))
        request._values_in_use = known  # type: ignore[attr-defined]
    return sorted(value for which, value in known if which == name and value)


class _ValueFilter(admin.SimpleListFilter):
    """The values that there are, as they are written."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value) for value in _values_in_use(request, str(self.parameter_name))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset if self.value() is None else queryset.filter(**{str(self.parameter_name): self.value()})


class DepartmentFilter(_ValueFilter):
    """The departments that people are in."""

    title = "department"
    parameter_name = "department"


class SiteFilter(_ValueFilter):
    """The sites at which people work."""

    title = "site"
    parameter_name = "site"


class CountryFilter(admin.SimpleListFilter):
    """The countries in which the company has people, by name, and those whose record lacks one."""

    title = "country"
    parameter_name = "country"
    unknown = "unknown"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = _values_in_use(request, "country")
        named = sorted(((code, records.country_name(code)) for code in codes), key=lambda pair: pair[1])
        return [*named, (self.unknown, "Not known")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        return queryset.filter(country="" if self.value() == self.unknown else self.value())
