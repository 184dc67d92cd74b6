"""The same answer, told as it happens. Every step enters tenant and actor by itself."""

from collections.abc import Generator, Iterator
from uuid import UUID

from audit import actors
from hr.models import Employee
from retrieval.answers import Channel, Event, Standpoint
from retrieval.services.asking.answering import events
from retrieval.services.asking.runs import Run, SearchUnavailable, begin
from retrieval.services.asking.storing import AskFailed
from tenants import context
from tenants.kill_switches import wording
from tenants.kill_switches.state import Feature, SwitchedOff


def ask_streaming(
    *,
    question: str,
    employee: Employee,
    conversation_id: UUID | None = None,
    standpoint: Standpoint = Standpoint(),  # noqa: B008 (frozen)
    channel: Channel = "page",
    keep_private: bool = False,
) -> Iterator[Event]:
    """The same as `ask`, told as it happens; the last event is `final` or `error`.

    Bad input raises before the first event. Words come sentence by sentence, each already verified. The iterator enters
    its tenant and actor by itself, because a streamed body is read after the middleware returned.
    """
    run = begin(
        question=question,
        employee=employee,
        conversation_id=conversation_id,
        standpoint=standpoint,
        channel=channel,
        is_streamed=True,
        keep_private=keep_private,
    )
    return _Told(run)


class _Told:
    """The events of a run, told step by step.

    Every step enters tenant and actor and leaves them again, so that nothing of a request stays in a thread between two
    steps, whoever reads them.
    """

    def __init__(self, run: Run) -> None:
        self._events = _guarded(run)
        self._tenant = context.current_tenant()
        self._actor = actors.current_actor()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        with context.enter(self._tenant), actors.acting_as(self._actor):
            return next(self._events)

    def close(self) -> None:
        """The reader has gone."""
        with context.enter(self._tenant), actors.acting_as(self._actor):
            self._events.close()


def _guarded(run: Run) -> Generator[Event, None, None]:
    try:
        yield from events(run)
    except SearchUnavailable:
        detail = "Search is not available. Please try again later."
        yield Event("error", {"code": "search_unavailable", "detail": detail})
    except SwitchedOff:
        yield Event("error", {"code": "switched_off", "detail": wording.REFUSED[Feature.EVERYTHING]})
    except AskFailed:
        detail = "The answer could not be recorded and is withheld."
        yield Event("error", {"code": "not_recorded", "detail": detail})
