"""Reading JSON bodies: bounded, UTF-8, and never deeper than the interpreter's stack."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class BoundedJSONParser(JSONParser):
    """JSON as RFC 8259 has it: UTF-8 whatever the charset says, no NaN; at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes.

    Half of a surrogate pair, written as an escape, is refused anywhere: it is no character, and whatever repeats it (a
    message, a row, a log line) cannot be written as UTF-8.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestDataTooBig("the JSON body is too large")
        try:
            parsed = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
            if b"\\u" in body:
                json.dumps(parsed, ensure_ascii=False).encode("utf-8")  # a lone surrogate is a ValueError here
        except (ValueError, RecursionError):
            raise ParseError("The body is not JSON that can be read.") from None
        return parsed


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
