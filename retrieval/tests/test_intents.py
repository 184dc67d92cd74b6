"""Questions reach the right tool, or none: measured on kept phrasings, and on real questions about policies."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from retrieval import exemplars
from retrieval.encoders import get_encoder
from retrieval.exemplars import NONE
from retrieval.services.asking.hearing import hear
from retrieval.tools.intents import PHRASES, SOMEONE_ELSE, intent_of

KEPT = Path(__file__).parent / "phrasings" / "tools.txt"
SHARED_SETS = ("hrfaq_dev", "contoso", "policyqa_dev")


def tool_for(question):
    heard = hear(question=question, vector=get_encoder().encode_queries([question])[0], last=None)
    return "topic" if heard.alarm else heard.tool


def test_kept_phrasings_reach_the_right_tool_or_none(capsys):
    phrases = exemplars.read_phrases(KEPT)
    assert len(phrases) >= 240
    table = Counter((phrase.label, tool_for(phrase.text)) for phrase in phrases)

    right = sum(count for (wanted, got), count in table.items() if wanted == got)

    with capsys.disabled():
        print(f"\n{confusion(table)}\nright: {right} of {len(phrases)}")
    assert right / len(phrases) >= 0.95


def test_kept_phrasings_are_no_exemplars():
    kept = {phrase.text.casefold().strip("?. ") for phrase in exemplars.read_phrases(KEPT)}
    listed = {phrase.text.casefold().strip("?. ") for phrase in exemplars.read_phrases(PHRASES)}

    assert not kept & listed


@pytest.mark.hr_data
def test_questions_about_policies_are_not_answered_from_the_record(hr_data, capsys):
    questions = shared_questions(hr_data)[:500]
    assert len(questions) == 500
    vectors = get_encoder().encode_queries(questions)

    wrong = [
        (question, intent.tool)
        for question, vector in zip(questions, vectors, strict=True)
        if (intent := intent_of(question=question, vector=vector)).wants_record
    ]

    with capsys.disabled():
        print(f"\nwrongly routed: {len(wrong)} of {len(questions)} {wrong}")
    assert len(wrong) / len(questions) <= 0.02


@pytest.mark.parametrize(
    "question",
    [
        "what does bob earn",
        "show me Anna's paystub",
        "What is the salary of Jane Miller?",
        "how many days of leave does Maria have left?",
        "What did she earn last month?",
        "pay of employee number 2001",
        "What's my boss's salary?",
    ],
)
def test_somebody_elses_record_is_recognised(question):
    assert tool_for(question) == SOMEONE_ELSE


@pytest.mark.parametrize(
    ("own", "policy"),
    [
        ("How many days do I have left?", "How many days of leave do employees get?"),
        ("What is my salary?", "What are the salary bands?"),
        ("Who is my manager?", "What do managers do?"),
        ("Has my leave been approved?", "Who approves leave?"),
    ],
)
def test_whose_days_they_are_tells_record_from_policy(own, policy):
    assert tool_for(own) not in (NONE, SOMEONE_ELSE)
    assert tool_for(policy) == NONE


def test_ridge_regression_separates_two_opposite_phrases():
    vectors = np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)

    weights = exemplars.ridge_weights(vectors=vectors, label_of=np.array([0, 1]), labels=2, penalty=0.1)

    first = vectors[0] @ weights[:-1] + weights[-1]
    assert first[0] > 0.8 > 0.2 > first[1]
    assert weights.shape == (3, 2)


def test_list_without_a_label_is_refused(tmp_path):
    (tmp_path / "list.txt").write_text("How many days?\n[leave]\n")

    with pytest.raises(exemplars.PhraseListInvalid, match="before the first"):
        exemplars.read_phrases(tmp_path / "list.txt")


def test_empty_list_is_refused(tmp_path):
    (tmp_path / "list.txt").write_text("# nothing\n[leave]\n")

    with pytest.raises(exemplars.PhraseListInvalid, match="no phrases"):
        exemplars.read_phrases(tmp_path / "list.txt")


def shared_questions(folder):
    """Questions of real handbooks and policies, those on HR first."""
    files = [(folder / "questions" / name / "queries.jsonl").read_text() for name in SHARED_SETS]
    lines = [line for text in files for line in text.splitlines()]
    return list(dict.fromkeys(json.loads(line)["text"] for line in lines))


def confusion(table):
    """Rows: what was wanted; columns: what was chosen; zeros left out."""
    labels = list(dict.fromkeys(label for pair in table for label in pair))
    width = max(map(len, labels)) + 2
    lines = [" " * width + "".join(f"{number:>4}" for number in range(1, len(labels) + 1))]
    for number, wanted in enumerate(labels, 1):
        cells = "".join(f"{table[wanted, got] or '.':>4}" for got in labels)
        lines.append(f"{f'{number} {wanted}':<{width}}{cells}")
    return "\n".join(lines)
