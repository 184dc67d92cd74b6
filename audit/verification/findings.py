"""What a verification says."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What is wrong at a row."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    CUT_TAIL = "cut tail"
    ROLLED_BACK = "rolled back"
    UNKNOWN_KEY = "unknown key"
    CHECKPOINT_FORGED = "checkpoint forged"
    CHECKPOINT_MISSING = "checkpoint missing"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `sequence` is the first row it is about; 0 when it is about no row."""

    kind: Kind
    sequence: int
    message: str

    def __str__(self) -> str:
        place = f"row {self.sequence}" if self.sequence else "no row"
        return f"{self.kind} at {place}: {self.message}"


@dataclass
class Report:
    """The result for one log. `bad_rows` counts more than `findings` lists."""

    owner: str
    schema: str
    rows: int = 0
    first_sequence: int = 0
    last_sequence: int = 0
    checkpoints: int = 0
    seconds: float = 0.0
    bad_rows: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # The last row that the newest checkpoint that fits covers, and when it was written; 0 and "" without one.
    covered: int = 0
    covered_at: str = ""
    # Numbers of the first and last checkpoint that the log does not fit, for `accept_restore`.
    set_back: tuple[int, int] | None = None

    @property
    def is_sound(self) -> bool:
        return not self.findings

    @property
    def not_covered(self) -> str:
        """What "sound" does not say, as a sentence; empty when a checkpoint covers the last row."""
        if self.last_sequence <= self.covered:
            return ""
        if not self.covered:
            return "no row is yet protected against a cut: there is no checkpoint"
        moment = f"{datetime.fromisoformat(self.covered_at):%H:%M:%S} UTC"
        return f"rows after {self.covered} (the last checkpoint, {moment}) are not yet protected against a cut"

    @property
    def first(self) -> Finding | None:
        """The finding with the first bad row; one about no row only when there is no other."""
        return min(self.findings, key=lambda one: (one.sequence == 0, one.sequence), default=None)
