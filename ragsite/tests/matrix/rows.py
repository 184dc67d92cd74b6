"""What a row of the matrix says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ragsite.tests.matrix.audited import Declared, Leaves, Nothing, declaration, needs_declaration

# The columns of the tables: nobody everywhere, then two kinds of people in companies, and operators on the platform.
NOBODY, STAFF, MANAGING = 0, 1, 2
# The owner gets what HR gets, except where a row has a fourth word.
OWNER = 3
OPERATOR = 1

CONFIRMED = {"confirmed": "1", "reason": "for the route matrix"}

# At the gate: the same whatever the id is, because it is not even looked at.
REFUSED = frozenset({"sign-in", "login", "401", "403", "405"})


@dataclass(frozen=True)
class Row:
    """One route with the outcome of each method, one word for each kind of caller, outsiders first.

    On companies' hosts: nobody, employee or manager, HR or owner; a fourth word is the owner's, where it differs. On
    the platform's: nobody, operator. The word after `|` is for those who get in, but with an id that is not theirs:
    foreign, closed to them, or missing. `path` stands for a pattern that is no path.

    `audit` says for each method, or once for all, what a call that succeeds leaves in the audit log: "verb target",
    `leaves(...)` with how to come to it, or `Nothing("why")`. `refused` names the one refusal that a call with others'
    ids leaves; without it such a call leaves none.
    """

    route: str
    get: str = ""
    post: str = ""
    patch: str = ""
    delete: str = ""
    body: Mapping[str, Any] = field(default_factory=lambda: CONFIRMED)
    path: str = ""
    audit: Declared | Mapping[str, Declared] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def methods(self) -> frozenset[str]:
        return frozenset(method for method in ("GET", "POST", "PATCH", "DELETE") if getattr(self, method.lower()))

    def outcome(self, method: str, column: int) -> str:
        words = str(getattr(self, method.lower())).partition("|")[0].split()
        return words[MANAGING] if column == OWNER and len(words) <= OWNER else words[column]

    def outcome_for_others_ids(self, method: str, column: int) -> str:
        own = self.outcome(method, column)
        return own if own in REFUSED else str(getattr(self, method.lower())).partition("|")[2].strip()

    def audited(self, method: str) -> tuple[Leaves, ...] | Nothing | None:
        """What this row declares; None where it declares nothing."""
        return declaration(route=self.route, declared=self.audit, method=method)

    def needs_audit(self, method: str) -> bool:
        return needs_declaration(str(getattr(self, method.lower())))
