"""The head of a chain as this process last saw it: a row that stands alone is then written in one message, not two.

The message takes the head's lock, makes PostgreSQL refuse unless the head is still the remembered one, and only then
inserts. So what is remembered may be wrong, after another process wrote or a backup was restored: that costs a message
and nothing else. Where another process writes all the time it is not tried again and again.
"""

import os
import threading
from dataclasses import dataclass, field
from typing import Any

from psycopg import errors

from audit.chain import head
from audit.chain.head import Head, Pending, Statement

# After so many misses in a row it is tried once in this many rows.
_MOST_SKIPPED = 255


@dataclass(slots=True)
class _Place:
    """One company's head. Its lock lets one thread rely on the head; the others would find it moved."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    head: Head | None = None
    misses: int = 0
    to_skip: int = 0


_places: dict[tuple[str, str], _Place] = {}


def remember(connection: Any, heads: dict[str, Head]) -> None:
    """These rows are committed and the last of their companies."""
    for schema, last in heads.items():
        _place(connection, schema).head = last


def write(connection: Any, row: Pending, along: list[Statement]) -> bool:
    """Write the row and what goes along in a transaction of their own, in one message.

    False when it was not tried or the head has moved: then nothing happened, and the connection is in no transaction.
    """
    place = _place(connection, row.schema)
    if place.head is None or _skips(place) or not place.lock.acquire(timeout=head.LOCK_TIMEOUT_MS / 1000):
        return False
    try:
        if place.head is None:
            return False
        raw = connection.connection
        sql, parameters, last = head.in_one_message(row=row, last=place.head, along=along)
        try:
            with raw.cursor() as cursor:
                cursor.execute(sql, parameters)
        except errors.DivisionByZero:
            raw.rollback()
            place.head = None
            place.misses += 1
            place.to_skip = min(2**place.misses, _MOST_SKIPPED)
            return False
        except BaseException:
            place.head = None
            raise
        place.head, place.misses = last, 0
        return True
    finally:
        place.lock.release()


def _skips(place: _Place) -> bool:
    if place.to_skip <= 0:
        return False
    place.to_skip -= 1
    return True


def _place(connection: Any, schema: str) -> _Place:
    return _places.setdefault((connection.settings_dict["NAME"], schema), _Place())


# A thread that held a lock does not exist in a forked worker.
os.register_at_fork(after_in_child=_places.clear)
