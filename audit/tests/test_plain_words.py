"""What stands for a pseudonym without a name, and for a reason that is the name of an error."""

import pytest

from audit import describing


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("document:1f3c9a2b-0b7e-4c51-9f0e-7f2f3ab1c9d2", "document 1f3c9a2b"),
        ("document:", "a document"),
        ("paystub:1f3c9a2b-0b7e-4c51-9f0e-7f2f3ab1c9d2", "a paystub"),
        ("employee:17", "employee 17"),
    ],
)
def test_documents_have_a_short_handle_of_their_own(label: str, text: str) -> None:
    assert describing.plain(label) == text


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("SecondPersonNeeded", "second person needed"),
        ("ActionRefused", "action refused"),
        ("not_there", "not_there"),
        ("Unpaid", "Unpaid"),
        ("They asked SecondPersonNeeded for it", "They asked SecondPersonNeeded for it"),
        ("", ""),
    ],
)
def test_names_of_errors_are_told_in_words_and_nothing_else_is(reason: str, text: str) -> None:
    assert describing.reason_in_words(reason) == text
