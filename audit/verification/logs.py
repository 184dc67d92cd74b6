"""A whole log against its chain and its checkpoints."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from audit import checkpoints, places
from audit.chain import keys, reading
from audit.chain.head import table
from audit.chain.reading import Row
from audit.checkpoints import Checkpoint, Stored
from audit.models import AuditCheckpoint
from audit.verification.findings import Finding, Kind, Report
from audit.verification.walking import Walk

# Read from the store unless all are asked for. The newest that fits shows all rows before it; the rest are listed.
NEWEST_CHECKPOINTS = 1000
ACCEPT_VERB = "audit.accept_restore"
_LOWEST = -(2**63)


def verify(*, all_checkpoints: bool = False, progress: Callable[[int], None] | None = None) -> Report:
    """Verify the current schema's log from its first row to its last, and against the checkpoints. Changes nothing.

    Streams in pages; memory does not grow with the log. Rows that are written meanwhile are left out.

    :raises audit.chain.keys.NoChainKey: when no key is configured.
    """
    started = time.perf_counter()
    report = Report(owner=places.owner(), schema=places.schema())
    # First, so that each of them speaks of rows that are there when the log is read.
    stored = _Stored.load(report, everything=all_checkpoints)
    with connection.cursor() as cursor:
        through = _last_sequence(cursor, report.schema)
        walk = Walk(schema=report.schema, keys=keys.known(), lookup=lookup(report.schema))
        against = _Against(stored.good)
        for row in reading.rows(cursor, schema=report.schema, after=_LOWEST, through=through):
            good = walk.judge(row)
            against.meet(row, good=good)
            if progress is not None and walk.rows % 100_000 == 0:
                progress(walk.rows)
        unnumbered = _unnumbered(cursor, report.schema)
    walk.finish()
    report.rows, report.bad_rows, report.checkpoints = walk.rows, walk.bad_rows, len(stored.numbers)
    report.findings += walk.findings
    if unnumbered:
        report.bad_rows += unnumbered
        report.findings.append(Finding(Kind.INSERTED, 0, f"{unnumbered} rows have no number"))
    report.last_sequence = max(0, through)
    report.first_sequence = 1 if walk.rows else 0
    against.conclude(report, position=checkpoints.position)
    report.notes += against.notes
    if (newest := against.newest_fitting) is not None:
        report.covered, report.covered_at = newest.sequence, newest.at
    report.seconds = time.perf_counter() - started
    return report


@dataclass(frozen=True)
class _Stored:
    """The checkpoints of the store: all numbers, and those that were read and are good."""

    numbers: list[int]
    good: list[Checkpoint]

    @classmethod
    def load(cls, report: Report, *, everything: bool) -> "_Stored":
        try:
            numbers = checkpoints.numbers(owner=report.owner)
            read = [checkpoints.read(owner=report.owner, number=number) for number in _newest(numbers, everything)]
        except Exception as error:  # every store has its own error classes
            message = f"the file store cannot be read ({type(error).__name__})"
            report.findings.append(Finding(Kind.CHECKPOINT_MISSING, 0, message))
            return cls(numbers=[], good=[])
        report.findings += _judge_files(numbers, read)
        return cls(numbers=numbers, good=[one.checkpoint for one in read if one.checkpoint is not None])


def _newest(numbers: list[int], everything: bool) -> list[int]:
    return numbers if everything else numbers[-NEWEST_CHECKPOINTS:]


def _judge_files(numbers: list[int], read: list[Stored]) -> list[Finding]:
    found = []
    known = dict(AuditCheckpoint.objects.values_list("number", "sequence"))
    missing = sorted((set(range(1, max(numbers, default=0) + 1)) | known.keys()) - set(numbers))
    if missing:
        sequence = known.get(missing[0], 0)
        count = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        found.append(Finding(Kind.CHECKPOINT_MISSING, sequence, f"checkpoint {missing[0]}{count} is not in the store"))
    forged = [one.number for one in read if one.checkpoint is None]
    if forged:
        sequence = known.get(forged[0], 0)
        message = f"checkpoint {forged[0]} is not what was written, or signed under a key that is not configured"
        found.append(Finding(Kind.CHECKPOINT_FORGED, sequence, message))
    return found


class _Against:
    """The rows on their way past the checkpoints."""

    def __init__(self, good: list[Checkpoint]) -> None:
        self.notes: list[str] = []
        self._good = good
        self._at: dict[int, list[Checkpoint]] = {}
        for one in good:
            self._at.setdefault(one.sequence, []).append(one)
        self._misfits: list[Checkpoint] = []
        self._fitting = 0
        self.newest_fitting: Checkpoint | None = None
        self._accepted: set[int] = set()
        self._last = 0

    def meet(self, row: Row, *, good: bool) -> None:
        self._last = max(self._last, row.sequence)
        here = self._at.get(row.sequence, ())
        self._misfits += [one for one in here if one.row_hash != row.row_hash.hex()]
        if here and not self._misfits:
            self._fitting = row.sequence
            self.newest_fitting = here[-1]
        if good and row.body.verb == ACCEPT_VERB:
            self._accept(row)

    def _accept(self, row: Row) -> None:
        details = json.loads(row.body.details)
        first, last = int(details.get("first", 1)), int(details.get("last", 0))
        self._accepted |= {one.number for one in self._good if first <= one.number <= last}
        self.notes.append(f"row {row.sequence}: checkpoints {first} to {last} were given up by {row.body.actor}")

    def conclude(self, report: Report, *, position: Callable[[], int]) -> None:
        ahead = [one for one in self._good if one.sequence > self._last and one.number not in self._accepted]
        misfits = [one for one in self._misfits if one.number not in self._accepted]
        numbers = sorted(one.number for one in (*ahead, *misfits))
        report.set_back = (numbers[0], numbers[-1]) if numbers else None
        worst = min((finding.sequence for finding in report.findings if finding.sequence), default=None)
        if ahead:
            latest = max(ahead, key=lambda one: one.sequence)
            first = _first_replaced(report.schema, after=self._fitting, misfit=min((*ahead, *misfits), key=_number))
            first = first or self._last + 1
            # Who only cuts the log leaves the rest of the database as it was.
            forgotten = not AuditCheckpoint.objects.filter(number=latest.number).exists()
            older = bool(misfits) or forgotten or position() < latest.position
            kind = Kind.ROLLED_BACK if older else Kind.CUT_TAIL
            what = "the database is an older copy" if older else "rows were cut off"
            message = f"checkpoint {latest.number} of {latest.at[:19]} has rows up to {latest.sequence}: {what}"
            report.findings.append(Finding(kind, first, message))
        elif misfits and (worst is None or worst > misfits[0].sequence):
            # The chain is sound, but it is another one than was written down.
            first = _first_replaced(report.schema, after=self._fitting, misfit=misfits[0]) or self._fitting + 1
            message = (
                f"row {misfits[0].sequence} is another than in checkpoint {misfits[0].number} of "
                f"{misfits[0].at[:19]}: the log was set back and written on"
            )
            report.findings.append(Finding(Kind.ROLLED_BACK, first, message))


def _first_replaced(schema: str, *, after: int, misfit: Checkpoint) -> int | None:
    """What was written after the log was set back was recorded after the checkpoint that it does not fit."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min(sequence) FROM {table(schema)} WHERE sequence > %s AND sequence <= %s AND at > %s",  # noqa: S608
            [after, misfit.sequence, misfit.moment],
        )
        (found,) = cursor.fetchone()
    return None if found is None else int(found)


def _number(checkpoint: Checkpoint) -> int:
    return checkpoint.number


def _last_sequence(cursor: Any, schema: str) -> int:
    cursor.execute(f"SELECT max(sequence) FROM {table(schema)}")  # noqa: S608
    (found,) = cursor.fetchone()
    return 0 if found is None else int(found)


def _unnumbered(cursor: Any, schema: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {table(schema)} WHERE sequence IS NULL")  # noqa: S608
    (found,) = cursor.fetchone()
    return int(found)


def lookup(schema: str) -> Callable[[bytes], tuple[int, int] | None]:
    """Finds sequence and id of the row with a hash; reads the whole table, so it is for what is wrong only."""

    def find(row_hash: bytes) -> tuple[int, int] | None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT sequence, id FROM {table(schema)} WHERE row_hash = %s LIMIT 1", [row_hash])  # noqa: S608
            return cursor.fetchone()  # type: ignore[no-any-return]

    return find
