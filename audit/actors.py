"""Who is acting: set once where a request, task or command begins, read by `audit.services.record()`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["employee", "operator", "service", "system", "anonymous"]


@dataclass(frozen=True)
class Actor:
    """The origin of an action. `label` is a pseudonym such as `employee:17`, never a name or an e-mail address."""

    kind: ActorKind
    label: str
    request_id: str = ""


SYSTEM = Actor(kind="system", label="system")
ANONYMOUS = Actor(kind="anonymous", label="anonymous")

_current: ContextVar[Actor] = ContextVar("audit_actor", default=SYSTEM)


def current_actor() -> Actor:
    """The actor of the running request, task or command; the system when none was set."""
    return _current.get()


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Everything recorded inside the block is attributed to `actor`."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)


def become(actor: Actor) -> None:
    """Attribute what follows to `actor`, until the enclosing `acting_as` block ends.

    For the token gate, which learns in the middle of a request who is acting. The enclosing block of every request is
    `ragsite.middleware.ActorMiddleware`, so the thread's next request begins as nobody again.
    """
    _current.set(actor)
