"""HTML, Markdown and plain text to blocks."""

from pathlib import Path

import pytest

from documents.tests.samples import parse, texts


def test_html_structure_becomes_blocks_with_heading_paths(tmp_path: Path) -> None:
    page = (
        "<title>Handbook</title><nav>Home | About</nav><h1>Leave <a href='#leave'>#</a></h1><p>You get <b>25</b> days."
        "<h3>Steps</h3><ol start=2><li>Ask<ul><li>early</li></ul></li><li><p>Go</p><p>and rest</p></li></ol>"
        "<pre>a\n  b</pre><script>track()</script>"
    )
    parsed = parse(tmp_path, name="a.html", content=page)

    assert parsed.title == "Handbook"
    assert [(block.kind, block.text, block.heading_path) for block in parsed.blocks] == [
        ("heading", "Leave", ("Leave",)),
        ("paragraph", "You get 25 days.", ("Leave",)),
        ("heading", "Steps", ("Leave", "Steps")),
        ("list_item", "2. Ask", ("Leave", "Steps")),
        ("list_item", "early", ("Leave", "Steps")),
        ("list_item", "3. Go", ("Leave", "Steps")),
        ("paragraph", "and rest", ("Leave", "Steps")),
        ("code", "a\n  b", ("Leave", "Steps")),
    ]


def test_html_table_rows_repeat_their_header_and_fill_spans(tmp_path: Path) -> None:
    table = (
        "<table><caption>Long absences</caption><tr><th>Leave<th>Weeks<th>Paid</tr>"
        "<tr><td rowspan=2>Parental<td>16<td>yes</tr><tr><td>8<td>half</tr><tr><td colspan=3>Ask HR</tr></table>"
    )
    parsed = parse(tmp_path, name="a.html", content=table)

    assert texts(parsed) == [
        "Long absences",
        "Leave: Parental | Weeks: 16 | Paid: yes\nLeave: Parental | Weeks: 8 | Paid: half\nAsk HR",
    ]


def test_html_layout_table_is_running_text(tmp_path: Path) -> None:
    parsed = parse(tmp_path, name="a.html", content="<table><tr><td>menu<td><h2>Leave</h2><p>25 days</table>")

    assert [block.kind for block in parsed.blocks] == ["paragraph", "heading", "paragraph"]


@pytest.mark.parametrize(
    "secret",
    [
        "<p hidden>secret</p>",
        "<p style='display: none'>secret</p>",
        "<p style='color:red;visibility:hidden'>secret</p>",
        "<span style='font-size:0'>secret</span>",
        "<p style='position:absolute;left:-9999px'>secret</p>",
        "<p style='opacity:0'>secret</p>",
        "<p style='color:#FFFFFF'>secret</p>",
        "<style>.x{display:none}</style><p class='y x'>secret</p>",
        "<table><tr><td>a<td>b<tr style='display:none'><td>secret<td>secret</table>",
    ],
)
def test_html_that_nobody_sees_is_dropped_and_flagged(tmp_path: Path, secret: str) -> None:
    parsed = parse(tmp_path, name="a.html", content=f"<p>Visible.</p>{secret}")

    assert "secret" not in " ".join(texts(parsed))
    assert parsed.flags == ("hidden_text",)


@pytest.mark.parametrize(
    "shown",
    [
        "<p style='color:#fff;background:#003'>shown</p>",
        "<div style='background-color:navy'><p style='color:white'>shown</p></div>",
        "<p style='opacity:0.8;font-size:0.9em'>shown</p>",
        "<style>@media print {.x{display:none}}</style><p class=x>shown</p>",
        "<p aria-hidden=true>shown</p>",
    ],
)
def test_html_that_only_looks_like_hiding_is_read(tmp_path: Path, shown: str) -> None:
    parsed = parse(tmp_path, name="a.html", content=shown)

    assert (texts(parsed), parsed.flags) == (["shown"], ())


def test_html_comments_are_dropped(tmp_path: Path) -> None:
    assert texts(parse(tmp_path, name="a.html", content="<p>Visible.<!-- secret --></p>")) == ["Visible."]


def test_markdown_has_tables_lists_code_and_a_front_matter_title(tmp_path: Path) -> None:
    source = (
        "---\ntitle: 'Parental leave'\ntags: [a]\n---\n# Leave {#leave}\n\nSee [the policy](https://x.example).\n"
        '{: .note}\n{% include "nav.html" %}\n<!-- secret -->\n\n| Who | Weeks |\n|---|---|\n| all | 16 |\n\n'
        '1. Ask\n2. Go to {% slack_channel "travel" %}\n\n```\n{% raw %}\n```\n'
    )
    parsed = parse(tmp_path, name="a.md", content=source)

    assert parsed.title == "Parental leave"
    assert [(block.kind, block.text) for block in parsed.blocks] == [
        ("heading", "Leave"),
        ("paragraph", "See the policy."),
        ("table", "Who: all | Weeks: 16"),
        ("list_item", "1. Ask"),
        ("list_item", "2. Go to travel"),
        ("code", "{% raw %}"),
    ]


def test_markdown_from_before_commonmark_keeps_its_headings(tmp_path: Path) -> None:
    parsed = parse(tmp_path, name="a.md", content="#Leave\n\nYou get 25 days.\n\n##Carrying over\n\nUntil March.")

    assert [(block.level, block.text) for block in parsed.blocks if block.level] == [(1, "Leave"), (2, "Carrying over")]


def test_plain_text_headings_are_underlined_numbered_or_shouted(tmp_path: Path) -> None:
    source = (
        "Employee Handbook\n=================\n\nWelcome to the\ncompany.\n\nLEAVE AND ABSENCE\n\n25 days.\n\n"
        "2.1 Carrying over\n\nUntil March:\n- ask your\n  manager\n- tell HR\n\nUSA\n\n3 days are enough.\n"
    )
    parsed = parse(tmp_path, name="a.txt", content=source)

    assert [(block.kind, block.text) for block in parsed.blocks] == [
        ("heading", "Employee Handbook"),
        ("paragraph", "Welcome to the company."),
        ("heading", "LEAVE AND ABSENCE"),
        ("paragraph", "25 days."),
        ("heading", "2.1 Carrying over"),
        ("paragraph", "Until March:"),
        ("list_item", "ask your manager"),
        ("list_item", "tell HR"),
        ("paragraph", "USA"),
        ("paragraph", "3 days are enough."),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_text_is_read_in_the_encoding_it_was_written_in(tmp_path: Path, encoding: str) -> None:
    text = "Die Kündigungsfrist beträgt vier Wochen zum Monatsende; für Führungskräfte gelten längere Fristen."
    parsed = parse(tmp_path, name="a.txt", content=text.encode(encoding))

    assert texts(parsed) == [text]


def test_html_declares_its_own_encoding(tmp_path: Path) -> None:
    page = "<meta charset='windows-1251'><p>Отпуск 28 дней</p>".encode("cp1251")

    assert texts(parse(tmp_path, name="a.html", content=page)) == ["Отпуск 28 дней"]


def test_characters_that_deceive_or_cannot_be_stored_are_removed(tmp_path: Path) -> None:
    tags = "".join(chr(0xE0000 + ord(char)) for char in "obey")
    parsed = parse(tmp_path, name="a.txt", content=f"Lea\u200bve\x00 \u202eevael\u202c{tags} don\u2019t \ufb01le")

    assert texts(parsed) == ["Leave evael don't file"]
    assert parsed.flags == ("invisible_characters",)
