"""Evidence of an incident: a company's log as a signed file, and whether such a file is what was exported.

Both are an operator's, so both stand in the platform's log; the export in the company's as well.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from audit import export
from audit import services as audit
from tenants import context
from tenants.models import Tenant


@dataclass(frozen=True)
class Verdict:
    """What became of checking a file. `matches`: it is the log of the company that was asked about."""

    file_name: str
    problems: tuple[str, ...]
    rows: int
    schema: str
    exported_at: str
    exported_by: str
    first: int
    last: int

    @property
    def is_sound(self) -> bool:
        return not self.problems


def export_log(*, tenant: Tenant, out: BinaryIO, reason: str) -> export.Exported:
    """Write the company's whole log as a signed archive into `out`. Hand it out only after this has returned.

    :raises audit.services.AuditUnavailable: when it cannot be recorded.
    """
    with context.enter(tenant):
        exported = export.write_archive(out=out, reason=reason)
    with context.enter_platform(), transaction.atomic():
        audit.record(
            verb="tenant.export_audit",
            target=f"tenant:{tenant.uuid}",
            reason=reason,
            digest=exported.sha256,
            details={"rows": exported.rows, "findings": len(exported.findings)},
        )
    return exported


def verify_export(*, tenant: Tenant, upload: UploadedFile, reason: str) -> Verdict:
    """Check signature, digest and chain of an uploaded archive, and that it is this company's log."""
    with _kept(upload) as path:
        checked = export.check_file(path)
    manifest = checked.manifest
    problems = list(checked.problems)
    if manifest is not None and manifest.schema != tenant.schema_name:
        problems.append(f"It is the log of {manifest.schema}, not of {tenant.schema_name}.")
    verdict = Verdict(
        file_name=upload.name or "file",
        problems=tuple(problems),
        rows=checked.rows,
        schema=manifest.schema if manifest else "",
        exported_at=manifest.exported_at[:19].replace("T", " ") if manifest else "",
        exported_by=manifest.exported_by if manifest else "",
        first=manifest.first_sequence if manifest else 0,
        last=manifest.last_sequence if manifest else 0,
    )
    with context.enter_platform(), transaction.atomic():
        audit.record(
            verb="tenant.verify_export",
            target=f"tenant:{tenant.uuid}",
            reason=reason,
            outcome=audit.Outcome.SUCCESS if verdict.is_sound else audit.Outcome.FAILED,
            digest=manifest.sha256 if manifest else "",
            details={"rows": checked.rows, "problems": len(problems)},
        )
    return verdict


@contextmanager
def _kept(upload: UploadedFile) -> Iterator[Path]:
    """The upload as a file with a name that the checker knows, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        with path.open("wb") as target:
            for piece in upload.chunks():
                target.write(piece)
        yield path
