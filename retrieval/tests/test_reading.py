"""Laying out stored text for a reader."""

from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading import Part, Span, cut_into_parts, lay_out, part_with


def _blocks(*kinds_and_texts: tuple[str, str], page: int | None = None) -> tuple[str, list[dict]]:
    blocks, position = [], 0
    for kind, text in kinds_and_texts:
        blocks.append({"kind": kind, "level": 2, "page": page, "start": position, "end": position + len(text)})
        position += len(text) + 2
    return "\n\n".join(text for _, text in kinds_and_texts), blocks


def _plain(line) -> str:
    return "".join(piece.text for piece in line)


def test_table_gets_its_header_back():
    text, blocks = _blocks(("table", "Leave: Parental | Weeks: 16\nLeave: Care | Weeks: 2"))

    [table] = lay_out(text=text, blocks=blocks, cited=None)

    assert table.header == ("Leave", "Weeks")
    assert [[_plain(cell) for cell in row] for row in table.rows] == [["Parental", "16"], ["Care", "2"]]


def test_missing_cell_stays_in_its_column_and_a_caption_spans():
    text, blocks = _blocks(("table", "A: 1 | B: 2 | C: 3\nA: 4 | C: 6\nTotal of all"))

    [table] = lay_out(text=text, blocks=blocks, cited=None)

    assert [[_plain(cell) for cell in row] for row in table.rows] == [["1", "2", "3"], ["4", "", "6"], ["Total of all"]]


def test_rows_without_labels_stay_plain_cells():
    text, blocks = _blocks(("table", "Notice period | 4 weeks\nProbation: short | 6 months"))

    [table] = lay_out(text=text, blocks=blocks, cited=None)

    assert table.header == ()
    assert [_plain(cell) for cell in table.rows[1]] == ["Probation: short", "6 months"]


def test_items_next_to_each_other_are_one_list_and_pages_are_announced_once():
    text, blocks = _blocks(("list_item", "one"), ("list_item", "two"), ("paragraph", "three"), page=4)

    elements = lay_out(text=text, blocks=blocks, cited=None)

    assert [element.kind for element in elements] == ["page", "list", "paragraph"]
    assert elements[0].page == 4
    assert len(elements[1].lines) == 2


def test_heading_equal_to_the_title_is_left_out_unless_it_is_cited():
    text, blocks = _blocks(("heading", "Leave"), ("paragraph", "Text."))

    assert [e.kind for e in lay_out(text=text, blocks=blocks, cited=None, title="LEAVE")] == ["paragraph"]
    assert len(lay_out(text=text, blocks=blocks, cited=Span(0, 5), title="Leave")) == 2


def test_short_documents_are_one_part_and_empty_ones_too():
    assert cut_into_parts(blocks=[]) == [Part(0, 0)]
    assert cut_into_parts(blocks=_blocks(("paragraph", "x"))[1]) == [Part(0, 1)]
    assert lay_out(text="", blocks=[], cited=None) == []


def test_long_documents_are_cut_between_blocks_without_loss():
    _, blocks = _blocks(*[("paragraph", "x" * 25_000)] * 20)

    parts = cut_into_parts(blocks=blocks)

    assert [part.last - part.first for part in parts] == [2] * 10
    assert parts[0].first == 0 and parts[-1].last == 20
    assert part_with(parts=parts, blocks=blocks, position=0) == 0
    assert part_with(parts=parts, blocks=blocks, position=blocks[5]["start"]) == 2
    assert part_with(parts=parts, blocks=blocks, position=10**9) == 9


@given(
    texts=st.lists(st.text(alphabet="ab:|\n ", min_size=1, max_size=30), min_size=1, max_size=6),
    kinds=st.lists(st.sampled_from(["heading", "paragraph", "list_item", "code"]), min_size=6, max_size=6),
    start=st.integers(0, 120),
    length=st.integers(1, 120),
)
def test_marked_text_is_exactly_the_cited_text_without_block_breaks(texts, kinds, start, length):
    text, blocks = _blocks(*zip(kinds, texts, strict=False))

    elements = lay_out(text=text, blocks=blocks, cited=Span(start, start + length))

    pieces = [piece for element in elements for line in element.lines for piece in line]
    expected = "".join(text[max(start, b["start"]) : max(start, min(start + length, b["end"]))] for b in blocks)
    assert "".join(piece.text for piece in pieces if piece.is_cited) == expected
    assert "".join(piece.text for piece in pieces) == "".join(texts)
    assert sum(piece.is_first_cited for piece in pieces) == bool(expected)
