"""Which tool a question wants, or none: nearest example phrases, a margin, and guards on single words.

Measured in retrieval/tests/test_intents.py; docs/assistant.md has the tables and says how to extend the list.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.exemplars import NONE, phrasebook
from retrieval.tools import own_requests, people, people_meant

PHRASES = Path(__file__).parent / "phrases" / "exemplars.txt"
SOMEONE_ELSE = "someone_else"
# By how much a tool must be nearer than `none`. Below 0 policy questions were answered from the record.
_MARGIN = 0.0
# How much nearer `none` may be when the words speak of somebody else's pay or leave: a refusal costs little.
_REFUSING_MARGIN = -0.5
# Words without one of which a question is not about the tool's subject, whatever it is near to.
_ANCHORS = {
    "leave_balance": r"leave|vacations?|holidays?|pto|days?|time[ -]off|carr(?:y|ied)",
    "leave_requests": (
        r"leave|vacations?|holidays?|requests?|time[ -]off|days?[ -]off|booked|off|approved?|absence|sick|ill"
    ),
    "request_leave": r"leave|vacations?|holidays?|off|day|days|free|pto",
    "paystubs": (
        r"pay\w*|paid|salar\w+|earn\w*|wages?|net|gross|tax\w*|income|make|made|money|withheld"
        r"|(?:did|have) i (?:get|got|receive\w*)"
    ),
    "paystub_line": r"pay\w*|paid|salar\w+|deduct\w*|wages?|net|gross|income|money|(?:get|got) (?:less|more)",
    "my_manager": r"manager|boss|supervis\w+|superior|reports?|in charge|line|approv\w*|decides?|signs?(?: it)? off",
    "my_department": (
        r"departments?|teams?|team-?mates?|colleagues?|co-?workers?|site|unit|(?:employee|staff|personnel) number"
        r"|record|grade|level|start(?:ed)?|join(?:ed)?|hired|employment type|job title|file|works? with|same manager"
        r"|country|working days"
    ),
    "team_absences": r"off|absen\w+|leave|vacations?|holidays?|away|out|missing|calendar|not working|sick",
}
_ANCHORED = {tool: re.compile(rf"\b(?:{words})\b", re.I) for tool, words in _ANCHORS.items()}
# What the asker owns can be meant without "my" only in a command or a bare noun ("show leave balance", "last payslip").
_ASKS = re.compile(r"^\W*(?:and\s+)?(?:what|when|how|which|why|is|are|can|could|does|do|did|who|whom|where|if)\b", re.I)
_NEEDS_ONESELF = frozenset({"leave_balance", "leave_requests", "paystubs", "paystub_line", "my_manager"})
# The words of somebody who asks for a rule or a procedure.
_RULE = re.compile(
    r"\b(?:polic(?:y|ies)|handbook|rules?|allowed|entitled|permitted|deadline|procedure|process|guidelines?"
    r"|employees?\b"
    r"(?! number)|how (?:do|can|should|would) (?:i|we|you) (?!(?:contact|reach|still|currently)\b)(?!have\b)"
    r"|an? employee"
    r"|(?:can|may|could) (?:i|we|you|they) (?:carry|transfer|sell|save|move|cash|postpone)|in advance|per year"
    r"|(?:each|every) (?:calendar )?year|a year\b|annually)",
    re.I,
)
_RULE_PENALTY = 0.6
# Words that tell two tools apart which speak of the same things, and how much they count.
_HINTS = {
    "leave_balance": re.compile(r"\b(?:how (?:much|many)|left|remaining|available|balance|allowance)\b", re.I),
    "my_manager": people.APPROVES,
    "leave_requests": re.compile(r"\b(?:sick|ill)\b|\b(?:cancel|withdraw)\b|^\W*who (?:has )?approved\b", re.I),
    "request_leave": re.compile(
        r"^\W*(?:please )?(?:request|book|submit|file|apply|enter|register|schedule)\b(?!.*\?)", re.I
    ),
    "paystub_line": re.compile(
        r"\b(?:lines?|items?|entry|entries|deductions?|deducted|code|stands? for|means?|why|explain)\b", re.I
    ),
}
_HINT = 0.25
# Days off of a kind that the balance does not count.
_OTHER_DAYS = re.compile(
    r"\b(?:bridge|sick(?:ness)?|ill|training|study|learning|education\w*|remote|home[ -]?office|volunteer\w*|parental"
    r"|maternity|paternity|bereavement|compassionate|special|care|caring|carer|child(?:['’]s)?|travel|unpaid|exam|moving"
    r"|wedding|religious|floating|mental health|probation|notice)\b(?=(?:[ -]\w+)?[ -](?:days?|leave|time)\b|\W*$)"
    r"|\b(?:sick|ill)\b",
    re.I,
)
# What one took is on record; what one may take is a rule.
_TOOK = re.compile(
    r"\b(?:took|taken|did i (?:take|have|call)|have i (?:been|had|called|used)|was i|i was|i['’]ve (?:been|had|taken)"
    r"|my (?:\w+ )?(?:sick|illness)|i have been|did i)\b",
    re.I,
)
# Absences of a team are of somebody: a team, people, anybody.
_TEAM = re.compile(
    r"\b(?:team\w*|who|whom|people|reports|staff|anybody|anyone|somebody|someone|employees|members)\b", re.I
)
_BALANCE_OR_PAY = re.compile(r"\b(?:balances?|left|remaining)\b", re.I)
# Nearer to somebody else's record than to everything else by this much, it is that without the grammar, too.
_CLEARLY_ANOTHER = 0.25
# A request for leave says when, or asks for something to be done.
_DOES = re.compile(
    r"\b(?:book|request|take|taking|apply|submit|file|enter|register|schedule|put|need|want|wanna|like|have|get|sign"
    r"|off|please|plan\w*|off\?)\b",
    re.I,
)


@dataclass(frozen=True)
class Intent:
    """The tool that a question wants, or `none`. `margin` is by how much it is nearer than `none`."""

    tool: str
    margin: float

    @property
    def wants_record(self) -> bool:
        return self.tool != NONE

    @property
    def is_about_someone_else(self) -> bool:
        return self.tool == SOMEONE_ELSE


def intent_of(*, question: str, vector: NDArray[np.float32]) -> Intent:
    """What `question` wants. `vector` is its embedding, float32, shape (dim,), L2-normalised. Under 1 ms, no query."""
    scores = phrasebook(PHRASES).scores(vector)
    none = scores.pop(NONE) + (_RULE_PENALTY if _RULE.search(question) else 0.0)
    nearest = max(scores.values())
    if _is_about_another(question, scores, nearest, none):
        return Intent(SOMEONE_ELSE, nearest - none)
    for hinted, words in _HINTS.items():
        scores[hinted] += _HINT if words.search(question) else 0.0
    possible = {tool: score for tool, score in scores.items() if tool in _ANCHORED and _is_possible(tool, question)}
    if not possible:
        return Intent(NONE, nearest - none)
    tool = max(possible, key=lambda name: possible[name])
    margin = possible[tool] - none
    return Intent(tool if margin > _MARGIN else NONE, margin)


def _is_about_another(question: str, scores: dict[str, float], nearest: float, none: float) -> bool:
    if not people_meant.speaks_of_another(question):
        others = max(score for tool, score in scores.items() if tool != SOMEONE_ELSE)
        clearly = scores[SOMEONE_ELSE] - max(none, others) > _CLEARLY_ANOTHER
        return clearly and not people_meant.speaks_of_oneself(question)
    if nearest - none <= _REFUSING_MARGIN:
        return False
    is_absence = scores["team_absences"] >= scores[SOMEONE_ELSE]
    return not is_absence or people_meant.is_about_pay(question) or _BALANCE_OR_PAY.search(question) is not None


def _is_possible(tool: str, question: str) -> bool:
    asks_who_approves = people.APPROVES.search(question) is not None
    if not _ANCHORED[tool].search(question) and not (tool == "my_manager" and asks_who_approves):
        return False
    if tool == "request_leave" and not _DOES.search(question):
        return False
    if tool == "leave_balance" and (asks_who_approves or _OTHER_DAYS.search(question)):
        return False
    if tool == "leave_requests" and (
        asks_who_approves or (own_requests.SICK.search(question) and not _TOOK.search(question))
    ):
        return False
    if tool == "request_leave" and own_requests.CANCELS.search(question):
        return False
    if tool == "team_absences" and not _TEAM.search(question):
        return False
    asks_without_oneself = _ASKS.match(question) and not people_meant.speaks_of_oneself(question)
    return not (tool in _NEEDS_ONESELF and asks_without_oneself)
