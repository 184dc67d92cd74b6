"""Does somebody write about something sensitive that happens to them? Recall first; the rule about it stays a question.

Nearest example phrases and a list of strong words together. "I am being harassed" is the first kind, "what does the
policy say about harassment" the second; "my father died, how many days off do I get?" is both.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.exemplars import NONE, phrasebook

PHRASES = Path(__file__).parent / "phrases" / "exemplars.txt"
# Whatever wants a tool is about nothing sensitive.
_TOOL_PHRASES = PHRASES.parents[2] / "tools" / "phrases" / "exemplars.txt"
# How much nearer than `none` a topic must be: with a strong word in somebody's own words it may even be farther, since
# a false alarm costs less than a missed one; without anybody in the words it is mostly a question about a rule.
_MARGIN_STRONG, _MARGIN_TOLD, _MARGIN_BARE = -0.65, -0.1, 0.3
# What a strong word adds to its topic when topics are compared.
_STRONG = 0.6
# What the words of a question about a rule take away.
_RULE = 0.35
# Whom a complaint is about; about the food it is none for these texts.
_PERSON = (
    r"(?:(?:my|our|a|an|the|his|her|that|this|another) (?:\w+ ){0,2}?(?:boss|manager|supervisor|colleagues?"
    r"|co-?workers?|teammates?|lead\w*|director|hr|head|management|behaviou?r|treatment"
    r"|employer)|him|her|them|how i|being|somebody|someone|what (?:he|she|they)|the way (?:i|he|she|they)"
    r"|harass\w*|discriminat\w*|(?-i:[A-Z])\w+)"
)
_STRONG_WORDS = {
    "harassment": (
        r"harass\w*|bull(?:y|ied|ying)|mobb(?:ed|ing)|grop(?:e|ed|ing)|molest\w*|assault\w*|stalk\w*|rap(?:e|ed)\b"
        r"|touch(?:es|ed|ing)? me|sexual\w*|racis[tm]\w*|slurs?|humiliat\w*|intimidat\w*|discriminat\w*|mock(?:ed|s"
        r"|ing)"
        r"|threaten\w*|scared of (?:my|him|her)|treated differently because|inappropriately"
    ),
    "grievance": (
        r"grievance|formal complaint|unfair\w*|unjust\w*|complain(?:t|ed|ing)? (?:about|against) "
        rf"{_PERSON}|retaliat\w*|sue\b"
        r"|wrongly accused|warning letter|dispute"
    ),
    "bereavement": (
        r"died|dead|passed(?: away)?|death|funeral|bury|miscarr\w*|stillb\w*|griev(?:e|ing)|mourn\w*|hospice|deathbed"
        r"|lost (?:my|our|a) (?:\w+ )?(?:mother|mum|mom|father|dad|son|daughter|child|baby|wife|husband|partner|brother"
        r"|sister|friend|grand\w+|loved one|parents?)|took (?:his|her|their) own life"
    ),
    "health": (
        r"suicid\w*|kill myself|end(?:ing)? my (?:own )?life|hurt(?:ing)? myself|want to die|were dead|depress\w*"
        r"|burn(?:t|ed)"
        r"?[ -]?out|panic attacks?|anxi(?:ety|ous)|cancer|diagnos\w*|hiv|addict\w*|alcoholi\w*|bipolar|breakdown"
        r"|therapist"
        r"|rehab|epilep\w*|parkinson\w*|sclerosis|mental(?:ly)?|chronic\w*|(?:long )?covid|exhaust(?:ed|ion)|bulimi\w*"
        r"|anorexi\w*|my illness|seriously ill|heart attack|stroke"
    ),
    "redundancy": (
        r"redundan\w*|laid off|lay[- ]?offs?|fire(?:d| me)|sack(?:ed)?|dismiss(?:ed|al)|let go|lose my job|lost my job"
        r"|terminated|severance|given (?:my )?notice|get(?:s|ting)? axed|get rid of me"
        r"|(?:forced|asked|told|pressured|pushed|urged) (?:me )?to (?:quit|resign|leave the|hand in my)"
        r"|(?:wants?|force[sd]?|makes?|made) me (?:to )?(?:quit|resign|leave the)|(?:told|said|says) .*\bi "
        r"(?:should|must|had better) (?:resign|quit|leave(?! the (?!company|firm|job)))"
    ),
    "whistleblowing": (
        r"fraud\w*|brib\w*|kickbacks?|embezzl\w*|corrupt\w*|stealing|steals|whistle\w*|wrongdoing|misconduct|illegal\w*"
        r"|falsif\w*|fak(?:e|ed|ing)|forg(?:e|es|ed|ing)\b|launder\w*|insider trading|break(?:ing)? the law|crimes?"
        r"|evad\w+"
        r"|cheat\w*|anonymously|trade secrets|backdat\w*"
    ),
}
_WORDS = {topic: re.compile(rf"\b(?:{words})", re.I) for topic, words in _STRONG_WORDS.items()}
# Somebody who tells: themselves, their people, or what they saw.
_TELLS = re.compile(
    r"\b(?:i|i['’](?:m|ve|d|ll)|me|my|mine|myself|we|we['’](?:re|ve)|us|our|ours|somebody|someone|they|he|she|being)\b",
    re.I,
)
# What only asks: for a rule, a procedure, an amount.
_ASKS_RULE = re.compile(
    r"\b(?:polic(?:y|ies)|handbook|code of conduct|rules?|agreement|procedure|process|definition|defined|covered?"
    r"|coverage|plan|what notice|allowance|hotline|training|how (?:long|many|much|is|are)|who (?:is|are|hears"
    r"|investigates)|what (?:is|are|counts|does the|happens to)|which|when (?:do|does)|where)\b",
    re.I,
)
# In a message that fires: also a question that the documents may answer.
_WANTS_RULE = re.compile(
    r"\b(?:how (?:many|much|long|can i|do i|should i)|what (?:time off|leave|severance|notice|rights?)|polic(?:y"
    r"|ies)|handbook|procedure"
    r"|entitled|do i have to|days? off|time off|get leave|am i allowed|can they|notice period)\b",
    re.I,
)


# Somebody in danger gets the text and the person to call, and nothing else.
_ACUTE = re.compile(
    r"\b(?:suicid\w*|kill(?:ing)? (?:myself|me)|end(?:ing)? my (?:own )?life|hurt(?:ing)? myself|want to die"
    r"|(?:wish|were) (?:i (?:was|were) )?dead|don['’]t want to live|assault\w*|rap(?:e|ed)|grop\w+)\b",
    re.I,
)
# Somebody whose life is in danger: whatever else the words are near to.
_ENDANGERED = re.compile(
    r"\b(?:i['’]?m suicidal|(?:i am|feel\w*) suicidal|my (?:own )?suicide|kill(?:ing)? myself"
    r"|end(?:ing)? my (?:own )?life|tak(?:e|ing) my own life|(?:hurting|harming) myself"
    r"|(?:want|wish|going|like) to (?:hurt|harm) myself|i (?:just )?want to die|end it all"
    r"|wish (?:that )?i (?:was|were) dead|i['’]?d be better off dead|don['’]t want to live)\b",
    re.I,
)
# Who leaves by their own wish loses no job.
_RESIGNS = re.compile(
    r"\bi(?:['’](?:m|d|ve))? (?:(?!forced|asked|told|made|pressured|pushed|urged|should|must)\w+ ){0,4}?"
    r"(?:quit(?:ting)?|resign(?:ing)?|hand(?:ing)? in my (?:notice|resignation)"
    r"|giv(?:e|ing) (?:my )?notice|(?:to leave|leaving) (?:the|this|my) (?:company|job|firm))\b",
    re.I,
)
# Without a strong word, a topic that is nearer by less than this is in doubt.
_SURE = 0.15


@dataclass(frozen=True)
class Alarm:
    """A topic, and whether the documents are quoted below its text: when a rule is asked for too, or when in doubt."""

    topic: str
    with_policy: bool


def prepare() -> None:
    """Embed the phrases in this process, once."""
    phrasebook(PHRASES, others=_TOOL_PHRASES)


def alarm_of(*, question: str, vector: NDArray[np.float32]) -> Alarm | None:
    """The sensitive topic of a message, or None. `vector`: its embedding, float32, shape (dim,), L2-normalised.

    Under 1 ms, no query.
    """
    scores = phrasebook(PHRASES, others=_TOOL_PHRASES).scores(vector)
    none = scores.pop(NONE)
    tells = _TELLS.search(question) is not None
    if tells and _ENDANGERED.search(question):
        return Alarm(topic="health", with_policy=False)
    asks = _ASKS_RULE.search(question) is not None
    none += _RULE if asks else 0.0
    strong = {topic for topic, words in _WORDS.items() if (tells or not asks) and words.search(question)}
    if "redundancy" not in strong and _RESIGNS.search(question):
        del scores["redundancy"]
    topic = max(scores, key=lambda name: scores[name] + (_STRONG if name in strong else 0.0))
    needed = _MARGIN_STRONG if topic in strong else _MARGIN_TOLD if tells else _MARGIN_BARE
    if scores[topic] - none < needed:
        return None
    in_doubt = not tells or (topic not in strong and scores[topic] - none < _SURE)
    with_policy = asks or in_doubt or _WANTS_RULE.search(question) is not None
    return Alarm(topic=topic, with_policy=with_policy and not _ACUTE.search(question))
