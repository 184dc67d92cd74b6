"""docs/runbook-map.md leaves no line out, and what it names exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = re.findall(
    r"^\| (S1-\d\d|S2-\d\d|C\d+) \| (.+?) \| (done|partly|open) \| (.+?) \| (.+?) \|$",
    (ROOT / "docs" / "runbook-map.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
# The first runbook's numbering jumps from 50 to 60.
LINES = [
    *(f"S1-{number:02}" for number in (*range(1, 51), *range(60, 76))),
    *(f"S2-{number:02}" for number in range(1, 55)),
    *(f"C{number}" for number in range(1, 14)),
]


def test_every_line_stands_there_once():
    assert [row[0] for row in ROWS] == LINES


@pytest.mark.parametrize(("line", "state", "where", "shown_by"), [(row[0], *row[2:]) for row in ROWS])
def test_what_is_done_names_a_test_that_exists(line, state, where, shown_by):
    named = re.fullmatch(r"`([\w/]+\.py)(?:::(test_\w+))?`", shown_by)
    if named is None:
        assert (state, shown_by) == ("open", "–"), line
        return
    path, function = ROOT / named[1], named[2]
    assert path.is_file(), path
    assert function is None or re.search(rf"^def {function}\b", path.read_text(encoding="utf-8"), re.MULTILINE), (
        function
    )


def test_places_that_are_named_exist():
    for line, _, _, where, _ in ROWS:
        for path in re.findall(r"`([a-z_]+/[a-z_/.]+)`", where):
            assert (ROOT / path).exists(), f"{line}: {path}"


def test_commands_that_are_named_exist():
    commands = {path.stem for path in ROOT.glob("*/management/commands/*.py")}
    named = set(re.findall(r"`manage\.py (\w+)", "\n".join(row[3] for row in ROWS)))

    assert named <= commands
