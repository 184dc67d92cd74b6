"""Search fields of forms that survive a value which is no id: Django's own ask the database for it and fail."""

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Field


class PossibleValuesOnly:
    """Before an autocomplete widget class. What was sent is refused by the field; the form is shown without it."""

    choices: Any

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [one for one in value if self._is_possible(one)], attr)  # type: ignore[misc]

    def _is_possible(self, value: Any) -> bool:
        try:
            self.choices.queryset.filter(pk=value)
        except (ValueError, TypeError, ValidationError):
            return value in self.choices.field.empty_values
        return True


def possible_values_only(field: Field) -> Field:
    """The field, its search widget made safe; others stay as they are."""
    widget = getattr(field.widget, "widget", field.widget)
    if hasattr(widget, "get_url") and not isinstance(widget, PossibleValuesOnly):
        kind = type(widget)
        widget.__class__ = type(kind.__name__, (PossibleValuesOnly, kind), {})
    return field
