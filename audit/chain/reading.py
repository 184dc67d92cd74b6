"""Rows of a log as they are hashed: in pages, in the order of the chain, without the ORM."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from audit.chain.canonical import Body
from audit.chain.head import table

PAGE_ROWS = 5000
# As audit.chain.canonical.Body has them.
_BODY = (
    "(extract(epoch FROM at) * 1000000)::bigint, actor_kind, actor, verb, target, outcome, reason, request_id, "
    "prompt_version, model_version, confidence, digest, details::text, "
    "CASE WHEN sealed_content IS NULL THEN '' ELSE encode(sha256(sealed_content), 'hex') END, subject_key_id"
)
_WIDTH = len(Body._fields)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a log."""

    row_id: int
    sequence: int
    previous: bytes
    row_hash: bytes
    body: Body


def rows(cursor: Any, *, schema: str, after: int, through: int) -> Iterator[Row]:
    """Rows with a sequence above `after` and up to `through`, in the order of sequence and id. One query a page.

    Two rows of one sequence both come: a forger may have taken the constraint away.
    """
    last = (after, 2**63 - 1)
    while True:
        cursor.execute(
            f"SELECT {_BODY}, id, sequence, previous_hash, row_hash FROM {table(schema)} "  # noqa: S608
            "WHERE (sequence, id) > (%s, %s) AND sequence <= %s ORDER BY sequence, id LIMIT %s",
            [*last, through, PAGE_ROWS],
        )
        page = cursor.fetchall()
        for values in page:
            row_id, sequence, previous, row_hash = values[_WIDTH:]
            yield Row(row_id, sequence, bytes(previous or b""), bytes(row_hash or b""), Body(*values[:_WIDTH]))
        if len(page) < PAGE_ROWS:
            return
        last = (page[-1][_WIDTH + 1], page[-1][_WIDTH])


def bodies_by_id(cursor: Any, *, schema: str) -> Iterator[tuple[int, Body]]:
    """Every row's id and body in the order of ids, for rows that are in no chain yet."""
    last = -(2**63)
    while True:
        cursor.execute(
            f"SELECT {_BODY}, id FROM {table(schema)} WHERE id > %s ORDER BY id LIMIT %s",  # noqa: S608
            [last, PAGE_ROWS],
        )
        page = cursor.fetchall()
        for values in page:
            yield values[_WIDTH], Body(*values[:_WIDTH])
        if len(page) < PAGE_ROWS:
            return
        last = page[-1][_WIDTH]
