"""The two files of an export in one .zip, the same bytes each time: so a changed byte is seen wherever it is."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

DATA_NAME = "audit.jsonl.gz"
MANIFEST_NAME = "manifest.json"
_PIECE_BYTES = 1024 * 1024
_MOST_BYTES_OF_MANIFEST = 1024 * 1024
_CHANGED = "bytes of the archive were changed, or it is cut off"


class BadArchive(ValueError):
    """The file is no archive of an export, or not byte for byte the one that was written."""


def pack(*, out: BinaryIO, data: BinaryIO, manifest: bytes) -> None:
    """Write the archive. Nothing is compressed again, and every date is the same."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        with archive.open(_entry(DATA_NAME), "w", force_zip64=True) as entry:
            shutil.copyfileobj(data, entry, _PIECE_BYTES)
        archive.writestr(_entry(MANIFEST_NAME), manifest)


@contextmanager
def unpacked(source: BinaryIO) -> Iterator[tuple[BinaryIO, bytes]]:
    """The rows' file and the manifest.

    :raises BadArchive: unless packing them again gives the same bytes.
    """
    with tempfile.TemporaryFile() as data, tempfile.TemporaryFile() as again:
        try:
            with zipfile.ZipFile(source) as archive:
                _check_entries(archive, bytes_of_file=_size(source))
                with archive.open(DATA_NAME) as entry:
                    shutil.copyfileobj(entry, data, _PIECE_BYTES)
                manifest = archive.read(MANIFEST_NAME)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
            if isinstance(error, BadArchive):
                raise
            raise BadArchive(_CHANGED if _begins_as_archive(source) else "this is not an archive") from error
        data.seek(0)
        pack(out=again, data=data, manifest=manifest)
        if not _same(source, again):
            raise BadArchive(_CHANGED)
        data.seek(0)
        yield data, manifest


def _check_entries(archive: zipfile.ZipFile, *, bytes_of_file: int) -> None:
    """Before anything is unpacked: two entries, none of them larger than the file they are stored in.

    :raises BadArchive: saying which of this is not so.
    """
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > 2:
        raise BadArchive(f"too many entries: {len(entries)}, an export has two")
    sizes = {entry.filename: entry.file_size for entry in entries}
    if any(size > bytes_of_file for size in sizes.values()) or sizes.get(MANIFEST_NAME, 0) > _MOST_BYTES_OF_MANIFEST:
        raise BadArchive("too large entries: larger than an export of this size holds")
    if DATA_NAME in names and MANIFEST_NAME not in names:
        raise BadArchive("the manifest is missing")
    if names != [DATA_NAME, MANIFEST_NAME]:
        raise BadArchive("this is an archive, but none of an audit export")


def _size(source: BinaryIO) -> int:
    return source.seek(0, 2)


def _begins_as_archive(source: BinaryIO) -> bool:
    source.seek(0)
    return source.read(2) == b"PK"


def _same(one: BinaryIO, other: BinaryIO) -> bool:
    one.seek(0)
    other.seek(0)
    while True:
        left, right = one.read(_PIECE_BYTES), other.read(_PIECE_BYTES)
        if left != right:
            return False
        if not left:
            return True


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3
    entry.external_attr = 0o600 << 16
    return entry
