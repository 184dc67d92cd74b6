"""What a route leaves in the audit log: the `audit` column of the matrix, and how a call is made that succeeds."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ragsite.tests.matrix.world import World

# Runs in the company's schema; see `Leaves`.
Given = Callable[[World], Mapping[str, Any]]


@dataclass(frozen=True)
class Nothing:
    """No row, because the call is no action and shows nobody's data. Say why."""

    because: str


@dataclass(frozen=True)
class Leaves:
    """One row for each action of the call, in this order, each as "verb" or "verb target".

    In a target `{document}` stands for the id of that name among the matrix' own ids (of `own` or of what `given`
    returns), `{by}` for the pseudonym of who calls, and `*` for anything. The other fields say how the call is made,
    where it is not the matrix' own probe: who calls, which body and query string, which outcome that has, and `given`,
    which makes what has to be there before (in the call's own transaction) and returns ids, more of the body (under
    "body") and another session (under "session").

    `actor_kind` names the kinds of actor that are right, where it is not who calls (a sign-in has nobody before it).
    `shown_by` names the test that shows the same for what cannot be done in a transaction: "file.py::test_name".
    """

    rows: tuple[str, ...]
    by: str = ""
    body: Mapping[str, Any] | None = None
    query: str = ""
    answers: str = ""
    given: Given | None = None
    actor_kind: str = ""
    shown_by: str = ""


def leaves(*rows: str, **how: Any) -> Leaves:
    """A row for each action, with how to come to it: see `Leaves`."""
    return Leaves(rows=rows, **how)


Declared = str | Nothing | Leaves | tuple[Leaves, ...]

HOW_TO_DECLARE = """These routes do or show something and do not say what that leaves in the audit log.
Add to their rows in ragsite/tests/matrix/*_rows.py, for each method or once for all of them:

    audit="paystub.read paystub:{paystub}"           one row with this verb and target: {name} is an id of the matrix,
                                                     {by} who calls, * anything; nothing after the verb: no target
    audit={"GET": Nothing("an empty form"),          no action, and nobody's data is shown: why
           "POST": leaves("a.verb thing:*",          one row for each action, with how to make the call succeed where
                          by="alice", body={...},    the matrix' own probe does not (see ragsite/tests/matrix/audited.py
                          given=deeds.something,     and deeds.py)
                          answers="moved")}

Reads of people's data leave a row before anything is handed out: audit.record_read(), or `list_verb` and `read_verb`
of an admin class. Missing are:
"""

_SAME_EVERYWHERE: tuple[tuple[str, Nothing], ...] = (
    (r"^admin/.*/history/$", Nothing("leads on to the audit log, which records that it is read")),
    (r"^admin/.*/<path:object_id>/$", Nothing("leads on to the page of the row")),
    (r"^admin/\(\?P<url>", Nothing("there is no such page")),
)
# Outcomes with which nothing was done and nothing shown, so that no row is due.
_NOTHING_DONE = frozenset({"sign-in", "login", "401", "403", "404", "405"})


def declaration(
    *, route: str, declared: Declared | Mapping[str, Declared], method: str
) -> tuple[Leaves, ...] | Nothing | None:
    """What the row of a route says of a method: every way to call it; None when it says nothing."""
    found = declared.get(method) if isinstance(declared, Mapping) else declared
    if isinstance(found, str):
        return (Leaves(rows=(found,)),)
    if isinstance(found, Leaves):
        return (found,)
    if found is not None:
        return found
    return next((nothing for pattern, nothing in _SAME_EVERYWHERE if re.search(pattern, route)), None)


def needs_declaration(outcomes: str) -> bool:
    """Whether a method lets anybody do or see anything, by its words in the matrix. 404 after `|` does not count."""
    return any(word not in _NOTHING_DONE for word in outcomes.partition("|")[0].split())
