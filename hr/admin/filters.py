"""Which people the list shows."""

from typing import Any

from django.contrib import admin
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


class CountryFilter(admin.SimpleListFilter):
    """The countries in which the company has people, by name, and those whose record lacks one."""

    title = "country"
    parameter_name = "country"
    unknown = "unknown"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = Employee.objects.exclude(country="").values_list("country", flat=True).distinct()
        named = sorted(((code, records.country_name(code)) for code in codes), key=lambda pair: pair[1])
        return [*named, (self.unknown, "Not known")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        return queryset.filter(country="" if self.value() == self.unknown else self.value())
