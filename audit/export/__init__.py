"""Exports of an audit log as evidence: rows as JSON lines, and a signed manifest that says what they are.

For a button or an API (one file, to be handed out after the call has returned; it is audited inside):

    write_archive(*, out: BinaryIO, reason: str, start: datetime | None = None, end: datetime | None = None) -> Exported

`out` is empty, binary and seekable (`tempfile.TemporaryFile()`); afterwards it holds a .zip of `audit.jsonl.gz` and
`manifest.json`. `Exported` has rows, first_sequence, last_sequence, sha256, findings (empty: the chain is sound) and
`file_name`, a name to offer. It is about the schema that is worked for, and streams: memory does not grow with the log.

    check_file(path) -> Checked        whether a file is what was exported; works without a database
"""

from audit.export.checking import Checked, check_file
from audit.export.manifests import Exported
from audit.export.writing import EXPORT_VERB, BadPeriod, ReasonMissing, write_archive, write_lines

__all__ = [
    "EXPORT_VERB",
    "BadPeriod",
    "Checked",
    "Exported",
    "ReasonMissing",
    "check_file",
    "write_archive",
    "write_lines",
]
