"""Passages: offsets, sizes, headings, tables, pages."""

import itertools
import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.chunking import ChunkSizeInvalid, chunk_blocks, stored_text


@dataclass(frozen=True)
class Block:
    kind: str
    text: str
    page: int | None = None
    heading_path: tuple[str, ...] = ()


def words(text: str) -> int:
    """A tokenizer that a reader can follow: one token a word, long words one for every four letters."""
    return sum(-(-len(word) // 4) if len(word) > 12 else 1 for word in text.split())


def cut(blocks, *, title="Handbook", size=40, overlap=8, room=60):
    return chunk_blocks(
        blocks=blocks, title=title, count_tokens=words, size_tokens=size, overlap_tokens=overlap, embed_tokens=room
    )


def paragraph(count: int, start: int = 0, **fields) -> Block:
    """Sentences of five words: "Rule n is about leave."."""
    text = " ".join(f"Rule {number} is about leave." for number in range(start, start + count))
    return Block("paragraph", text, **fields)


def test_a_short_document_is_one_passage_with_its_title_in_front_of_what_is_embedded():
    (chunk,) = cut([Block("paragraph", "You get 25 days.", heading_path=("Leave", "Holidays"))])

    assert chunk.text == "You get 25 days."
    assert chunk.heading == "Leave > Holidays"
    assert chunk.embed_text == "Handbook. Leave. Holidays\nYou get 25 days."
    assert (chunk.start, chunk.end, chunk.token_count) == (0, 16, 4)


def test_a_first_heading_that_repeats_the_title_is_embedded_once():
    (chunk,) = cut([Block("paragraph", "Text.", heading_path=("Handbook", "Leave"))])
    assert chunk.embed_text == "Handbook. Leave\nText."


def test_offsets_point_into_the_stored_text():
    blocks = [Block("heading", "Leave", heading_path=("Leave",)), paragraph(20, heading_path=("Leave",))]
    text = stored_text(blocks=blocks)

    assert all(text[chunk.start : chunk.end] == chunk.text for chunk in cut(blocks))


def test_passages_end_at_sentences_and_repeat_the_end_of_the_one_before():
    chunks = cut([paragraph(16)])  # 80 words

    assert all(chunk.text.endswith(".") for chunk in chunks)
    assert all(later.start < earlier.end for earlier, later in itertools.pairwise(chunks))
    assert all(later.text.startswith("Rule") for later in chunks[1:])


def test_passages_of_a_section_have_about_equal_size():
    sizes = [chunk.token_count for chunk in cut([paragraph(17)], overlap=0)]  # 85 words: 40 + 40 + 5 would be poor
    assert len(sizes) == 3
    assert max(sizes) - min(sizes) <= 10


def test_sections_are_not_mixed_when_they_are_large():
    blocks = [paragraph(6, heading_path=("Leave",)), paragraph(6, 100, heading_path=("Pay",))]
    assert [chunk.heading for chunk in cut(blocks)] == ["Leave", "Pay"]


def test_small_sections_under_one_parent_share_a_passage_with_their_headings_in_it():
    blocks = [
        Block("heading", "Sick leave", heading_path=("Leave", "Sick leave")),
        Block("paragraph", "Call in.", heading_path=("Leave", "Sick leave")),
        Block("heading", "Holidays", heading_path=("Leave", "Holidays")),
        Block("paragraph", "25 days.", heading_path=("Leave", "Holidays")),
    ]

    (chunk,) = cut(blocks)

    assert chunk.heading == "Leave"
    assert chunk.text == "Sick leave\n\nCall in.\n\nHolidays\n\n25 days."


def test_small_sections_of_different_chapters_stay_apart():
    blocks = [
        Block("paragraph", "Call in.", heading_path=("Leave", "Sick")),
        Block("paragraph", "On the 25th.", heading_path=("Pay", "Dates")),
    ]
    assert [chunk.heading for chunk in cut(blocks)] == ["Leave > Sick", "Pay > Dates"]


def test_a_heading_with_nothing_below_it_is_still_found():
    blocks = [
        Block("paragraph", "Text.", heading_path=("A",)),
        Block("heading", "Appendix", heading_path=("Appendix",)),
    ]
    assert "Appendix" in " ".join(chunk.text for chunk in cut(blocks))
    assert [chunk.text for chunk in cut([Block("heading", "Alone", heading_path=("Alone",))])] == ["Alone"]


def test_a_passage_never_crosses_a_page():
    chunks = cut([paragraph(3, page=1), paragraph(3, 10, page=2)])
    assert [(chunk.page_from, chunk.page_to) for chunk in chunks] == [(1, 1), (2, 2)]


def test_a_cut_table_repeats_its_header_row_in_what_is_embedded():
    rows = "\n".join(f"Country {number} | {number} days of paid leave" for number in range(12))
    chunks = cut([Block("table", "Country | Days\n" + rows)], size=30, overlap=0)

    assert len(chunks) > 2
    assert chunks[0].text.startswith("Country | Days\nCountry 0")
    assert all(chunk.embed_text.startswith("Handbook\nCountry | Days\n") for chunk in chunks)
    assert all("Country | Days" not in chunk.text for chunk in chunks[1:])
    assert all(re.match(r"Country \d+ \|", chunk.text) for chunk in chunks[1:])


def test_a_sentence_longer_than_a_passage_is_cut_between_words():
    chunks = cut([Block("paragraph", " ".join(f"word{number}" for number in range(100)))], overlap=0)
    assert " ".join(chunk.text for chunk in chunks).split() == [f"word{number}" for number in range(100)]
    assert all(chunk.token_count <= 40 for chunk in chunks)


def test_a_word_longer_than_a_passage_is_cut_too():
    chunks = cut([Block("paragraph", "x" * 1000)], overlap=0)
    assert "".join(chunk.text for chunk in chunks) == "x" * 1000


def test_a_long_heading_path_loses_its_outer_parts_first():
    path = tuple(" ".join([f"level{depth}"] * 6) for depth in range(4))
    (chunk,) = cut([Block("paragraph", "Text.", heading_path=path)])

    assert "level3" in chunk.embed_text
    assert "level0" not in chunk.embed_text


def test_a_title_without_end_leaves_room_for_the_text():
    chunks = cut([paragraph(16)], title="very long title " * 50)
    assert all(chunk.text in chunk.embed_text and words(chunk.embed_text) <= 60 for chunk in chunks)


def test_no_blocks_no_passages():
    assert cut([]) == []


@pytest.mark.parametrize(("size", "overlap"), [(4, 0), (40, -1), (40, 21)])
def test_sizes_that_cannot_work_are_refused(size, overlap):
    with pytest.raises(ChunkSizeInvalid):
        cut([paragraph(1)], size=size, overlap=overlap)


TEXTS = st.lists(
    st.sampled_from(
        ["Leave is paid.", "Ask HR", "a | b", "x" * 90, "1. One", "é日本", "Really?", "\n", "see", "No. 3"]
    ),
    min_size=1,
    max_size=30,
).map(" ".join)
PATHS = st.lists(st.sampled_from(["Leave", "Pay", "Sick leave", "Very long heading " * 8]), max_size=3).map(tuple)
BLOCKS = st.lists(
    st.builds(
        Block,
        kind=st.sampled_from(["paragraph", "list_item", "table", "code", "heading"]),
        text=TEXTS.filter(str.strip),
        page=st.one_of(st.none(), st.integers(1, 3)),
        heading_path=PATHS,
    ),
    max_size=8,
)


@given(blocks=BLOCKS, title=st.sampled_from(["", "Handbook", "long title " * 40]), size=st.integers(8, 60))
def test_every_document_is_cut_exactly_completely_and_within_limits(blocks, title, size):
    text = stored_text(blocks=blocks)

    chunks = cut(blocks, title=title, size=size, overlap=size // 5)

    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    assert all(text[chunk.start : chunk.end] == chunk.text != "" for chunk in chunks)
    assert all(chunk.token_count <= size and words(chunk.embed_text) <= 60 for chunk in chunks)
    assert all(chunk.text in chunk.embed_text for chunk in chunks)
    assert chunks == cut(blocks, title=title, size=size, overlap=size // 5)
    held = {position for chunk in chunks for position in range(chunk.start, chunk.end)}
    in_headings = _positions_of_headings(blocks)
    missed = [p for p, character in enumerate(text) if not character.isspace() and p not in held | in_headings]
    assert missed == []


def _positions_of_headings(blocks):
    """Headings may be held by the path alone."""
    positions, offset = set(), 0
    for block in blocks:
        if block.kind == "heading":
            positions.update(range(offset, offset + len(block.text)))
        offset += len(block.text) + 2
    return positions
