"""How much of this machine one uploaded file may use."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds for one file. The defaults are for handbooks and policies on a small two-core server."""

    # A 900-page handbook is 0.5 MB as DOCX; scans with pictures reach tens of megabytes.
    max_bytes: int = 50 * MIB
    # The longest handbook in our test data has 872 pages.
    max_pages: int = 2000
    # A DOCX is a ZIP archive: what all its entries may unpack to, by their declared sizes and again while reading.
    max_unpacked_bytes: int = 200 * MIB
    # Word writes 15 to 200 entries; one picture is one entry.
    max_entries: int = 5000
    # About 1,500 dense pages; more is a data dump, not a document that people are meant to know.
    max_text_chars: int = 5_000_000
    # The promise to HR is an answer within 60 s, including the queue's own work.
    timeout_seconds: float = 45.0
    # Address space of the child. Resident memory cannot exceed it, so this keeps a file below the promised 512 MB.
    memory_bytes: int = 480 * MIB
