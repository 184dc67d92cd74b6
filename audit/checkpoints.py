"""Signed checkpoints of a log in the file store: what a chain alone cannot show, a cut tail and an older copy.

One small file each, `audit-checkpoints/<owner>/<thousands>/<number>.json`, written at most once a minute, never again.
A checkpoint covers every row up to its own: its hash commits to all before it. Rows younger than the last one can be
cut unseen; write one at once where that matters (`manage.py verify_audit --checkpoint`).
"""

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from audit import places
from audit.chain import keys
from audit.chain.head import table
from audit.models import AuditCheckpoint

log = structlog.get_logger(__name__)

PREFIX = "audit-checkpoints"
_PURPOSE = "checkpoint"
_IN_A_FOLDER = 1000
# As audit.chain.head's, with "CKPT" in the upper half.
_LOCK_SPACE = 0x434B5054 << 32


class CheckpointRefused(RuntimeError):
    """The file store holds checkpoints that this log does not fit: it was cut, or the database is an older copy."""


@dataclass(frozen=True)
class Checkpoint:
    """What one file says. `position` is the database's transaction counter: in an older copy of it, it is lower."""

    format: int
    owner: str
    schema: str
    number: int
    sequence: int
    row_hash: str
    at: str
    position: int
    previous: str
    key: str
    signature: str = ""

    def content(self) -> bytes:
        """What is signed."""
        return _text(replace(self, signature=""))

    def as_bytes(self) -> bytes:
        """The file."""
        return _text(self)

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True)
class Stored:
    """A file of the store. `checkpoint` is None when it is not one that this installation signed."""

    number: int
    checkpoint: Checkpoint | None


def write(*, now: datetime) -> Checkpoint | None:
    """Put down how far the current schema's log has come, unless the last checkpoint says it already.

    Asks the store once even when there is nothing new, so that a database that was set back is noticed.

    :raises CheckpointRefused: when the store holds a later checkpoint that the log does not fit. One with the present
        state is written all the same, behind it, so that what comes is covered.
    """
    owner, schema = places.owner(), places.schema()
    with transaction.atomic():
        last, head = _last_and_head(schema)
        number = (last.number if last is not None else 0) + 1
        known = last.digest if last is not None else ""
        complaint = _later_files(owner, schema, number=number)
        if complaint.adopted is not None:
            _keep(complaint.adopted)
            number, known = complaint.adopted.number + 1, _digest(complaint.adopted)
            last_sequence: int | None = complaint.adopted.sequence
        else:
            last_sequence = last.sequence if last is not None else None
        if complaint.highest:
            number = complaint.highest + 1
        if head is None or (head[0] == last_sequence and not complaint.highest):
            made = None
        else:
            made = _signed(
                Checkpoint(
                    format=1,
                    owner=owner,
                    schema=schema,
                    number=number,
                    sequence=head[0],
                    row_hash=head[1].hex(),
                    at=now.isoformat(),
                    position=head[2],
                    previous=known,
                    key=keys.current().key_id.hex(),
                )
            )
            _store(made)
            _keep(made)
    if complaint.highest:
        log.error("audit_log_set_back", owner=owner, checkpoint=complaint.highest)
        raise CheckpointRefused(
            f"checkpoint {complaint.highest} of {owner} is later than the log: it was cut, or is of an older copy"
        )
    return made


def numbers(*, owner: str) -> list[int]:
    """The numbers of all checkpoints in the store, ascending. Lists every folder of a thousand.

    :raises OSError, botocore.exceptions.BotoCoreError: when the store cannot be read.
    """
    try:
        folders, _ = default_storage.listdir(f"{PREFIX}/{owner}")
    except FileNotFoundError:
        return []
    found = []
    for folder in folders:
        _, files = default_storage.listdir(f"{PREFIX}/{owner}/{folder}")
        found += [int(name.removesuffix(".json")) for name in files if name.removesuffix(".json").isdecimal()]
    return sorted(found)


def read(*, owner: str, number: int) -> Stored:
    """One file, and what it says if it is what was written there."""
    try:
        with default_storage.open(_key(owner, number)) as source:
            content = source.read()
        checkpoint = Checkpoint(**json.loads(content))
    except FileNotFoundError:
        return Stored(number=number, checkpoint=None)
    except (ValueError, TypeError):
        return Stored(number=number, checkpoint=None)
    good = (
        content == checkpoint.as_bytes()
        and (checkpoint.owner, checkpoint.number) == (owner, number)
        and _is_signed(checkpoint)
    )
    return Stored(number=number, checkpoint=checkpoint if good else None)


def position() -> int:
    """The database's transaction counter: the number that the next transaction would get."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (found,) = cursor.fetchone()
    return int(found)


@dataclass(frozen=True)
class _Later:
    """Files with numbers that the database has not given: the last one's number if they do not fit, or the one."""

    highest: int = 0
    adopted: Checkpoint | None = None


def _later_files(owner: str, schema: str, *, number: int) -> _Later:
    if not default_storage.exists(_key(owner, number)):
        return _Later()
    checkpoint = read(owner=owner, number=number).checkpoint
    only_one = not default_storage.exists(_key(owner, number + 1))
    if checkpoint is not None and only_one and _hash_at(schema, checkpoint.sequence) == checkpoint.row_hash:
        # Its writer ended between the file and the COMMIT.
        return _Later(adopted=checkpoint)
    return _Later(highest=numbers(owner=owner)[-1])


def _last_and_head(schema: str) -> tuple[AuditCheckpoint | None, tuple[int, bytes, int] | None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({_LOCK_SPACE} + '{table(schema)}'::regclass::oid::bigint)")
        last = AuditCheckpoint.objects.order_by("-number").first()
        cursor.execute(
            f"SELECT sequence, row_hash, pg_snapshot_xmax(pg_current_snapshot())::text::bigint "  # noqa: S608
            f"FROM {table(schema)} WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return last, None if row is None else (row[0], bytes(row[1]), row[2])


def _hash_at(schema: str, sequence: int) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT row_hash FROM {table(schema)} WHERE sequence = %s", [sequence])  # noqa: S608
        row = cursor.fetchone()
    return None if row is None else bytes(row[0]).hex()


def _signed(checkpoint: Checkpoint) -> Checkpoint:
    return replace(checkpoint, signature=keys.current().sign(content=checkpoint.content(), purpose=_PURPOSE))


def _is_signed(checkpoint: Checkpoint) -> bool:
    try:
        key = keys.known().get(bytes.fromhex(checkpoint.key))
    except (ValueError, TypeError):
        return False
    return key is not None and keys.is_signed(
        content=checkpoint.content(), purpose=_PURPOSE, signature=checkpoint.signature, public=key.public
    )


def _store(checkpoint: Checkpoint) -> None:
    key = _key(checkpoint.owner, checkpoint.number)
    stored = default_storage.save(key, ContentFile(checkpoint.as_bytes()))
    if stored != key:
        # Somebody was there first; the store never overwrites. Where deleting is forbidden, the file beside it stays.
        with contextlib.suppress(Exception):
            default_storage.delete(stored)
        raise CheckpointRefused(f"{key} exists")


def _keep(checkpoint: Checkpoint) -> None:
    AuditCheckpoint.objects.create(
        number=checkpoint.number,
        at=checkpoint.moment,
        sequence=checkpoint.sequence,
        row_hash=bytes.fromhex(checkpoint.row_hash),
        digest=_digest(checkpoint),
    )


def _digest(checkpoint: Checkpoint) -> str:
    return hashlib.sha256(checkpoint.as_bytes()).hexdigest()


def _key(owner: str, number: int) -> str:
    return f"{PREFIX}/{owner}/{number // _IN_A_FOLDER:09d}/{number:012d}.json"


def _text(checkpoint: Checkpoint) -> bytes:
    return (json.dumps(asdict(checkpoint), sort_keys=True, separators=(",", ":")) + "\n").encode()
