"""Bodies of the API in which nothing is passed over: a misspelt part may be the one that says who may read."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError


class StrictSerializer(serializers.Serializer):
    """Refuses parts that it does not know, each by its name, with the code `unknown_field`."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                said = "There is no such field here. Nothing was changed."
                raise ValidationError({name: [ErrorDetail(said, code="unknown_field")] for name in unknown})
        return super().to_internal_value(data)
