"""What a tool gives back: lines to read, the rows and steps that prove them, or what it would do after a click.

Plain values that are stored (sealed) with the answer and shown again from there, never computed anew.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

# done: from the record. proposed: nothing has happened yet. asked: something is missing. denied: not for this person.
# empty: the record does not say. unavailable: it could not be read.
Status = Literal["done", "proposed", "asked", "denied", "empty", "unavailable"]
VERSION = 1


@dataclass(frozen=True)
class Row:
    """A row of the record that proves the lines. `facts` are (label, value); `href` leads to its page, if any."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    href: str = ""


@dataclass(frozen=True)
class Missing:
    """What the form asks for, with what is known already. Days are ISO, empty when unknown."""

    first_day: str = ""
    last_day: str = ""
    types: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ToolResult:
    """The part of an answer that comes from the person's record.

    `lines` are sentences; `steps` the computation, line by line; `proposal_id` and `proposal_digest` name what waits
    for a click; `links` are (label, path) of our own pages; `reason` is a stable code when nothing was read.
    """

    tool: str
    status: Status
    title: str
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    steps: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    proposal_id: str = ""
    proposal_digest: str = ""
    missing: Missing | None = None

    @property
    def text(self) -> str:
        return " ".join(self.lines)


def to_json(result: ToolResult) -> dict[str, Any]:
    """As it is sealed and as the API says it."""
    return {"version": VERSION, **asdict(result)}


def from_json(stored: Mapping[str, Any]) -> ToolResult:
    """The result that `to_json` made, also of an older version."""
    missing = stored.get("missing")
    return ToolResult(
        tool=stored["tool"],
        status=stored["status"],
        title=stored["title"],
        lines=tuple(stored.get("lines", ())),
        rows=tuple(
            Row(title=row["title"], facts=_pairs(row.get("facts")), href=row.get("href", ""))
            for row in stored.get("rows", ())
        ),
        steps=tuple(stored.get("steps", ())),
        links=_pairs(stored.get("links")),
        reason=stored.get("reason", ""),
        proposal_id=stored.get("proposal_id", ""),
        proposal_digest=stored.get("proposal_digest", ""),
        missing=Missing(missing["first_day"], missing["last_day"], _pairs(missing["types"])) if missing else None,
    )


def _pairs(stored: Any) -> tuple[tuple[str, str], ...]:
    return tuple((label, value) for label, value in stored or ())
