"""Follow-up questions: make an incomplete question complete from the conversation, without a language model."""

import re

from retrieval.coverage import terms_of

# Words that point back to something said before. A question that only points cannot be searched for by itself.
_POINTING = re.compile(
    r"\b(it|its|this|that|these|those|they|them|their|he|she|him|her|there|then|one|ones|same|former|latter)\b", re.I
)
_CONTINUING = re.compile(r"^\s*(and|but|or|also|what about|how about|what if|is that|why|who then|for)\b", re.I)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

# Below this many words a question rarely says what it is about ("And for part-timers?", "How long?").
_SHORT_WORDS = 4
# A pointing word in a longer question usually points inside the question itself.
_LONG_WORDS = 12
# A question that points back needs this many terms of its own to be searched for by itself.
_OWN_TERMS = 2

# Greetings, thanks and agreement: nothing that a document could answer.
_SMALL_TALK = frozenset(
    "a again all alright and appreciate awesome bonjour bye cheers ciao cool danke day dear evening everyone fine for"
    " good goodbye got gracias great hallo hello help hey hi hola i it lot lovely many merci morning much nice no nope"
    " now ok okay perfect please right see so sounds super sure ta thank thanks that that's the there thx understood"
    " very well wonderful yeah yep yes you your".split()
)
# The same as a word alone would be a topic ("help", "day"): one of these must be there too.
_SMALL_TALK_CORE = frozenset(
    "alright appreciate awesome bonjour bye cheers ciao cool danke fine good goodbye got gracias great hallo hello hey"
    " hi hola lovely merci nice no nope ok okay perfect please super sure ta thank thanks thx understood wonderful"
    " yeah yep yes".split()
)


def is_small_talk(question: str) -> bool:
    """Whether the words are a greeting, thanks or agreement, so that nothing is asked."""
    words = {word.lower().replace("’", "'") for word in _WORD.findall(question)}
    return words <= _SMALL_TALK and not words.isdisjoint(_SMALL_TALK_CORE)


def points_back(question: str) -> bool:
    """Whether a question may not be understood without one before it."""
    words = _WORD.findall(question)
    if _CONTINUING.match(question) or len(words) < _SHORT_WORDS:
        return True
    return len(words) <= _LONG_WORDS and _POINTING.search(question) is not None


def readings(*, question: str, previous: str | None) -> tuple[str, ...]:
    """What a question may mean, as texts to search for; the likelier first, never empty.

    :param previous: the last question of the conversation that was complete by itself. It is put in front when the
        question may point back; the question alone comes second when it has terms of its own.
    """
    if not previous or not points_back(question):
        return (question,)
    needed = _OWN_TERMS if _POINTING.search(question) else 1
    together = f"{previous} {question}"
    return (together, question) if len(terms_of(question)) >= needed else (together,)
