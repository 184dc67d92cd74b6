"""Is a file what was exported? Needs the key (or its public half) and no database."""

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from audit.chain import keys
from audit.export import archives, lines, manifests
from audit.export.manifests import Manifest
from audit.verification.findings import Kind
from audit.verification.walking import Walk

MANIFEST_SUFFIX = ".manifest.json"
_PIECE_BYTES = 1024 * 1024
# A line beyond is none of ours: it is cut there, and refused as no row.
_MOST_BYTES_OF_ROW = 64 * 1024 * 1024


@dataclass(frozen=True)
class Checked:
    """The result. `problems` is empty when every byte is as it was exported."""

    problems: tuple[str, ...]
    manifest: Manifest | None
    rows: int

    @property
    def is_sound(self) -> bool:
        return not self.problems


def check_file(path: Path, *, public_key: str = "") -> Checked:
    """Check an archive, or a file of lines with its manifest beside it (or that manifest).

    With AUDIT_CHAIN_KEY configured the signature and every row's hash are verified; with `public_key` only the
    signature, the digest and the links from row to row, which is what somebody outside can do.
    """
    try:
        with ExitStack() as stack:
            data, text = _open(path, stack)
            manifest = manifests.parse(text)
            return _check(data, manifest, public_key=public_key)
    except (archives.BadArchive, manifests.BadManifest, lines.BadLine) as error:
        return Checked(problems=(str(error),), manifest=None, rows=0)
    except FileNotFoundError as error:
        name = Path(error.filename or path).name
        what = "the manifest is missing: " if name.endswith(MANIFEST_SUFFIX) else ""
        return Checked(problems=(f"{what}{name}: {error.strerror}",), manifest=None, rows=0)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "it is cut off or no compressed file"
        return Checked(
            problems=(f"{Path(getattr(error, 'filename', None) or path).name}: {reason}",), manifest=None, rows=0
        )


def _open(path: Path, stack: ExitStack) -> tuple[BinaryIO, bytes]:
    if path.name.endswith(MANIFEST_SUFFIX):
        path = path.with_name(path.name.removesuffix(MANIFEST_SUFFIX))
    source = stack.enter_context(path.open("rb"))
    if path.suffix == ".zip" or zipfile.is_zipfile(path):
        return stack.enter_context(archives.unpacked(source))
    return source, path.with_name(path.name + MANIFEST_SUFFIX).read_bytes()


def _check(data: BinaryIO, manifest: Manifest, *, public_key: str) -> Checked:
    problems = _problems_of_signature(manifest, public_key)
    digest, size = hashlib.sha256(), 0
    while piece := data.read(_PIECE_BYTES):
        digest.update(piece)
        size += len(piece)
    if (digest.hexdigest(), size) != (manifest.sha256, manifest.size_bytes):
        # Nothing in it can be believed; it is read for the first row that does not fit only.
        named = _first_changed(data, manifest) if not public_key else ""
        return Checked(problems=(named or "bytes of the rows were changed", *problems), manifest=manifest, rows=0)
    data.seek(0)
    walk, more = _walk(data, manifest, with_hashes=not public_key)
    return Checked(problems=(*problems, *more), manifest=manifest, rows=walk)


def _problems_of_signature(manifest: Manifest, public_key: str) -> list[str]:
    if public_key:
        public = public_key
    else:
        try:
            key = keys.known().get(bytes.fromhex(manifest.key))
        except ValueError:
            key = None
        if key is None:
            return [f"signed under key {manifest.key[:16]}, which is not configured"]
        public = key.public
    problems = [] if manifest.is_signed_by(public) else ["the manifest's signature is not of this installation"]
    if manifest.public_key != public:
        problems.append("the manifest names another public key")
    return problems


def _first_changed(data: BinaryIO, manifest: Manifest) -> str:
    """The first row that was changed, in words; empty when the bytes do not read as rows or every row fits."""
    walk = Walk(schema=manifest.schema, keys=keys.known(), start=max(1, manifest.first_sequence))
    data.seek(0)
    try:
        for row in _rows(data, compressed=manifest.compressed):
            if not _fits(walk, row):
                return f"row {row.sequence} was changed"
    except (lines.BadLine, OSError, EOFError, zlib.error):
        return ""
    return ""


def _fits(walk: Walk, row: lines.Row) -> bool:
    try:
        return walk.judge(row)
    except (ValueError, TypeError, OverflowError, RecursionError):  # a value that no row has
        return False


def _walk(data: BinaryIO, manifest: Manifest, *, with_hashes: bool) -> tuple[int, list[str]]:
    known = keys.known() if with_hashes else {}
    walk = Walk(schema=manifest.schema, keys=known, start=max(1, manifest.first_sequence))
    count, previous, first, last, sequence = 0, manifest.previous_hash, "", "", 0
    broken = 0
    for row in _rows(data, compressed=manifest.compressed):
        broken += row.previous.hex() != previous
        previous = last = row.row_hash.hex()
        first, sequence, count = first or last, row.sequence, count + 1
        if with_hashes and not _fits(walk, row) and not walk.findings:
            raise lines.BadLine(f"row {row.sequence} was changed")
    walk.finish()
    problems = []
    told = (manifest.rows, manifest.first_hash, manifest.last_hash, manifest.last_sequence)
    if told != (count, first, last, sequence):
        problems.append("rows, first or last hash are not those of the manifest")
    found = [str(one) for one in walk.findings]
    if manifest.findings:
        problems.append(f"the log was unsound when it was exported: {manifest.findings[0]}")
    elif found:
        worst = walk.findings[0]
        changed = [f"row {worst.sequence} was changed"] if worst.kind is Kind.CHANGED else []
        problems += [*changed, found[0]]
    elif broken:
        problems.append(f"{broken} rows do not follow the row before them")
    return count, problems


def _rows(data: BinaryIO, *, compressed: bool) -> Iterator[lines.Row]:
    source = gzip.GzipFile(fileobj=data, mode="rb") if compressed else data
    while line := source.readline(_MOST_BYTES_OF_ROW):
        yield lines.row_of(line)
