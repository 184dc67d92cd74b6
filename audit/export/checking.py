"""Is a file what was exported? Needs the key (or its public half) and no database."""

import gzip
import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from audit.chain import keys
from audit.export import archives, lines, manifests
from audit.export.manifests import Manifest
from audit.verification.walking import Walk

MANIFEST_SUFFIX = ".manifest.json"
_PIECE_BYTES = 1024 * 1024


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
    except (OSError, EOFError, gzip.BadGzipFile) as error:
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
        # Nothing in it can be believed, so it is not read.
        return Checked(problems=(*problems, "the rows are not those of the manifest"), manifest=manifest, rows=0)
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


def _walk(data: BinaryIO, manifest: Manifest, *, with_hashes: bool) -> tuple[int, list[str]]:
    known = keys.known() if with_hashes else {}
    walk = Walk(schema=manifest.schema, keys=known, start=max(1, manifest.first_sequence))
    count, previous, first, last, sequence = 0, manifest.previous_hash, "", "", 0
    broken = 0
    for row in _rows(data, compressed=manifest.compressed):
        broken += row.previous.hex() != previous
        previous = last = row.row_hash.hex()
        first, sequence, count = first or last, row.sequence, count + 1
        if with_hashes:
            walk.judge(row)
    walk.finish()
    problems = []
    told = (manifest.rows, manifest.first_hash, manifest.last_hash, manifest.last_sequence)
    if told != (count, first, last, sequence):
        problems.append("rows, first or last hash are not those of the manifest")
    found = [str(one) for one in walk.findings]
    if manifest.findings:
        problems.append(f"the log was unsound when it was exported: {manifest.findings[0]}")
    elif found:
        problems.append(found[0])
    elif broken:
        problems.append(f"{broken} rows do not follow the row before them")
    return count, problems


def _rows(data: BinaryIO, *, compressed: bool) -> Iterator[lines.Row]:
    source = gzip.GzipFile(fileobj=data, mode="rb") if compressed else data
    for line in source:
        yield lines.row_of(line)
