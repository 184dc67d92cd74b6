"""A file that somebody brings: is it what was exported, and of the log that it was brought for? Each check is a row."""

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from audit import places
from audit import services as audit
from audit.export.checking import Checked, check_file

VERIFY_VERB = "audit.verify_export"
_PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Presented:
    """A checked file. `sha256` is that of the file as it was brought; `is_of_wanted_log` says nothing unless sound."""

    checked: Checked
    sha256: str
    is_of_wanted_log: bool

    @property
    def is_accepted(self) -> bool:
        return self.checked.is_sound and self.is_of_wanted_log

    @property
    def exported_at(self) -> datetime | None:
        """When it was exported; None for a file that is not sound, whose word is worth nothing."""
        manifest = self.checked.manifest
        return datetime.fromisoformat(manifest.exported_at) if manifest and self.checked.is_sound else None

    @property
    def outcome(self) -> str:
        if self.is_accepted:
            return audit.Outcome.SUCCESS
        return audit.Outcome.REFUSED if self.checked.is_sound else audit.Outcome.FAILED

    def target(self, *, owner: str) -> str:
        """The rows of this owner's log that the file holds; empty when it holds none of them."""
        manifest = self.checked.manifest
        if manifest is None or not self.is_accepted or manifest.owner != owner:
            return ""
        return f"audit_logs:{manifest.first_sequence}-{manifest.last_sequence}"

    @property
    def details(self) -> dict[str, Any]:
        """For the row of the check. What a file that is not sound says of itself is left out: anybody can write it."""
        found: dict[str, Any] = {
            "rows": self.checked.rows,
            "problems": len(self.checked.problems),
            "sha256": self.sha256,
        }
        manifest = self.checked.manifest
        if manifest is not None and self.checked.is_sound:
            names = ("owner", "first_sequence", "last_sequence", "exported_at")
            found |= {name: getattr(manifest, name) for name in names}
        return found


def check(*, source: Any, owner: str = "") -> Presented:
    """Check an uploaded archive; records nothing. `owner`: whose log it has to be (see `audit.places`), "" for any.

    :raises audit.chain.keys.NoChainKey: when no key is configured.
    """
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        with path.open("wb") as copy:
            while piece := source.read(_PIECE_BYTES):
                digest.update(piece)
                copy.write(piece)
        checked = check_file(path)
    is_wanted = not owner or (checked.manifest is not None and checked.manifest.owner == owner)
    return Presented(checked=checked, sha256=digest.hexdigest(), is_of_wanted_log=is_wanted)


def check_and_record(*, source: Any, reason: str) -> Presented:
    """Check a file that was brought to the current schema's log, and record there with which result.

    A company's log takes its own exports only. The platform's looks at any: whose it is stands in the row.

    :raises audit.chain.keys.NoChainKey: when no key is configured.
    """
    owner = places.owner()
    found = check(source=source, owner="" if owner == places.PLATFORM else owner)
    with transaction.atomic():
        record(found, reason=reason)
    return found


def record(found: Presented, *, reason: str) -> None:
    """The row of the check in the current schema's log, in the open transaction."""
    audit.record(
        verb=VERIFY_VERB,
        target=found.target(owner=places.owner()),
        outcome=found.outcome,
        reason=reason,
        digest=found.sha256,
        details=found.details,
    )
