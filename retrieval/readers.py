"""Who else may read a question, in the words of the pages."""

from dataclasses import dataclass

from retrieval.models import Query
from retrieval.services import hr_reading
from retrieval.services.hr_reading import Rule
from tenants import context

Lane = Query.Lane

ONLY_YOU = "Only you can read this."
SHARED = "You shared this question and its answer with HR."
WITH_REASON = "HR may read this question, for a reason that is recorded."
_SHARE = (Lane.SHARED.value, "Share with HR")
_STOP = (Lane.PRIVATE.value, "Stop sharing")
_KEEP = (Lane.PRIVATE.value, "Keep it private")


@dataclass(frozen=True)
class Readers:
    """Who can read one answer, and what its asker may choose instead: (lane, what the button says)."""

    text: str
    is_open: bool
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RuleBeforeAsking:
    """What stands below the ask box. `offers_private`: a question may be kept private as it is asked."""

    text: str
    offers_private: bool


def before_asking() -> RuleBeforeAsking:
    """The current company's rule, for those who are about to ask."""
    rule = context.current_tenant().hr_reading
    if rule == Rule.REASON:
        text = (
            "HR may read questions about the documents, for a reason that is recorded, unless you keep them private. "
            "What you write about something personal is never read."
        )
        return RuleBeforeAsking(text=text, offers_private=True)
    if rule == Rule.SHARED:
        return RuleBeforeAsking(
            text="Only you can read what you ask. HR reads a question only when you share it.", offers_private=False
        )
    return RuleBeforeAsking(text="Only you can read what you ask.", offers_private=False)


def readers_of(query: Query) -> Readers:
    """For the asker. No query when its `trace` was selected."""
    rule = context.current_tenant().hr_reading
    if rule == Rule.NEVER or query.outcome == Query.Outcome.SENSITIVE:
        return Readers(text=ONLY_YOU, is_open=False)
    if query.lane == Lane.SHARED:
        return Readers(text=SHARED, is_open=True, choices=(_STOP,))
    if hr_reading.is_readable(query):
        return Readers(text=WITH_REASON, is_open=True, choices=(_KEEP,))
    return Readers(text=ONLY_YOU, is_open=False, choices=(_SHARE,))
