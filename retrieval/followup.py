"""Follow-up questions: make an incomplete question complete from the conversation, without a language model."""

import re

# Words that point back to something said before. A question that only points cannot be searched for by itself.
_POINTING = re.compile(
    r"\b(it|its|this|that|these|those|they|them|their|he|she|him|her|there|then|one|ones|same|former|latter)\b", re.I
)
_CONTINUING = re.compile(r"^\s*(and|but|or|also|what about|how about|what if|is that|why|who then|for)\b", re.I)
_WORD = re.compile(r"\w+")

# Below this many words a question rarely says what it is about ("And for part-timers?", "How long?").
_SHORT_WORDS = 4
# A pointing word in a longer question usually points inside the question itself.
_LONG_WORDS = 12


def points_back(question: str) -> bool:
    """Whether a question cannot be understood without the one before it."""
    words = _WORD.findall(question)
    if _CONTINUING.match(question) or len(words) < _SHORT_WORDS:
        return True
    return len(words) <= _LONG_WORDS and _POINTING.search(question) is not None


def complete(*, question: str, previous: str | None) -> str:
    """What to search for: the question, with the previous one in front when it points back."""
    if not previous or not points_back(question):
        return question
    return f"{previous} {question}"
