"""The words of a question: what can be asked, and its name in the audit log."""

import hashlib
import hmac
import unicodedata

from django.conf import settings

# Overrides of the writing direction: they make a question look like another one. The letters themselves know theirs.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class QuestionEmpty(ValueError):
    """The question has no visible character."""


class QuestionTooLong(ValueError):
    """The question is longer than MAX_QUESTION_CHARS."""


def clean_question(raw: str) -> str:
    """The question without control characters and surrounding space.

    :raises QuestionEmpty, QuestionTooLong: when it cannot be asked.
    """
    kept = "".join(c if unicodedata.category(c) not in ("Cc", "Cs", "Cn", "Co") else " " for c in raw if c not in _BIDI)
    question = " ".join(kept.split())
    if not any(unicodedata.category(c)[0] in "LNSP" for c in question):
        raise QuestionEmpty("The question is empty.")
    if len(question) > settings.MAX_QUESTION_CHARS:
        raise QuestionTooLong(
            f"The question has {len(question)} characters; {settings.MAX_QUESTION_CHARS} are allowed."
        )
    return question


def digest_of(question: str) -> str:
    """A question's name in the audit log. Keyed, because a plain hash of a short question can be guessed."""
    return hmac.new(settings.SECRET_KEY.encode(), question.encode(), hashlib.sha256).hexdigest()
