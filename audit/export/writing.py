"""Writing an export: rows, manifest, and the audit row that says who has it."""

import gzip
import hashlib
import tempfile
from datetime import datetime
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.utils import timezone

from audit import actors, covering, places
from audit import services as audit
from audit.chain import keys, reading
from audit.chain.head import table
from audit.export import archives
from audit.export.lines import line_of
from audit.export.manifests import FORMAT, Exported, Manifest
from audit.verification.logs import lookup
from audit.verification.walking import Walk

EXPORT_VERB = "audit.export"


class ReasonMissing(ValueError):
    """An export leaves the house; without a reason there is none."""


class BadPeriod(ValueError):
    """The period ends before it begins, or a moment has no time zone."""


def write_archive(
    *, out: BinaryIO, reason: str, start: datetime | None = None, end: datetime | None = None
) -> Exported:
    """Write a .zip of the current schema's rows from `start` until before `end`, with a signed manifest. Audited.

    Hand it out after this has returned, never before. Rows come whole from the first to the last of the period, in the
    order of the chain, which is verified on the way; a broken one is exported all the same and the manifest says so.

    :param out: empty, binary, seekable.
    :raises ReasonMissing, BadPeriod: before anything is read.
    :raises audit.services.AuditUnavailable: when it cannot be audited; what `out` holds must not be used then.
    """
    with tempfile.TemporaryFile() as data:
        exported = _write(out=data, reason=reason, start=start, end=end, compressed=True)
        data.seek(0)
        archives.pack(out=out, data=data, manifest=exported.manifest)
    return exported


def write_lines(
    *, out: BinaryIO, reason: str, start: datetime | None = None, end: datetime | None = None, compressed: bool
) -> Exported:
    """As `write_archive`, but the rows only, as JSON lines; the manifest is in the result, for a file beside them."""
    return _write(out=out, reason=reason, start=start, end=end, compressed=compressed)


def _write(*, out: BinaryIO, reason: str, start: datetime | None, end: datetime | None, compressed: bool) -> Exported:
    reason = reason.strip()
    if not reason:
        raise ReasonMissing("an export needs a reason")
    _check_period(start, end)
    now = timezone.now()
    counted = _Counted(out)
    walk, previous, first = _write_rows(counted, start=start, end=end, compressed=compressed)
    findings = [str(one) for one in walk.findings]
    last = walk.last
    manifest = Manifest(
        format=FORMAT,
        owner=places.owner(),
        schema=places.schema(),
        exported_at=now.isoformat(),
        exported_by=actors.current_actor().label,
        reason=reason,
        start=start.isoformat() if start else "",
        end=end.isoformat() if end else "",
        rows=walk.rows,
        first_sequence=first[0],
        last_sequence=last.sequence if last else 0,
        previous_hash=previous,
        first_hash=first[1],
        last_hash=last.row_hash.hex() if last else "",
        compressed=compressed,
        size_bytes=counted.bytes,
        sha256=counted.digest.hexdigest(),
        findings=findings,
        key="",
        public_key="",
    ).signed()
    with transaction.atomic():
        audit.record(
            verb=EXPORT_VERB,
            target=f"audit_logs:{manifest.first_sequence}-{manifest.last_sequence}",
            reason=reason,
            digest=manifest.sha256,
            details={"rows": manifest.rows, "from": manifest.start, "to": manifest.end, "findings": len(findings)},
        )
        covering.cover_at_once()
    return Exported(
        rows=manifest.rows,
        first_sequence=manifest.first_sequence,
        last_sequence=manifest.last_sequence,
        sha256=manifest.sha256,
        findings=tuple(findings),
        manifest=manifest.as_bytes(),
        file_name=f"audit-{manifest.schema}-{now:%Y%m%d-%H%M%S}.zip",
    )


def _check_period(start: datetime | None, end: datetime | None) -> None:
    if any(moment is not None and moment.tzinfo is None for moment in (start, end)):
        raise BadPeriod("a moment of the period has no time zone")
    if start is not None and end is not None and end <= start:
        raise BadPeriod("the period ends before it begins")


def _write_rows(
    counted: "_Counted", *, start: datetime | None, end: datetime | None, compressed: bool
) -> tuple[Walk, str, tuple[int, str]]:
    """The walk over the rows, the hash before the first one, and the first one's number and hash."""
    schema = places.schema()
    # No name and no date in the header: the same rows give the same bytes.
    sink: Any = gzip.GzipFile(fileobj=counted, mode="wb", filename="", mtime=0) if compressed else counted
    previous, first = "", (0, "")
    with connection.cursor() as cursor:
        low, high = _bounds(cursor, schema, start, end)
        walk = Walk(schema=schema, keys=keys.known(), lookup=lookup(schema), start=max(1, low))
        if high:
            for row in walk.follow(reading.rows(cursor, schema=schema, after=low - 1, through=high)):
                if not first[0]:
                    previous, first = row.previous.hex(), (row.sequence, row.row_hash.hex())
                sink.write(line_of(row))
    walk.finish()
    if compressed:
        sink.close()
    return walk, previous, first


def _bounds(cursor: Any, schema: str, start: datetime | None, end: datetime | None) -> tuple[int, int]:
    """The first and the last row's sequence, (0, 0) when there is none. Two rows of one moment stay together."""
    cursor.execute(
        f"SELECT min(sequence), max(sequence) FROM {table(schema)} "  # noqa: S608
        "WHERE (%s::timestamptz IS NULL OR at >= %s) AND (%s::timestamptz IS NULL OR at < %s)",
        [start, start, end, end],
    )
    low, high = cursor.fetchone()
    return (0, 0) if low is None else (low, high)


class _Counted:
    """A file that knows how much went into it, and its digest."""

    def __init__(self, out: BinaryIO) -> None:
        self.bytes = 0
        self.digest = hashlib.sha256()
        self._out = out

    def write(self, content: bytes) -> int:
        self.bytes += len(content)
        self.digest.update(content)
        return self._out.write(content)

    def flush(self) -> None:
        self._out.flush()
