"""Questions for an amount, and the numbers that answer them."""

import pytest

from retrieval.amounts import asked_amount


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("How much money do I get?", "The reward is EUR 1,200.", True),
        ("How much money do I get?", "It is paid after 3 months.", False),
        ("How many days of leave do I get?", "Employees receive 65 working days per child.", True),
        ("How many days of leave do I get?", "Event: Wedding | Paid days: 2", True),
        ("How many days of leave do I get?", "It is requested 12 weeks in advance.", False),
        ("How many unused leave days can I keep?", "Up to six days are kept.", True),
        ("How long is probation?", "It lasts 3 months.", True),
        ("How long is probation?", "It can be extended.", False),
    ],
)
def test_an_amount_is_a_number_of_the_unit_that_is_asked_for(question, text, expected):
    amount = asked_amount(question)
    assert amount is not None
    assert amount.is_in(text) is expected
    assert (amount.bonus(text) > amount.bonus("No figure here.")) is (expected or any(c.isdigit() for c in text))


def test_other_questions_ask_for_no_amount():
    assert asked_amount("Who approves expenses?") is None
