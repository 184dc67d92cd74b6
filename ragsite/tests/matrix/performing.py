"""Doing each declared action once, through its real interface, and comparing what it left in the audit log."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from audit import actors
from ragsite.tests.matrix import identities
from ragsite.tests.matrix.audited import Leaves
from ragsite.tests.matrix.probing import Answer, AuditRow, Prober, audit_ids, audit_rows_beside
from ragsite.tests.matrix.resolver import TENANT, Route
from ragsite.tests.matrix.rows import MANAGING, NOBODY, OPERATOR, OWNER, STAFF, Row
from ragsite.tests.matrix.world import Person, World
from tenants import context

_NOT_LET_IN = frozenset({"", "sign-in", "login", "401", "403", "404", "405", "409", "400", "415", "422"})
# Who does it, where a declaration names nobody: the one with the fewest rights who gets in.
_IN_COMPANIES = (("bob", STAFF), ("alice", MANAGING), ("erin", OWNER))
_ON_PLATFORM = (("operator", OPERATOR),)
_COLUMNS = {"anonymous": NOBODY, "bob": STAFF, "dave": STAFF, "alice": MANAGING, "erin": OWNER, "operator": OPERATOR}


@dataclass(frozen=True)
class Deed:
    """One way to call one method of one route, and what that leaves."""

    urlconf: str
    row: Row
    route: Route
    method: str
    leaves: Leaves
    number: int = 0

    def __str__(self) -> str:
        place = "" if self.urlconf == TENANT else "platform "
        return f"{place}{self.method} {self.row.route}{f' ({self.number})' if self.number else ''}"

    @property
    def by(self) -> str:
        """Whose name the matrix knows who does it."""
        if self.leaves.by:
            return self.leaves.by
        people = _IN_COMPANIES if self.urlconf == TENANT else _ON_PLATFORM
        for name, column in people:
            if self.row.outcome(self.method, column) not in _NOT_LET_IN:
                return name
        # Nobody's probe succeeds: whoever is let in at all.
        return next(name for name, column in people if self.row.outcome(self.method, column) not in _AT_THE_GATE)


_AT_THE_GATE = frozenset({"", "sign-in", "login", "401", "403", "404", "405"})


def deeds(urlconf: str, rows: Mapping[str, Row], routes: Mapping[str, Route]) -> Iterator[Deed]:
    """Every declared action of a URL map, those that a test of their own shows left out."""
    for pattern, row in rows.items():
        if pattern not in routes:
            continue
        for method in sorted(row.methods):
            declared = row.audited(method)
            if not isinstance(declared, tuple):
                continue
            for number, leaves in enumerate(declared):
                if not leaves.shown_by:
                    yield Deed(urlconf, row, routes[pattern], method, leaves, number)


@dataclass(frozen=True)
class Prepared:
    """A deed with everything that it needs, about to be done. `names` are the ids that a declaration may name."""

    deed: Deed
    person: Person
    path: str
    body: Mapping[str, Any]
    names: Mapping[str, Any]

    def done(self, prober: Prober) -> Answer:
        """The answer, with what it left in the audit logs."""
        known = audit_ids()
        return replace(self.asked(prober), audit=audit_rows_beside(known))

    def asked(self, prober: Prober) -> Answer:
        """The answer alone."""
        by = "token" if self.deed.row.route.startswith("api/") else "session"
        return prober.ask(self.deed.method, self.path, person=self.person, by=by, body=self.body)


def prepared(deed: Deed, *, world: World) -> Prepared:
    """Make what has to be there before; inside `probing.undone()`."""
    given: dict[str, Any] = {}
    person = world.people[deed.by]
    if deed.leaves.given is not None:
        with context.enter(world.acme), actors.acting_as(actors.SYSTEM):
            given = dict(deed.leaves.given(world))
    values, names = _ids(deed, world, given)
    person = replace(person, session=given.get("session", person.session))
    own_body = deed.leaves.body or given.get("body")
    body = {**(deed.row.body if own_body is None else own_body), **given.get("body", {})}
    path = deed.row.path or deed.route.path(values)
    path += f"?{deed.leaves.query}" if deed.leaves.query else ""
    return Prepared(deed, person, path, body, {**names, "by": _pseudonym(person)})


def expected_outcome(deed: Deed) -> str:
    return deed.leaves.answers or deed.row.outcome(deed.method, _COLUMNS[deed.by])


def differences(deed: Deed, answer: Answer, names: Mapping[str, Any]) -> list[str]:
    """What is not as declared: the outcome, the number of rows, verb and target, who did it, what came of it."""
    wrong = []
    if answer.outcome != expected_outcome(deed):
        wrong.append(f"answered {answer.outcome} instead of {expected_outcome(deed)}")
    left = [str(row) for row in answer.audit]
    if not is_as_declared(deed.leaves, answer.audit, names):
        wrong.append(f"left {left or 'nothing'} instead of {list(deed.leaves.rows)}")
    kind = deed.leaves.actor_kind or _kind(deed)
    wrong += [f"{row}: by {row.actor_kind} instead of {kind}" for row in answer.audit if row.actor_kind not in kind]
    if not deed.leaves.actor_kind and deed.by != "anonymous":
        wrong += [f"{row}: by {row.actor}" for row in answer.audit if row.actor != names["by"]]
    wrong += [f"{row}: {row.outcome}" for row in answer.audit if row.outcome != "success"]
    return wrong


def is_as_declared(leaves: Leaves, rows: tuple[AuditRow, ...], names: Mapping[str, Any]) -> bool:
    """Whether exactly the declared rows were left, in any order."""
    wanted = sorted(_pattern(row, names) for row in leaves.rows)
    left = list(rows)
    for pattern in wanted:
        match = next((row for row in left if re.fullmatch(pattern, str(row))), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def rows_of_a_foreign_token(row: Row, method: str, answer: Answer) -> str:
    """What is wrong with the rows of a probe with another company's token; empty when all is well.

    Whatever the route, a 401 leaves one refusal: the token's.
    """
    left = [f"{one} {one.outcome}" for one in answer.audit]
    wanted = ["token.refused refused"] if answer.outcome == "401" else []
    return "" if left == wanted else f"left {left}, due is {wanted}"


def undeclared_rows(row: Row, method: str, answer: Answer) -> str:
    """What a probe left although nothing says so; empty when all is well. A probe may fail and leave nothing."""
    if not answer.audit:
        return ""
    left = ", ".join(f"{one} {one.outcome}" for one in answer.audit)
    declared = row.audited(method)
    refusal = row.refused.get(method, "")
    if {one.outcome for one in answer.audit} == {"refused"} and len(answer.audit) == 1 and refusal:
        return "" if re.fullmatch(_pattern(refusal, {}), str(answer.audit[0])) else f"left {left}"
    # A form that is not accepted is shown again, which is what opening it leaves.
    opened = row.audited("GET")
    ways = [*(declared if isinstance(declared, tuple) else ()), *(opened if isinstance(opened, tuple) else ())]
    return "" if any(is_as_declared(leaves, answer.audit, {}) for leaves in ways) else f"left {left}, undeclared"


def _pattern(declared: str, names: Mapping[str, Any]) -> str:
    filled = re.sub(r"\{(\w+)\}", lambda found: str(names.get(found[1], "*")), declared)
    return re.escape(filled).replace(r"\*", r"[^ ]+")


def _ids(deed: Deed, world: World, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values of the route's parameters, and everything by name."""
    values = dict(identities.ids_for(world, deed.route, deed.by, _COLUMNS[deed.by])[0][1])
    names = {**world.own, **world.personal.get(deed.by, world.personal["bob"]), **given}
    for parameter in values:
        thing = identities.thing(deed.route, parameter)
        values[parameter] = given.get(thing, values[parameter])
    return values, names


def _kind(deed: Deed) -> str:
    if deed.by == "anonymous":
        return "employee" if deed.urlconf == TENANT else "operator"
    return "operator" if deed.by == "operator" else "employee"


def _pseudonym(person: Person) -> str:
    return person.employee.actor_label if person.employee is not None else f"operator:{person.user_id}"
