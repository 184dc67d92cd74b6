"""What the pages on an answer show, as values for their templates."""

from collections.abc import Sequence
from dataclasses import dataclass

from hr.access import Scope
from retrieval.models import Feedback, Query
from retrieval.services import wording
from retrieval.services.explaining import Explanation, ShownCandidate, ShownCitation, Stage, citations_of
from retrieval.services.hr_reading import Opened
from retrieval.tracing import BELOW_RANK

# The chart's own units; the page scales it to its width.
_CHART_WIDTH = 600
_COLOURS = 6


@dataclass(frozen=True)
class CandidateRow:
    """One line of the table. `is_read`: it came far enough to be read closely."""

    shown: ShownCandidate
    fate: str
    why: str
    is_read: bool


@dataclass(frozen=True)
class Bar:
    """One step in the chart of times, in chart units."""

    label: str
    ms: float
    x: float
    width: float
    colour: int


@dataclass(frozen=True)
class Chart:
    bars: tuple[Bar, ...]
    width: int
    total_ms: float


@dataclass(frozen=True)
class ReadAnswer:
    """One question of a conversation that HR may read."""

    query: Query
    outcome: str
    tone: str
    citations: tuple[ShownCitation, ...]
    feedback: Feedback | None
    withheld: int

    @property
    def is_shared(self) -> bool:
        return self.query.lane == Query.Lane.SHARED


def candidates(explanation: Explanation) -> tuple[list[CandidateRow], list[CandidateRow]]:
    """The table's lines, best first: those that were read or taken out, and the rest, which is folded away."""
    rows = []
    for shown in explanation.candidates:
        fate, why = wording.FATES[shown.fate]
        rows.append(CandidateRow(shown=shown, fate=fate, why=why, is_read=shown.fate != BELOW_RANK))
    return [row for row in rows if row.is_read], [row for row in rows if not row.is_read]


def chart_of(stages: Sequence[Stage]) -> Chart | None:
    """The steps one after the other, each as wide as it took; None when no time was kept."""
    order = list(wording.STAGES)
    stages = sorted(stages, key=lambda stage: order.index(stage.name) if stage.name in order else len(order))
    total = sum(stage.ms for stage in stages)
    if total <= 0:
        return None
    bars, x = [], 0.0
    for number, stage in enumerate(stages):
        width = _CHART_WIDTH * stage.ms / total
        label = wording.STAGES.get(stage.name, stage.name)
        bars.append(Bar(label=label, ms=stage.ms, x=x, width=width, colour=number % _COLOURS))
        x += width
    return Chart(bars=tuple(bars), width=_CHART_WIDTH, total_ms=total)


def conversation(opened: Opened, *, viewer: Scope) -> list[ReadAnswer]:
    """The questions with their answers. What rests on documents that the viewer may not read is left out."""
    answers = []
    for query in opened.queries:
        shown = citations_of(query=query, viewer=viewer)
        text, tone = wording.OUTCOMES[query.outcome]
        answers.append(
            ReadAnswer(
                query=query,
                outcome=text,
                tone=tone,
                citations=tuple(one for one in shown if one.is_readable),
                feedback=getattr(query, "feedback", None),
                withheld=sum(not one.is_readable for one in shown),
            )
        )
    return answers
