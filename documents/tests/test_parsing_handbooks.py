"""Real handbooks and really bad files, where they are at hand."""

import json
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from documents.parsing import CODES, Limits, Parsed, ParseFailed, Rejected, nurseries, parse_file

pytestmark = pytest.mark.hr_data

MAX_SECONDS = 60.0
MAX_RESIDENT_KIB = 512 * 1024
# The manual was corrected between two of its four published forms.
SAME_IN_ANOTHER_FORM = {"Board of Advisers": "Board of Advisors"}


def parsed(path: Path) -> Parsed:
    return parse_file(path=path, original_name=path.name, limits=Limits())


def words(document: Parsed) -> Counter[str]:
    return Counter(re.findall(r"\w+", " ".join(block.text for block in document.blocks).lower()))


def headings(document: Parsed) -> list[tuple[int, str]]:
    found = [(block.level, block.text) for block in document.blocks if block.kind == "heading"]
    return [(level, SAME_IN_ANOTHER_FORM.get(text, text)) for level, text in found]


@pytest.fixture
def endings(monkeypatch: pytest.MonkeyPatch) -> list[nurseries.Ending | None]:
    """How each child of the test ended."""
    seen: list[nurseries.Ending | None] = []
    run_child = nurseries.run_child

    def remember(**arguments: Any) -> nurseries.Ending | None:
        seen.append(run_child(**arguments))
        return seen[-1]

    monkeypatch.setattr(nurseries, "run_child", remember)
    return seen


def test_every_hostile_file_ends_in_time_in_bounds_and_with_a_code(
    hr_data: Path, endings: list[nurseries.Ending | None]
) -> None:
    outcomes: dict[str, Counter[bool]] = {"ingest": Counter(), "reject": Counter(), "either": Counter()}
    for row in (hr_data / "hostile" / "files.jsonl").read_text().splitlines():
        expected = json.loads(row)
        started = time.monotonic()
        try:
            was_read = bool(parsed(hr_data / "hostile" / "files" / expected["file"]).blocks)
        except (Rejected, ParseFailed) as refusal:
            assert refusal.code in CODES
            was_read = False
        assert time.monotonic() - started < MAX_SECONDS
        outcomes[expected["must"]][was_read] += 1

    assert outcomes["reject"][True] == 0
    assert outcomes["ingest"][True] >= 0.98 * outcomes["ingest"].total()
    assert max(ending.peak_kib for ending in endings if ending) < MAX_RESIDENT_KIB


@pytest.mark.parametrize("stem", ["manual", "tools"])
def test_one_manual_in_four_formats_has_the_same_headings_and_words(hr_data: Path, stem: str) -> None:
    folder = hr_data / "handbooks" / "opengov_formats"
    names = (f"markdown__{stem}.md", f"html__{stem}.html", f"docx__{stem}.docx", f"pdf__{stem}.pdf")
    documents = [parsed(folder / name) for name in names]

    for one in documents:
        for other in documents:
            shared = (words(one) & words(other)).total()
            assert shared >= 0.97 * words(other).total()
            assert headings(one) == headings(other)


def test_every_handbook_can_be_read(hr_data: Path) -> None:
    suffixes = (".md", ".html", ".docx", ".pdf")
    paths = [path for path in (hr_data / "handbooks").rglob("*") if path.suffix in suffixes]

    assert len(paths) >= 160
    for path in paths:
        document = parsed(path)
        assert document.blocks, path
        assert not any(mark in block.text for block in document.blocks for mark in ("{%", "<div", "\x00")), path


def test_pages_of_long_handbooks_carry_their_own_numbers(hr_data: Path) -> None:
    folder = hr_data / "questions" / "contoso"
    rows = [json.loads(row) for row in (folder / "corpus.jsonl").read_text().splitlines()]
    documents = {path.stem: parsed(path) for path in (hr_data / "handbooks" / "contoso").glob("*.pdf")}
    compared = 0
    for row in rows:
        stem, number = page_of(row["id"], documents)
        if stem is None:
            continue
        expected = Counter(re.findall(r"\w+", row["text"].lower().replace("\u2019", "'")))
        found = Counter()
        for block in documents[stem].blocks:
            if block.page == number:
                found.update(re.findall(r"\w+", block.text.lower()))
        if expected.total() >= 30:
            compared += 1
            assert (expected & found).total() >= 0.9 * expected.total(), row["id"]

    assert sum(document.page_count or 0 for document in documents.values()) == 263
    assert compared >= 200


def page_of(row_id: str, documents: dict[str, Parsed]) -> tuple[str | None, int]:
    """The document and the page that a row of the question set stands for."""
    match = re.search(r"(\d+)\D*$", row_id)
    stem = next((stem for stem in documents if row_id.startswith(stem)), None)
    return (stem, int(match.group(1))) if match and stem else (None, 0)
