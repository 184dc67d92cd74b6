"""What a response looks like is decided by the endpoint, not by the Accept header."""

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request


class AsDocumented(DefaultContentNegotiation):
    """Answers in the endpoint's own format.

    A client that accepts only text/event-stream or application/pdf would otherwise get a 406 instead of the stream or
    file it asked for, or of the JSON error that explains why not.
    """

    def select_renderer(self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None) -> Any:
        first = next(iter(renderers))
        return first, first.media_type
