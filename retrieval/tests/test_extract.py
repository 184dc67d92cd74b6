"""Answers by quoting: the right sentences, verbatim, with their places."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from retrieval.extract import Source, extract_quotes
from retrieval.pieces import pieces_of
from retrieval.sparse import encode_query_sparse


def quote(question, *texts, **options):
    sources = [Source(text=text, header="", fused=0.6 - 0.1 * rank) for rank, text in enumerate(texts)]
    weighted = encode_query_sparse(question)
    return extract_quotes(question=question, weighted_query=weighted, sources=sources, **options)


def test_the_sentence_that_speaks_of_the_question_is_quoted_with_its_place():
    text = "Our office is in Utrecht. Parental leave lasts twenty weeks at full salary. The canteen opens at noon."

    (first,) = quote("How long is parental leave?", text, max_sentences=1)

    assert first.text == "Parental leave lasts twenty weeks at full salary."
    assert text[first.start : first.end] == first.text
    assert first.source == 0


def test_neighbouring_sentences_become_one_quote():
    text = "Parental leave lasts twenty weeks. Parental leave is fully paid by the company. The canteen opens at noon."
    quotes = quote("parental leave", text, max_sentences=2)
    assert [q.text for q in quotes] == [
        "Parental leave lasts twenty weeks. Parental leave is fully paid by the company."
    ]


def test_a_question_for_a_number_prefers_a_sentence_with_one():
    text = "Vacation days are an important benefit for everyone. You have 25 vacation days in each calendar year."
    (first,) = quote("How many vacation days?", text, max_sentences=1)
    assert first.text.startswith("You have 25")


def test_the_introduction_of_a_list_takes_its_items_along():
    text = "To claim expenses you need:\n\n- a dated receipt\n- the form\n\nThe canteen is open."
    (first,) = quote("What do I need to claim expenses?", text, max_sentences=1)
    assert first.text.startswith("To claim expenses you need:\n\n- a dated receipt\n- the form")


def test_items_without_marks_belong_to_their_introduction_too():
    text = "Paid holidays are:\n\nNew Year's Day\n\nLabour Day"
    (first,) = quote("paid holidays", text, max_sentences=1)
    assert first.text == text


def test_a_heading_finds_what_it_heads_and_is_not_quoted():
    text = "The canteen opens at noon.\n\nSick leave\n\nCall your manager before nine. Bring a note after three days."
    (first,) = quote("sick leave", text, max_sentences=1)
    assert first.text == "Call your manager before nine."


def test_a_heading_between_two_quoted_paragraphs_parts_them():
    text = "Trips follow the travel rules.\n\nWHEN IT IS PAID\n\nTravel costs are paid in a month.\n\nRepayment"
    quotes = quote("travel rules paid", text)
    assert [q.text for q in quotes] == ["Trips follow the travel rules.", "Travel costs are paid in a month."]


def test_a_paragraph_is_not_joined_to_the_end_of_a_list():
    text = "- a receipt for the claim\n\nThe claim is paid in a month. The claim needs a form."
    quotes = quote("claim receipt form", text)
    assert {q.text for q in quotes} == {
        "- a receipt for the claim",
        "The claim is paid in a month. The claim needs a form.",
    }


def test_a_question_in_a_document_is_not_an_answer():
    text = "Does the reward count for the bonus? It does not. The canteen is open."
    (first,) = quote("Does the reward count for the bonus?", text, max_sentences=1)
    assert first.text == "It does not."


def test_items_whose_introduction_is_in_the_passage_before_are_not_quoted():
    text = "travel in a class above the rules\n\nTravel is booked at the desk. The travel rules name the classes."
    assert all("class above" not in q.text for q in quote("travel class rules", text))


def test_the_best_row_of_a_table_is_quoted_without_the_others():
    rows = [f"Event: {event} | Paid days: {days}" for event, days in (("Move", 1), ("Wedding", 2), ("Funeral", 3))]
    (first,) = quote("How many days for my wedding event?", "\n".join(rows))
    assert first.text == "Event: Wedding | Paid days: 2"


def test_the_same_characters_of_a_text_are_quoted_once_from_two_passages():
    text = "Event: Move | Paid days: 1\nEvent: Wedding | Paid days: 2"
    sources = [Source(text=text, header="", fused=0.6, origin="v1", start=0)]
    sources.append(Source(text=text[27:], header="", fused=0.5, origin="v1", start=27))
    quotes = extract_quotes(question="wedding", weighted_query=encode_query_sparse("wedding"), sources=sources)
    assert [q.text for q in quotes] == ["Event: Wedding | Paid days: 2"]


def test_the_same_words_in_two_documents_are_quoted_once():
    quotes = quote("parental leave", "Parental leave lasts\ntwenty weeks.", "Parental leave lasts twenty  weeks.")
    assert len(quotes) == 1


def test_a_question_for_money_prefers_an_amount_of_money():
    text = "Referring a friend is possible up to 3 times. Referring a friend earns EUR 500."
    (first,) = quote("How much money do I get for referring a friend?", text, max_sentences=1)
    assert "EUR 500" in first.text


def test_a_table_row_is_quoted_with_its_header_row():
    text = "Country | Days\nSpain | 22\nFrance | 25"
    (first,) = quote("How many days in Spain?", text, max_sentences=1)
    assert first.text == "Country | Days\nSpain | 22"


def test_the_same_sentence_in_overlapping_passages_is_quoted_once():
    shared = "Parental leave lasts twenty weeks at full salary."
    quotes = quote("parental leave weeks", f"Intro. {shared}", f"{shared} Other text follows here.")
    assert sum(shared in q.text for q in quotes) == 1


def test_the_better_passage_is_preferred_when_no_words_are_shared():
    (first,) = quote("maternity", "New parents stay home twenty weeks.", "The canteen opens at noon.", max_sentences=1)
    assert first.source == 0


def test_nothing_to_quote_from_is_no_answer():
    assert quote("leave") == ()
    assert quote("leave", "  \n ") == ()


def test_meaning_finds_the_sentence_that_shares_fewer_words():
    text = "Parental leave questions go to HR. Parental leave has a form. Employees receive 65 days for each child."

    def cosines(texts):
        return [0.9 if "65 days" in text else 0.1 for text in texts]

    (first,) = quote("How long is parental leave?", text, similarities=cosines, max_sentences=1)
    assert first.text == "Employees receive 65 days for each child."


def test_few_and_short_texts_are_compared_by_meaning():
    seen = []

    def cosines(texts):
        seen.extend(texts)
        return [0.5] * len(texts)

    quote(
        "leave",
        *[" ".join(f"Leave rule {number} {'is strict ' * 50}." for number in range(9))] * 5,
        similarities=cosines,
    )

    assert len(seen) == 6
    assert max(map(len, seen)) <= 200


TEXTS = st.lists(
    st.sampled_from(["Leave is paid.", "Ask HR", "a | b", "You need:", "- item", "é日本", "Really?", "Long " * 60]),
    min_size=1,
    max_size=12,
)


@given(parts=st.lists(TEXTS, min_size=1, max_size=3), question=st.text(max_size=60) | st.just("how many leave days"))
def test_every_quote_is_verbatim_and_quotes_of_a_source_do_not_overlap(parts, question):
    texts = ["\n\n".join(part) for part in parts]

    quotes = quote(question, *texts)

    assert quotes
    assert all(texts[q.source][q.start : q.end] == q.text == q.text.strip() != "" for q in quotes)
    for source in range(len(texts)):
        own = [q for q in quotes if q.source == source]
        assert all(left.end <= right.start for left, right in itertools.pairwise(own))


@given(st.text(alphabet=st.sampled_from("aB. \n|-:1"), max_size=150))
def test_pieces_hold_every_visible_character_once(text):
    pieces = pieces_of(text=text)
    assert "".join("".join(text[p.span.start : p.span.end].split()) for p in pieces) == "".join(text.split())
    assert all(p.quote.start <= p.span.start and p.span.end <= p.quote.end for p in pieces)
