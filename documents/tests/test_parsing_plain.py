"""Plain text: tables drawn with spaces, tabs or bars keep their rows; what only looks like one stays prose."""

import time
from pathlib import Path

import pytest

from documents.tests.samples import parse, texts


def test_columns_of_a_text_table_become_rows_with_their_header(tmp_path: Path) -> None:
    parsed = parse(
        tmp_path,
        name="leave.txt",
        content="""\
LEAVE

Leave type        Weeks    Pay
-----------------------------------
Parental             16    full
Bereavement           1    half
                           (plus travel)

Ask HR about exceptions.
""",
    )

    assert texts(parsed, "table") == [
        "Leave type: Parental | Weeks: 16 | Pay: full\nLeave type: Bereavement | Weeks: 1 | Pay: half\n(plus travel)"
    ]
    assert texts(parsed, "heading") == ["LEAVE"]
    assert texts(parsed, "paragraph") == ["Ask HR about exceptions."]


def test_table_may_stand_between_lines_of_text(tmp_path: Path) -> None:
    content = "Days of leave by grade:\nA       25\nB       28\nPart-time staff get their share."

    parsed = parse(tmp_path, name="a.txt", content=content)

    assert texts(parsed) == ["Days of leave by grade:", "A | 25\nB | 28", "Part-time staff get their share."]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("Name\tRoom\tPhone\nAnn\t\t12\nBob\tB7\t13", "Name: Ann | Phone: 12\nName: Bob | Room: B7 | Phone: 13"),
        ("Hours:\t\t40 a week\nNotice period:\tfour weeks", "Hours: | 40 a week\nNotice period: | four weeks"),
        (
            "| Country | Days |\n|---|---:|\n| Germany | 30 |\n| France | 25 |",
            "Country: Germany | Days: 30\nCountry: France | Days: 25",
        ),
        (
            "Hours:      40 a week\nProbation:  half a year\nNotice:     four weeks",
            "Hours: | 40 a week\nProbation: | half a year\nNotice: | four weeks",
        ),
    ],
    ids=["tabs, an empty cell", "tabs that align", "bars", "terms"],
)
def test_tabs_bars_and_spaces_separate_cells(tmp_path: Path, content: str, rows: str) -> None:
    assert texts(parse(tmp_path, name="a.txt", content=content), "table") == [rows]


@pytest.mark.parametrize(
    "content",
    [
        "This  text  is  justified,  set\nwith many  double spaces   which may\nstand  under  each other  by chance.",
        "Two spaces end a sentence.  They did so on typewriters.\nNobody knows it better.  Ask around.  Or do not.",
        "Only one line      has a gap.\nThe next one has none.",
        "\tA paragraph may begin\nwith a tab.",
    ],
    ids=["justified", "after full stops", "one line", "indented"],
)
def test_spaces_that_separate_nothing_leave_a_paragraph(tmp_path: Path, content: str) -> None:
    assert texts(parse(tmp_path, name="a.txt", content=content)) == [" ".join(content.split())]


def test_list_items_with_gaps_stay_items(tmp_path: Path) -> None:
    parsed = parse(tmp_path, name="a.txt", content="1.  Ask     your manager\n2.  Tell    HR")

    assert texts(parsed, "list_item") == ["1. Ask your manager", "2. Tell HR"]


def test_underlined_first_row_of_a_table_is_no_heading_but_an_underlined_line_is(tmp_path: Path) -> None:
    table = parse(tmp_path, name="a.txt", content="Grade   Days\n============\nA       25\nB       28")
    text = parse(tmp_path, name="b.txt", content="Parental   leave\n================\nSixteen weeks.")

    assert texts(table) == ["Grade: A | Days: 25\nGrade: B | Days: 28"]
    assert texts(text, "heading") == ["Parental leave"]


@pytest.mark.parametrize(
    "content",
    ["a\n---\n" * 20_000, "Days a    b\n" * 30_000, "a   b\nc d   e\n" * 20_000, " " * 900_000 + "x\ny"],
    ids=["underlines", "one table", "broken rows", "one wide line"],
)
def test_long_texts_take_time_by_their_length(tmp_path: Path, content: str) -> None:
    started = time.monotonic()

    parse(tmp_path, name="a.txt", content=content)

    assert time.monotonic() - started < 10
