"""A streamed answer as server-sent events."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from django.core.serializers.json import DjangoJSONEncoder

from audit import actors
from retrieval.answers import Event
from retrieval.serializers import answered, cited, passage, record_part
from tenants import context

log = structlog.get_logger(__name__)

_INTERNAL = {"code": "internal_error", "detail": "Something went wrong on our side."}


class EventStream:
    """Bytes of the stream, which are read after the middleware has left the tenant, and perhaps in another thread.

    So every step enters tenant and actor and leaves them again: nothing of a request stays in a thread between steps.
    """

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._tenant = context.current_tenant()
        self._actor = actors.current_actor()
        self._ended = False

    def __iter__(self) -> "EventStream":
        return self

    def __next__(self) -> bytes:
        if self._ended:
            raise StopIteration
        try:
            with context.enter(self._tenant), actors.acting_as(self._actor):
                event = next(self._events, None)
                if event is None:
                    raise StopIteration
                self._ended = event.kind in ("final", "error")
                return _frame(event.kind, _body(event))
        except StopIteration:
            raise
        except Exception:  # the status line is long gone: all that is left is to say so, and to log it
            self._ended = True
            log.exception("stream_failed")
            return _frame("error", _error(_INTERNAL))

    def close(self) -> None:
        """Called by the web server at the end, and when the reader has gone."""
        close = getattr(self._events, "close", None)
        if close is not None:
            with context.enter(self._tenant), actors.acting_as(self._actor):
                close()


def _body(event: Event) -> dict[str, Any]:
    if event.kind == "tool":
        return record_part(event.data["result"])
    if event.kind == "search_results":
        return {"results": [passage(found) for found in event.data["passages"]]}
    if event.kind == "token":
        return {"text": event.data["text"]}
    if event.kind == "citation":
        return cited(event.data["citation"], query_id=None)
    if event.kind == "final":
        return answered(event.data["answer"])
    return _error(event.data)


def _error(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "server_error", "errors": [{"code": data["code"], "detail": data["detail"], "attr": None}]}


def _frame(kind: str, body: Mapping[str, Any]) -> bytes:
    # json.dumps leaves no line break in it, which would end the data line.
    return f"event: {kind}\ndata: {json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False)}\n\n".encode()
