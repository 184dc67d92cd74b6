"""Who writes that something sensitive happens to them is noticed; who asks for a rule is not. Recall first."""

from collections import Counter
from pathlib import Path

import pytest

from retrieval import exemplars
from retrieval.encoders import get_encoder
from retrieval.exemplars import NONE
from retrieval.services.asking.hearing import hear
from retrieval.tests.test_intents import confusion, shared_questions
from retrieval.topics.detecting import PHRASES, alarm_of

KEPT = Path(__file__).parent / "phrasings" / "topics.txt"


def alarm_for(question):
    return hear(question=question, vector=get_encoder().encode_queries([question])[0], last=None).alarm


def topic_of(question):
    alarm = alarm_for(question)
    return alarm.topic if alarm else NONE


def test_recall_on_the_kept_list(capsys):
    phrases = exemplars.read_phrases(KEPT)
    table = Counter((phrase.label, topic_of(phrase.text)) for phrase in phrases)
    positive = sum(count for (wanted, _), count in table.items() if wanted != NONE)
    noticed = sum(count for (wanted, got), count in table.items() if NONE not in (wanted, got))
    false = sum(count for (wanted, got), count in table.items() if wanted == NONE != got)

    with capsys.disabled():
        print(f"\n{confusion(table)}\nnoticed: {noticed} of {positive}; false alarms: {false}")
    assert positive >= 150
    assert noticed / positive >= 0.97
    assert false / (len(phrases) - positive) <= 0.1


@pytest.mark.hr_data
def test_false_alarms_on_real_questions(hr_data, capsys):
    questions = shared_questions(hr_data)
    vectors = get_encoder().encode_queries(questions)
    alarms = [alarm_of(question=text, vector=vector) for text, vector in zip(questions, vectors, strict=True)]
    false = [(text, alarm.topic) for text, alarm in zip(questions, alarms, strict=True) if alarm]

    with capsys.disabled():
        print(f"\nfalse alarms: {len(false)} of {len(questions)} {false}")
    assert len(false) / len(questions) <= 0.05


def test_kept_phrasings_are_no_exemplars():
    kept = {phrase.text.casefold().strip("?. ") for phrase in exemplars.read_phrases(KEPT)}

    assert not kept & {phrase.text.casefold().strip("?. ") for phrase in exemplars.read_phrases(PHRASES)}


@pytest.mark.parametrize(
    ("happens", "topic", "rule"),
    [
        ("I am being harassed by a colleague", "harassment", "What does the policy say about harassment?"),
        ("My father died last night", "bereavement", "What is the bereavement leave allowance?"),
        ("I was made redundant today", "redundancy", "How is severance calculated?"),
        ("I have cancer", "health", "What cancer screenings does the plan cover?"),
        ("My boss takes bribes", "whistleblowing", "What is the whistleblowing policy?"),
        ("I want to file a grievance against my boss", "grievance", "How does the grievance procedure work?"),
    ],
)
def test_what_happens_is_told_from_the_rule_about_it(happens, topic, rule):
    assert topic_of(happens) == topic
    assert topic_of(rule) == NONE


def test_message_that_also_asks_for_a_rule_gets_both():
    assert alarm_for("My father died, how many days off do I get?").with_policy
    assert not alarm_for("I am being harassed by my boss").with_policy


def test_somebody_in_danger_gets_no_quotes():
    assert not alarm_for("I want to kill myself, which number can I call?").with_policy
