"""Follow-up questions are read with the last complete question, and by themselves when they have terms of their own."""

import pytest

from retrieval import followup

LEAVE = "How many days of parental leave do I get?"


@pytest.mark.parametrize(
    "words", ["thanks", "Thank you very much!", "hello", "ok, got it", "Thanks, that's great", "hi 👋"]
)
def test_thanks_and_greetings_ask_nothing(words):
    assert followup.is_small_talk(words)


@pytest.mark.parametrize(
    "words", ["help", "sick day", "And for twins?", "🙂", "???", "Is Good Friday a holiday?", "why?"]
)
def test_short_questions_are_not_small_talk(words):
    assert not followup.is_small_talk(words)


def test_a_question_that_points_back_is_read_together_and_alone():
    assert followup.readings(question="and how much is the bonus?", previous=LEAVE) == (
        f"{LEAVE} and how much is the bonus?",
        "and how much is the bonus?",
    )


@pytest.mark.parametrize("question", ["why?", "And how?", "who approves it?"])
def test_a_question_without_a_topic_of_its_own_is_only_read_together(question):
    assert followup.readings(question=question, previous=LEAVE) == (f"{LEAVE} {question}",)


def test_a_complete_or_first_question_is_read_as_it_is():
    complete = "When is the salary for December paid out?"
    assert followup.readings(question=complete, previous=LEAVE) == (complete,)
    assert followup.readings(question="And for twins?", previous=None) == ("And for twins?",)
