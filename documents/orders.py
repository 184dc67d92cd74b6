"""Words that are meant for a language model and not for a reader: "ignore all previous instructions".

They give nobody anything here: whatever is asked or uploaded, the model has no authority. But whoever writes them
tries, so questions and documents that hold them are marked for the rules on findings. Patterns, not a model: what is
found can be read here. English and German.
"""

import re

# The flag of a version whose text gives a model orders.
ORDERS = "orders"

_ALL = r"(?:all |any |the |your |of |my |alle |deine |die |sämtliche )*"
_BEFORE = r"(?:previous|prior|above|earlier|preceding|former|system|original|vorherigen?|bisherigen?|obigen)"
_RULES = r"(?:instructions?|prompts?|rules?|guidelines?|directions?|orders?|constraints?|anweisungen|regeln|vorgaben)"
_PATTERNS: dict[str, str] = {
    "ignore_instructions": (
        rf"\b(?:ignore|disregard|forget|override|bypass|ignoriere|vergiss|missachte)\s+{_ALL}{_BEFORE}\s+(?:\w+\s+)?{_RULES}"
        rf"|\b(?:ignore|disregard|override|bypass)\s+(?:(?:all|any)\s+(?:of\s+)?)?(?:your|these)\s+(?:\w+\s+)?{_RULES}"
    ),
    "reveal_prompt": (
        r"\b(?:reveal|show|print|repeat|output|display|tell me|zeige?|gib)\b[^.?!\n]{0,40}"
        r"\b(?:system|hidden|initial|original|secret)\s*[- ]?(?:prompt|instructions?|message)\b"
    ),
    "other_role": (
        r"\byou are (?:now|no longer)\s+(?:an? |the )?(?:\w+\s+){0,3}"
        r"(?:assistant|ai|model|bot|dan|admin\w*|developer|hacker|unrestricted|jailbroken)\b"
        r"|\b(?:pretend|act)\b[^.?!\n]{0,20}\b(?:unrestricted|without (?:any )?restrictions|no restrictions)\b"
        r"|\b(?:enable|enter|activate|switch to)\s+(?:\w+\s+)?(?:developer|debug|god|admin|dan|jailbreak)\s+mode\b"
    ),
    "model_markup": (
        r"<\|(?:im_start|im_end|system|endoftext|assistant)\|>|\[/?INST\]|<</?SYS>>"
        r"|^#{2,}\s*(?:system|instruction)s?\s*:"
    ),
    "as_administrator": r"\b(?:i am|i'm|as)\s+(?:the |an? |your )?(?:system|security)?\s*administrator\b[^.?!\n]{0,60}"
    r"\b(?:show|give|list|export|reveal|need)\b[^.?!\n]{0,40}\b(?:all|every|everyone|everybody)\b",
}
_FOUND = {name: re.compile(pattern, re.I | re.M) for name, pattern in _PATTERNS.items()}
# A document is looked at as a whole; a longer one only at its beginning, which bounds the time to some 20 ms.
_MOST_CHARS = 500_000


def orders_in(text: str) -> tuple[str, ...]:
    """The names of the patterns that the text holds, in the order of their names. Microseconds for a question."""
    looked_at = text[:_MOST_CHARS]
    return tuple(name for name, pattern in sorted(_FOUND.items()) if pattern.search(looked_at))
