"""Reading what somebody else sends, without being stuck when nothing comes."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class _Piece(Generic[T]):
    value: T


@dataclass(frozen=True)
class _End:
    error: BaseException | None = None


def read_beside(
    *, open_stream: Callable[[], Iterable[T]], check: Callable[[], None], every_seconds: float
) -> Iterator[T]:
    """What `open_stream()` yields, read in a thread of its own; `check` is asked at least every `every_seconds`.

    When `check` raises, that reaches the caller at once, however long the other side keeps silent; the thread ends when
    it hears of it, or when its own time-out comes. `open_stream` may not touch the database: the thread has no company.
    """
    check()  # before anything is asked of the other side
    pieces: queue.SimpleQueue[_Piece[T] | _End] = queue.SimpleQueue()
    abandoned = threading.Event()
    threading.Thread(
        target=_read, args=(open_stream, pieces, abandoned), name="interruptible-reader", daemon=True
    ).start()
    try:
        while True:
            check()
            try:
                got = pieces.get(timeout=every_seconds)
            except queue.Empty:
                continue
            if isinstance(got, _End):
                if got.error is not None:
                    raise got.error
                return
            yield got.value
    finally:
        abandoned.set()


def _read(
    open_stream: Callable[[], Iterable[T]], pieces: "queue.SimpleQueue[_Piece[T] | _End]", abandoned: threading.Event
) -> None:
    try:
        stream = open_stream()
        try:
            for piece in stream:
                if abandoned.is_set():
                    return
                pieces.put(_Piece(piece))
        finally:
            close = getattr(stream, "close", None)
            if close is not None:
                close()
        pieces.put(_End())
    except BaseException as error:  # whatever it is, it is raised again where the pieces are wanted
        pieces.put(_End(error))
