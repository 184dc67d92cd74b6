"""A language model's words become sentences that are proven by the passages they cite, or nothing.

The model has no authority: a sentence counts only with numbers that we gave, whose passages hold its words and figures.
"""

import re
from collections.abc import Iterator, Sequence

from retrieval.answers import AnswerSentence, ScoredPassage
from retrieval.prompts import NO_ANSWER
from retrieval.sparse import encode_query_sparse

# A group of citations such as [1] or [1, 2][3], possibly before the full stop.
_GROUP = re.compile(r"\s*((?:\[\s*\d+(?:\s*,\s*\d+)*\s*\]\s*)+)([.!?])?")
_NUMBER = re.compile(r"\d+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\s])")
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_LINK = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+", re.I)
_MARKUP = re.compile(r"^[\s#>*\-•]+|[*_`]{1,3}")

# Share of a sentence's stems that its passages must hold. Paraphrase keeps most nouns; an invention does not.
MIN_SHARED_STEMS = 0.6


class SentenceReader:
    """Turns a stream of words into (sentence, cited numbers), as soon as a sentence with its numbers is complete."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Sentences that `text` completes. A group at the very end waits: more numbers may follow."""
        self._rest += text
        while (group := _GROUP.search(self._rest)) is not None and group.end() < len(self._rest):
            yield self._take(group)

    def finish(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """What was still waiting; text without numbers is lost."""
        while (group := _GROUP.search(self._rest)) is not None:
            yield self._take(group)

    def _take(self, group: re.Match[str]) -> tuple[str, tuple[int, ...]]:
        before, self._rest = self._rest[: group.start()], self._rest[group.end() :]
        # Of several sentences before a group, only the last one carries it.
        last = _SENTENCE_END.split(before.strip())[-1]
        text = _MARKUP.sub("", last).strip()
        if text and text[-1] not in ".!?":
            text += group.group(2) or "."
        numbers = tuple(dict.fromkeys(int(number) for number in _NUMBER.findall(group.group(1))))
        return text, numbers


def proven(*, text: str, numbers: Sequence[int], passages: Sequence[ScoredPassage]) -> AnswerSentence | None:
    """The sentence with those of its citations that exist, if they prove it; None otherwise.

    Proof: every figure, link and address of the sentence stands in a cited passage, and so do at least MIN_SHARED_STEMS
    of its words' stems (headings and titles count as part of the passage).
    """
    cited = tuple(number for number in numbers if 1 <= number <= len(passages))
    if not cited or NO_ANSWER in text:
        return None
    sources = " ".join(f"{passages[n - 1].title} {passages[n - 1].heading} {passages[n - 1].text}" for n in cited)
    if not _holds_all(_FIGURE.findall(text), _FIGURE.findall(sources)) or not all(
        link.rstrip(".,;)") in sources for link in _LINK.findall(text)
    ):
        return None
    stems, known = set(encode_query_sparse(text).indices), set(encode_query_sparse(sources).indices)
    if not stems or len(stems & known) / len(stems) < MIN_SHARED_STEMS:
        return None
    return AnswerSentence(text=text, citations=cited)


def _holds_all(wanted: Sequence[str], known: Sequence[str]) -> bool:
    """Figures compared without thousands separators: 1,200 and 1200 are the same."""
    plain = {figure.replace(",", "") for figure in known} | set(known)
    return all(figure in plain or figure.replace(",", "") in plain for figure in wanted)
