"""Questions for an amount, and whether a text holds a number of the kind they ask for."""

from __future__ import annotations

import dataclasses
import re

# A question for a number prefers sentences that hold one, more so with the unit that is asked for.
_NUMBER_BONUS = 0.15
_UNIT_BONUS = 0.3

_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|often|far|old|soon|early|late)\b"
    r"|\b(?:what|which) (?:amount|rate|percentage|limit|number)\b",
    re.I,
)
_ASKS_MONEY = re.compile(r"\bhow much (?:money|cash)\b|\b(?:what|which) (?:amount|sum) of money\b", re.I)
_ASKS_COUNT = re.compile(r"\bhow many (?:[\w-]+ ){0,2}?(day|week|month|year|hour|minute)s?\b", re.I)
_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|half|unlimited|never|no"
)
_NUMBER = re.compile(rf"\d|\b(?:{_NUMBER_WORDS.removesuffix('|no')})\b", re.I)
_MONEY = re.compile(
    r"[$€£¥]\s?\d|\b(?:EUR|USD|GBP|CHF|PLN|SEK|NOK|DKK)\s?\d|\d\s?(?:[$€£%]|(?:EUR|USD|GBP|CHF|PLN|SEK|NOK|DKK)\b)"
    r"|\d\s?(?:euros?|dollars?|pounds?|per ?cent)\b",
    re.I,
)


@dataclasses.dataclass(frozen=True)
class Amount:
    """What a question wants counted. ``unit`` finds numbers of the kind asked for; None when any number will do."""

    unit: re.Pattern[str] | None

    def is_in(self, text: str) -> bool:
        """Whether the text holds a number of the kind asked for."""
        return (self.unit or _NUMBER).search(text) is not None

    def bonus(self, text: str) -> float:
        """What a sentence's score gains for its numbers; 0 without any."""
        if self.unit is not None and self.unit.search(text):
            return _UNIT_BONUS
        return _NUMBER_BONUS if _NUMBER.search(text) else 0.0


def asked_amount(question: str) -> Amount | None:
    """The amount that a question asks for; None when it asks for something else."""
    if _ASKS_MONEY.search(question):
        return Amount(unit=_MONEY)
    if counted := _ASKS_COUNT.search(question):
        # "80 working days", "65 days", and a table's "Paid days: 3".
        unit = counted[1]
        words = rf"(?:\d|\b(?:{_NUMBER_WORDS})\b)[\w.,%-]*(?:\s[\w-]+){{0,3}}?\s{unit}s?\b|\b{unit}s?: \d"
        return Amount(unit=re.compile(words, re.I))
    return Amount(unit=None) if _ASKS_NUMBER.search(question) else None
