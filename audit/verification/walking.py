"""From row to row: does each hash fit its row, and each row the one before it?"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from audit.chain import canonical
from audit.chain.keys import KEY_ID_BYTES, ChainKey
from audit.chain.reading import Row
from audit.verification.findings import Finding, Kind

# So many rows are looked into; further ones are counted.
MOST_FINDINGS = 20
# Where a renumbered row may have come from, when its predecessor is gone or was renumbered, too.
_SHIFTS = [*range(1, 9), *range(-8, 0)]

# Sequence and id of the row that has this hash.
Lookup = Callable[[bytes], tuple[int, int] | None]


class Walk:
    """One pass over rows in the order of sequence and id. Rows after a bad one are judged by themselves again."""

    def __init__(
        self, *, schema: str, keys: Mapping[bytes, ChainKey], lookup: Lookup | None = None, start: int = 1
    ) -> None:
        self.rows = 0
        self.bad_rows = 0
        self.findings: list[Finding] = []
        self.last: Row | None = None
        self._schema = schema
        self._keys = keys
        self._lookup = lookup
        self._expected = start
        self._previous = b""
        # In a range the first row's link leads out of what is seen.
        self._linked = start > 1
        self._after_bad = False
        self._unknown: Counter[bytes] = Counter()
        self._unknown_first: bytes | None = None

    def follow(self, rows: Iterable[Row]) -> Iterable[Row]:
        """The same rows, each judged on its way."""
        for row in rows:
            self.judge(row)
            yield row

    def judge(self, row: Row) -> bool:
        """Whether the row is what was written, at its place."""
        self.rows += 1
        fits = self._fits(row, sequence=row.sequence, row_id=row.row_id)
        linked = self._linked or self._after_bad or row.previous == self._previous
        good = fits and linked and row.sequence == self._expected
        if not good:
            self._note(row, fits=fits, linked=linked)
        self._linked = False
        self._after_bad = not fits
        self._expected = max(self._expected, row.sequence + 1)
        self._previous = row.row_hash
        self.last = row
        return good

    def finish(self) -> None:
        """After the last row: one unknown key over several rows is a missing key, not forged rows."""
        unknown = self._unknown_first
        if unknown is not None and self.findings and self._unknown[unknown] > 1:
            first = self.findings[0]
            self.findings[0] = Finding(
                Kind.UNKNOWN_KEY,
                first.sequence,
                f"{self._unknown[unknown]} rows are hashed under key {unknown.hex()}, which is not configured",
            )

    def _fits(self, row: Row, *, sequence: int, row_id: int) -> bool:
        key = self._keys.get(row.row_hash[:KEY_ID_BYTES])
        if key is None:
            return False
        made = canonical.row_hash(
            key=key,
            schema=self._schema,
            row_id=row_id,
            sequence=sequence,
            previous=row.previous,
            body=row.body.hashed(),
        )
        return made == row.row_hash

    def _note(self, row: Row, *, fits: bool, linked: bool) -> None:
        self.bad_rows += not fits or row.sequence < self._expected or (not linked and row.sequence == self._expected)
        if len(self.findings) >= MOST_FINDINGS:
            return
        if row.sequence > self._expected:
            last = row.sequence - 1
            count = row.sequence - self._expected
            numbers = f"row {last} is" if count == 1 else f"rows {self._expected} to {last} are"
            self.findings.append(Finding(Kind.MISSING, self._expected, f"{numbers} not there"))
        if not fits:
            self._explain(row)
        elif row.sequence < self._expected:
            self._second_of_a_number(row)
        elif not linked and row.sequence == self._expected:
            self._add(Kind.REORDERED, row.sequence, "it was written after another row than the one before it")

    def _explain(self, row: Row) -> None:
        """The row's hash is not of this row at this place: was it changed, moved, or put in?"""
        key_id = row.row_hash[:KEY_ID_BYTES]
        if key_id not in self._keys:
            self._unknown[key_id] += 1
            if not self.findings:
                self._unknown_first = key_id
        place = self._true_place(row)
        if place is not None and place != row.sequence:
            self._explain_moved(row, place)
        elif row.sequence < self._expected:
            self._add(Kind.INSERTED, row.sequence, "there is another row of this number, or none can have it")
        elif row.sequence == self._expected and row.previous != self._previous and not self._after_bad:
            self._add(Kind.CHANGED, row.sequence, "its content and its link to the row before do not fit its hash")
        else:
            self._add(Kind.CHANGED, row.sequence, "its content does not fit its hash")

    def _explain_moved(self, row: Row, place: int) -> None:
        before = self.findings[-1] if self.findings else None
        if before is not None and before.sequence == place and before.kind == Kind.CHANGED:
            # The row before stands where this one was written.
            self.findings[-1] = replace(before, kind=Kind.INSERTED, message="a row was put in, and others renumbered")
            return
        if row.sequence == self._expected and place > row.sequence and self._place_of(row.previous) is None:
            self._add(Kind.MISSING, row.sequence, f"it was removed; what stands there was written as row {place}")
            return
        at = min(place, row.sequence) if row.sequence > 0 else place
        self._add(Kind.REORDERED, at, f"row {place} stands at {row.sequence}")

    def _second_of_a_number(self, row: Row) -> None:
        """A good row whose number was taken by the one before it, which then was put in."""
        before = self.findings[-1] if self.findings else None
        if before is not None and before.sequence == row.sequence:
            self.findings[-1] = replace(before, kind=Kind.INSERTED, message="a second row has this number")
        else:
            self._add(Kind.INSERTED, row.sequence, "it is there twice")

    def _true_place(self, row: Row) -> int | None:
        """Where a row was written that stands elsewhere now; None when its content was changed as well."""
        if self._lookup is None:
            return None
        candidates = [(row.sequence, row.row_id)]
        found = self._place_of(row.previous)
        if found is not None:
            candidates += [(found[0] + 1, row.row_id), (found[0] + 1, found[1] + 1)]
        elif not row.previous:
            candidates += [(1, row.row_id), (1, 1)]
        for shift in _SHIFTS:
            candidates += [(row.sequence + shift, row.row_id), (row.sequence + shift, row.row_id + shift)]
        for sequence, row_id in candidates:
            if self._fits(row, sequence=sequence, row_id=row_id):
                return sequence
        return None

    def _place_of(self, row_hash: bytes) -> tuple[int, int] | None:
        return self._lookup(row_hash) if self._lookup is not None and row_hash else None

    def _add(self, kind: Kind, sequence: int, message: str) -> None:
        self.findings.append(Finding(kind, sequence, message))
