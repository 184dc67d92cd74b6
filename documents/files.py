"""The file store: the only module that touches it. Keys are ours and carry the tenant; user file names never do."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage

from tenants import context

_BLOCK_BYTES = 1024 * 1024


class ForeignFile(Exception):
    """A stored key does not carry the current tenant's id. Refused: the second wall disagrees with the first."""


class FileMissing(FileNotFoundError):
    """PostgreSQL knows a file that the store does not have."""


def digest_of(source: BinaryIO) -> tuple[str, int]:
    """SHA-256 (hex) and size in bytes of an open file; leaves it at its start."""
    source.seek(0)
    digest, size = hashlib.sha256(), 0
    while block := source.read(_BLOCK_BYTES):
        digest.update(block)
        size += len(block)
    source.seek(0)
    return digest.hexdigest(), size


def key_of_version(version_id: UUID) -> str:
    """Where a version's original is kept."""
    return context.object_key("documents", str(version_id))


def store(*, key: str, source: BinaryIO) -> None:
    """Write the file under exactly `key`."""
    _check_owner(key)
    source.seek(0)
    stored = default_storage.save(key, File(source))
    if stored != key:  # a storage backend that renames would break "keys are ours"
        default_storage.delete(stored)
        raise FileExistsError(key)
    _write_through(key)


def _write_through(key: str) -> None:
    """A file in a folder is on the disk before a row says so; an object store has it when it says so."""
    try:
        path = default_storage.path(key)
    except NotImplementedError:
        return
    for target in (path, os.path.dirname(path)):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def open_stored(key: str) -> File:
    """The stored file, open for reading.

    :raises ForeignFile: for a key of another tenant.
    :raises FileMissing: when the store does not have it.
    """
    _check_owner(key)
    try:
        return default_storage.open(key, "rb")
    except FileNotFoundError as error:
        raise FileMissing(key) from error


@contextmanager
def local_copy(key: str) -> Iterator[Path]:
    """The stored file as a temporary file on this machine, gone after the block."""
    with open_stored(key) as source, tempfile.NamedTemporaryFile(prefix="ragsite-") as target:
        for block in source.chunks(_BLOCK_BYTES):
            target.write(block)
        target.flush()
        yield Path(target.name)


def remove(key: str) -> None:
    """Delete the file; a missing one is fine."""
    _check_owner(key)
    default_storage.delete(key)


def exists(key: str) -> bool:
    _check_owner(key)
    return default_storage.exists(key)


def all_keys() -> Iterator[str]:
    """Every key that the current tenant has in the store."""
    root = context.object_key("documents")
    try:
        _, names = default_storage.listdir(root)
    except FileNotFoundError:
        return
    for name in names:
        if name:
            yield f"{root}/{name}"


def _check_owner(key: str) -> None:
    if not context.owns_object_key(key):
        raise ForeignFile("a file key of another tenant was asked for")
