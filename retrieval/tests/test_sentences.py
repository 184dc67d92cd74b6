"""Where sentences begin and end."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.sentences import split_rows, split_sentences


def _texts(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text=text)]


def test_sentences_end_at_full_stops_questions_and_exclamations():
    assert _texts("You get 25 days. Why? Because! Done.") == ["You get 25 days.", "Why?", "Because!", "Done."]


def test_a_wrapped_line_stays_in_its_sentence():
    assert _texts("Leave is approved\nby your manager. It is paid.") == [
        "Leave is approved\nby your manager.",
        "It is paid.",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Ask Dr. Smith or Ms. Jones first.",
        "Costs, e.g. Hotels, are refunded.",
        "The U.S. Office is closed.",
        "See No. 3 and Sec. 4 for details.",
        "The rate is 3.5 percent of pay.",
    ],
)
def test_abbreviations_and_decimals_do_not_end_a_sentence(sentence):
    assert _texts(sentence) == [sentence]


def test_no_at_the_end_of_a_sentence_ends_it():
    assert _texts("The answer is no. Ask HR.") == ["The answer is no.", "Ask HR."]


def test_list_items_are_apart_and_keep_their_numbers():
    text = "You need:\n1. A receipt. It must be dated.\n2. A form\n- or an e-mail"
    assert _texts(text) == ["You need:", "1. A receipt.", "It must be dated.", "2. A form", "- or an e-mail"]


def test_table_rows_are_apart():
    assert _texts("Country | Days\nSpain | 22\nFrance | 25\nAll are paid.") == [
        "Country | Days",
        "Spain | 22",
        "France | 25",
        "All are paid.",
    ]


def test_paragraphs_are_apart_without_a_full_stop():
    assert _texts("Sick leave\n\nCall your manager") == ["Sick leave", "Call your manager"]


def test_rows_are_the_lines_that_hold_something():
    text = "a = 1\n\n   b = 2  \n"
    assert [text[span.start : span.end] for span in split_rows(text=text)] == ["a = 1", "b = 2"]


@given(st.text(alphabet=st.sampled_from("aB1. \n|-?!:é日\u2028\t"), max_size=200) | st.text(max_size=100))
def test_sentences_are_in_order_and_hold_every_visible_character(text):
    spans = split_sentences(text=text)

    assert all(left.end <= right.start for left, right in itertools.pairwise(spans))
    assert all(text[span.start : span.end] == text[span.start : span.end].strip() != "" for span in spans)
    assert "".join("".join(text[span.start : span.end].split()) for span in spans) == "".join(text.split())
