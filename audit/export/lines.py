"""One row as one line of JSON, and back, without losing what is hashed."""

import json
from datetime import UTC, datetime, timedelta

from audit.chain import canonical
from audit.chain.canonical import Body
from audit.chain.reading import Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# `details` stands last, as PostgreSQL prints it: read and written again its numbers could look different. No string
# before it can hold these characters, as quotes in a string are escaped.
_DETAILS = ',"details":'
_PLAIN = [name for name in Body._fields if name not in ("at", "details")]
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class BadLine(ValueError):
    """The line is no row of an export."""


def line_of(row: Row) -> bytes:
    """The row's line, with its end."""
    values = {
        "sequence": row.sequence,
        "id": row.row_id,
        "at": (_EPOCH + timedelta(microseconds=row.body.at)).isoformat(),
        **{name: getattr(row.body, name) for name in _PLAIN},
        "previous_hash": row.previous.hex(),
        "row_hash": row.row_hash.hex(),
    }
    return f"{_dump(values)[:-1]}{_DETAILS}{row.body.details}}}\n".encode()


def row_of(line: bytes) -> Row:
    """The row of a line.

    :raises BadLine: when it is none.
    """
    try:
        head, found, details = line.decode().rstrip("\n").partition(_DETAILS)
        values = json.loads(head + "}")
        if not found or not details.endswith("}"):
            raise ValueError
        at = canonical.microseconds(datetime.fromisoformat(values["at"]))
        body = Body(at=at, details=details[:-1], **{name: values[name] for name in _PLAIN})
        return Row(
            row_id=int(values["id"]),
            sequence=int(values["sequence"]),
            previous=bytes.fromhex(values["previous_hash"]),
            row_hash=bytes.fromhex(values["row_hash"]),
            body=body,
        )
    except (ValueError, KeyError, TypeError):
        raise BadLine("a line is no row of an audit log") from None
