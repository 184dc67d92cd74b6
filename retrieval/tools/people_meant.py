"""Whose record is asked for: the asker's own, somebody else's, or nobody's in particular.

By grammar alone. Whether a named person exists is never looked up, so that an answer cannot tell it.
"""

import re

_SELF = re.compile(r"\b(i|i['’](?:m|ve|d|ll)|me|my|mine|myself|our|us)\b", re.I)

_SELF_ELSEWHERE = re.compile(
    r"\b(?:ich|mein\w*|mir|mich|je|j['’]ai|mon|mes|moi|yo|mis|io|mio|mia|miei|ik|mijn|eu|meus?|minhas?|jag|min"
    r"|mina)\b",
    re.I,
)

_PAY = (
    r"(?:pay|paid|pay ?(?:stub|slip|check|cheque|ment)s?|salar(?:y|ies)|wages?|earn(?:s|ed|ing|ings)?|income"
    r"|bonus(?:es)?"
    r"|net|gross|compensation)"
)
_LEAVE = (
    r"(?:leave|vacations?|holidays?|absen(?:t|ce|ces)|time[ -]off|days?[ -]off|pto|sick|ill|off|away|out of office"
    r"|leave (?:balance|request)s?|balances?)"
)
_TOPIC = rf"(?:{_PAY}|{_LEAVE})"
# Words that stand where a name could stand and name nobody.
_NOBODY = (
    r"(?:i|we|you|it|this|that|there|the|an?|any|each|such|one|what|who|where|here|how|when|let|which|how|if|and|or"
    r"|employees?|workers?|staff|people|part[- ]?timers?|interns?|managers?|apprentices?|contractors?|newcomers?|hires?"
    r"|companys?|firms?|businesss?|employers?|parents?|mothers?|fathers?|everyones?|someone|anyone|nobody"
    r"|today|tomorrow|yesterday|(?:this|last|next)|days?|weeks?|months?|years?|quarters?|january|february|march"
    r"|april|may"
    r"|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|spring|summer|autumn|winter|christmas|easter|new|leave|vacation|holidays?|overtime|sick|salary|pay|unused|my|our"
    r"|your|not|only|all|both|hr|payroll|maternity|paternity|parental|annual|unpaid|in|on|of|for|at|to|from|with|is|are"
    r"|do|does|did|be|been|have|has|had|will|would|can|could|may|might|must|should)"
)
_NAME = rf"(?!{_NOBODY}\b)[^\W\d_][\w-]*"
_ROLE = (
    r"(?:(?:my|our|the|a|another|that)\s+(?:\w+\s+){0,2}(?:boss|manager|supervisor|colleague|co-?worker|teammate"
    r"|team lead"
    r"|ceo|cfo|cto|director|head|owner|managing director|president|chief\w*|team ?mates?|colleagues|co-?workers))"
)
_GROUP = (
    r"(?:(?:my|our|this|the|each|other)\s+(?:\w+\s+)?(?:department|team|unit|site|office|group|colleagues|co-?workers"
    r"|peers|team-?mates|company|branch|[a-z]+ (?:department|team)))"
)
_SHOW = r"(?:show|give|open|see|view|display|find|look up|pull up|get|read|fetch|bring up|what is|what['’]s|tell me)"
_DATA = (
    r"(?:records?|files?|personnel files?|hr files?|profile|employee (?:data|number|record)|personal data|grade"
    r"|start date|hire date|address|birthday|date of birth|phone(?: number)?|contract|bank details|iban)"
)
_OTHER = (
    # my manager's salary; Anna's paystub; everybody's salaries
    rf"\b{_ROLE}['’]s\s+(?:\w+[ -]){{0,3}}{_TOPIC}\b",
    rf"\b(?!{_NOBODY}['’]s\b)[^\W\d_]+(?:['’]s|s['’])\s+(?:\w+[ -]){{0,3}}{_TOPIC}\b",
    rf"\b(?:everybody|everyone|somebody|someone)(?:['’]s| else['’]s)\s+(?:\w+\s+){{0,2}}{_TOPIC}\b",
    # does bob earn; is Thomas on sick leave, has Tom got left (lower case there is mostly no name)
    rf"\b(?:does|did)\s+(?:{_NAME}|{_ROLE}|he|she|they)\s+(?!.*\bmy\b)(?:\w+\s+){{0,4}}(?:{_TOPIC}|make|get|got"
    rf"|have(?=\W*$|\s+left))\b",
    rf"\b(?:is|was|will|has|had)\s+(?:(?-i:[A-Z]){_NAME}|{_ROLE}|he|she|they)\s+(?!.*\bmy\b)(?:\w+\s+){{0,4}}"
    rf"(?:{_TOPIC}|got|left|taken)\b",
    # the salary of Jane, the payslip of my colleague, the pay of employee number 2001
    rf"\b{_TOPIC}(?:\s+\w+)?\s+(?:of|for)\s+(?:{_ROLE}|(?-i:[A-Z])[a-z]+\b(?<!January)(?<!February)(?<!March)(?<!April)"
    r"(?<!May)(?<!June)(?<!July)(?<!August)(?<!September)(?<!October)(?<!November)(?<!December)"
    r"(?<!Monday)(?<!Tuesday)(?<!Wednesday)(?<!Thursday)(?<!Friday)(?<!Christmas)(?<!Easter)"
    r"|all (?:my |the |our )?(?:colleagues|employees|people|staff)|every(?:body|one)|(?:him|her|them)\b"
    r"|employee\s*(?:no\.?|number|id|#)?\s*\w*\d+)",
    # what my manager makes, my boss is paid
    rf"\b{_ROLE}\s+(?:makes?|earns?|gets?|is paid|takes home|is on|has)\b",
    # his payslip, what does she make
    rf"\b(?:his|her|their)\s+(?:\w+\s+){{0,2}}{_TOPIC}\b",
    rf"\b(?:he|she)\b.*\b(?:{_TOPIC}|make|made|earn)\b",
    rf"\b{_TOPIC}\b.*\b(?:he|she)\b",
    # average salary in my department, what my team earns on average
    rf"\b(?:average|mean|median|typical|highest|lowest|top)\b.*\b{_PAY}\b.*\b{_GROUP}\b",
    rf"\b{_PAY}\b.*\b{_GROUP}\b.*\b(?:on|in) average\b",
    rf"\b{_GROUP}\b.*\b(?:{_PAY}|makes?)\b.*\b(?:on|in) average\b",
    rf"\b(?:average|mean|median)\b.*\b{_GROUP}\b.*\b(?:{_PAY}|makes?)\b",
    # show me Timo Ahrens' record, open the file of Maria Weber (a name is written with a capital letter)
    rf"\b{_SHOW}\s+(?:\w+\s+){{0,3}}?(?-i:[A-Z])[\w-]+(?:\s+(?-i:[A-Z])[\w-]+)?['’]s?\s+(?:\w+\s+){{0,2}}{_DATA}\b",
    rf"\b{_SHOW}\s+(?:\w+\s+){{0,4}}?{_DATA}\s+(?:of|for|on|about)\s+(?:{_ROLE}|(?-i:[A-Z])[\w-]+\s+(?-i:[A-Z])[\w-]+)",
    rf"\b{_SHOW}\s+(?:\w+\s+){{0,3}}?{_ROLE}['’]s\s+(?:\w+\s+){{0,2}}{_DATA}\b",
    # employee 1042
    rf"\bemployee\s*(?:no\.?|number|id|#)?\s*\w*\d+.*\b{_TOPIC}\b",
)
_OTHERS = re.compile("|".join(f"(?:{pattern})" for pattern in _OTHER), re.I)
_ABOUT_ABSENCE = re.compile(
    r"\b(?:absen\w+|away|off|out|on (?:leave|vacation|holiday)|on sick leave|sick|ill|vacation"
    r"|holiday)\b(?!.*\b(?:left|balances?"
    r"|remaining|approve\w*|book|request)\b)",
    re.I,
)
_ABOUT_PAY = re.compile(rf"\b{_PAY}\b|\bmakes?\b", re.I)


def speaks_of_oneself(question: str) -> bool:
    """Whether the asker stands in the question: I, me, my."""
    return _SELF.search(question) is not None


def may_speak_of_oneself(question: str) -> bool:
    """The same in the languages that a language model may be asked in, where a word can also mean something else."""
    return speaks_of_oneself(question) or _SELF_ELSEWHERE.search(question) is not None


def speaks_of_another(question: str) -> bool:
    """Whether the pay or the leave of one other person, or of everybody, is asked for."""
    return _OTHERS.search(question) is not None


def is_about_absence(question: str) -> bool:
    return _ABOUT_ABSENCE.search(question) is not None


def is_about_pay(question: str) -> bool:
    return _ABOUT_PAY.search(question) is not None
