"""How an answer came about, in plain sentences. Computes from values."""

from django.utils.formats import date_format

from retrieval import tracing
from retrieval.models import Query
from retrieval.services.explaining import Explanation

Outcome = Query.Outcome

# What each fate is called in a list; the second text explains it.
FATES: dict[str, tuple[str, str]] = {
    tracing.CITED: ("Cited", "The answer rests on it."),
    tracing.UNUSED: ("Not needed", "Read closely; none of its sentences says more about the question."),
    tracing.NEAREST: ("Shown as nearest", "Too weak for an answer; shown as one of the sources that came closest."),
    tracing.TOO_WEAK: ("Too weak", "Read closely, but not sure enough to answer from."),
    tracing.REPEATS: ("Says the same", "Word for word what a better passage says."),
    tracing.BELOW_RANK: ("Below the rank", "Found, but others fitted better; it was not read."),
    tracing.UNREADABLE: ("Taken out", "Withdrawn, out of its days or closed to the asker while it was searched for."),
    tracing.CLOSED: ("Taken out at the end", "Withdrawn or closed to the asker while the answer was written."),
}
OUTCOMES: dict[str, tuple[str, str]] = {
    Outcome.ANSWERED: ("Answered", "good"),
    Outcome.ABSTAINED: ("Not answered", "waiting"),
    Outcome.ASKED_BACK: ("Asked back", "working"),
    Outcome.DENIED: ("Somebody else's record", "bad"),
    Outcome.SENSITIVE: ("Approved text", "secret"),
}
STAGES: dict[str, str] = {
    "encode": "Understand the question",
    "hear": "What it is about",
    "tool": "Look into the record",
    "search": "Search",
    "load": "Read the passages",
    "confidence": "Weigh them",
    "extract": "Choose the sentences",
    "generate": "Language model",
}
_REASONS: dict[str, str] = {
    "timeout": "took too long",
    "unreachable": "could not be reached",
    "refused": "refused",
    "breaker_open": "had failed several times just before and was left alone",
    "broken_off": "broke off",
    "nothing_proven": "wrote nothing that its passages prove",
}
_QUOTED = "extractive"
_RECORD = "record"


def summary(explanation: Explanation) -> list[str]:
    """What a person of HR reads first: what was looked at, what was good enough, why it was said or not."""
    told = [*_looked_at(explanation), *_taken_out(explanation), *_outcome(explanation), *_writer(explanation)]
    if explanation.trace is None:
        told.append("This answer is from before all of this was kept, so only a part of it can be told.")
    return told


def figure(value: float) -> str:
    """`.61`, as confidences are written here; `1.00` for certainty."""
    return f"{value:.2f}".removeprefix("0")


def _looked_at(explanation: Explanation) -> list[str]:
    if not explanation.was_searched:
        return ["No passage was looked at: nothing was asked of the documents."]
    day = f", in force on {date_format(explanation.as_of, 'j F Y')}" if explanation.as_of else ""
    found = len(explanation.candidates)
    if not found:
        return [f"Nothing was found among the documents that the asker may read{day}."]
    return [
        f"{_passages(found)} looked at, all of documents that the asker may read{day}; "
        f"the best {explanation.closely_read} {'was' if explanation.closely_read == 1 else 'were'} read closely."
    ]


def _taken_out(explanation: Explanation) -> list[str]:
    told = []
    if repeated := explanation.count(tracing.REPEATS):
        told.append(f"{repeated} of them said word for word what a better one says.")
    if gone := explanation.count(tracing.UNREADABLE, tracing.CLOSED):
        told.append(
            f"{gone} {'was' if gone == 1 else 'were'} taken out again: withdrawn or closed to the asker meanwhile."
        )
    return told


def _outcome(explanation: Explanation) -> list[str]:
    if explanation.outcome == Outcome.DENIED:
        return ["The question was about somebody else's record, which the asker may not see."]
    if explanation.generator == _RECORD:
        return ["The answer came from the asker's own record, which is not shown here."]
    if not explanation.was_searched:
        return []
    whose = {"company": "this company's threshold", "installation": "the installation's threshold"}.get(
        explanation.threshold_source, "the threshold"
    )
    place = "above" if explanation.is_found else "below"
    sure = f"Confidence {figure(explanation.confidence)} is {place} {whose} {figure(explanation.threshold)}"
    if explanation.outcome == Outcome.ANSWERED:
        cited = explanation.count(tracing.CITED)
        passages = "1 passage" if cited == 1 else f"{cited} passages"
        return [f"The answer rests on {passages}.", f"{sure}, so it was given.", *_why_so_sure(explanation)]
    if explanation.outcome == Outcome.ASKED_BACK:
        name = explanation.asked_back.replace("_", " ")
        return [f"{sure}, but the answer depends on the {name}, which the asker's record does not say: it asked back."]
    if explanation.is_found:
        return [f"{sure}, but nothing was left to quote, so the documents were said not to tell."]
    return [f"{sure}, so it was said that the documents do not say.", *_why_so_sure(explanation)]


def _why_so_sure(explanation: Explanation) -> list[str]:
    signals = explanation.trace.signals if explanation.trace else {}
    found, support, own = signals.get("found"), signals.get("support"), signals.get("own")
    if found is None or explanation.confidence >= found:
        return []
    told = [f"The passages as a whole fitted at {figure(found)}"]
    if support is not None and support < found:
        told.append(f"the sentences that could be quoted speak about the question at {figure(support)} only")
    if own is not None and own < found:
        told.append(f"they hold {figure(own)} of the words of this follow-up question")
    return ["; ".join(told) + "."] if len(told) > 1 else []


def _writer(explanation: Explanation) -> list[str]:
    told = []
    if explanation.fallback_reason == "vector_store_unavailable":
        told.append("The vector store did not answer, so only words were compared, not their meaning.")
    elif explanation.fallback_reason:
        reason = _REASONS.get(explanation.fallback_reason, "did not answer")
        told.append(f"A language model was asked and {reason}, so passages were quoted instead.")
    if explanation.outcome != Outcome.ANSWERED or explanation.generator == _RECORD:
        return told
    if explanation.generator == _QUOTED:
        return [*told, "Every sentence stands word for word in its document."]
    return [*told, f"{explanation.generator} wrote it; every sentence was checked against the passage it names."]


def _passages(count: int) -> str:
    return "1 passage was" if count == 1 else f"{count} passages were"
