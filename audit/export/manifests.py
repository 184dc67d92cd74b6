"""The manifest: what the rows of an export are, signed."""

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, get_origin

from audit.chain import keys

PURPOSE = "export"
FORMAT = 1


class BadManifest(ValueError):
    """The text is no manifest, or not byte for byte the one that was written."""


@dataclass(frozen=True)
class Manifest:
    """Everything that a reader has to know about the rows. `previous_hash` is that of the row before the first."""

    format: int
    owner: str
    schema: str
    exported_at: str
    exported_by: str
    reason: str
    start: str
    end: str
    rows: int
    first_sequence: int
    last_sequence: int
    previous_hash: str
    first_hash: str
    last_hash: str
    compressed: bool
    size_bytes: int
    sha256: str
    findings: list[str]
    key: str
    public_key: str
    signature: str = ""

    def signed(self) -> "Manifest":
        """With the current key's signature."""
        key = keys.current()
        named = replace(self, key=key.key_id.hex(), public_key=key.public)
        return replace(named, signature=key.sign(content=named._content(), purpose=PURPOSE))

    def is_signed_by(self, public: str) -> bool:
        """Whether the holder of this public key's other half signed it."""
        return keys.is_signed(content=self._content(), purpose=PURPOSE, signature=self.signature, public=public)

    def as_bytes(self) -> bytes:
        return (json.dumps(asdict(self), indent=2, sort_keys=True) + "\n").encode()

    def _content(self) -> bytes:
        return replace(self, signature="").as_bytes()


def parse(content: bytes) -> Manifest:
    """The manifest of these bytes.

    :raises BadManifest: unless they are exactly what `as_bytes` gives.
    """
    try:
        values: dict[str, Any] = json.loads(content)
        manifest = Manifest(**values)
        kinds: dict[str, Any] = {one.name: get_origin(one.type) or one.type for one in fields(Manifest)}
        if any(not isinstance(values[name], kind) for name, kind in kinds.items() if name in values):
            raise TypeError
        same = manifest.as_bytes() == content
    except (ValueError, TypeError, RecursionError):
        raise BadManifest("this is no manifest of an audit export") from None
    if not same:
        raise BadManifest("the manifest was changed")
    return manifest


@dataclass(frozen=True)
class Exported:
    """What was written. `findings` tells what is wrong with the chain of these rows; normally nothing."""

    rows: int
    first_sequence: int
    last_sequence: int
    sha256: str
    findings: tuple[str, ...]
    manifest: bytes
    file_name: str
