"""Elements of a web page that its reader cannot see.

``aria-hidden`` is not among them: such text is on the screen (collapsed sections of exported intranet pages carry it),
it is only kept from screen readers.
"""

import re

from selectolax.lexbor import LexborNode

_ZERO = r"0*\.?0+(?:px|pt|em|rem|%|cm|mm|in)?"
_CONCEALING = re.compile(
    r"(?:^|;)\s*(?:"
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|"
    rf"font-size\s*:\s*(?:{_ZERO}|[01](?:\.\d+)?px|1pt)\s*(?:!important\s*)?(?:;|$)|"
    rf"opacity\s*:\s*{_ZERO}\s*(?:!important\s*)?(?:;|$)|"
    r"text-indent\s*:\s*-\d{3,}|(?:left|top|right|bottom)\s*:\s*-\d{4,}px|"
    r"clip\s*:\s*rect\(\s*0|clip-path\s*:\s*inset\(\s*(?:50|100)%|"
    r"color\s*:\s*transparent"
    r")",
    re.IGNORECASE,
)
_WHITE = re.compile(
    r"(?:^|;)\s*color\s*:\s*(?:#fff(?:fff)?\b|white\b|rgba?\(\s*255\s*,\s*255\s*,\s*255\b|snow\b|ivory\b)",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(r"background", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_MEDIA = re.compile(r"@[a-z-]+[^{;]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.IGNORECASE)
_RULE = re.compile(r"([^{}]{1,500})\{([^{}]{0,5000})\}")
# Only selectors that need no cascade to understand: one class or one id, with or without a tag.
_SIMPLE_SELECTOR = re.compile(r"^[a-z0-9]*([.#])([\w-]+)$", re.IGNORECASE)
_MAX_STYLESHEET_CHARS = 500_000


class HiddenElements:
    """Decides for one page, from attributes, inline styles and simple rules of its own style sheets."""

    def __init__(self, *, stylesheets: list[str]) -> None:
        self._classes: set[str] = set()
        self._ids: set[str] = set()
        for sheet in stylesheets:
            self._learn(sheet[:_MAX_STYLESHEET_CHARS])

    def hides(self, node: LexborNode) -> bool:
        attributes = node.attributes
        if not attributes:
            return False
        if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
            return True
        if self._ids and attributes.get("id") in self._ids:
            return True
        if self._classes and not self._classes.isdisjoint((attributes.get("class") or "").split()):
            return True
        style = attributes.get("style")
        if not style:
            return False
        return bool(_CONCEALING.search(style)) or (bool(_WHITE.search(style)) and _stands_on_white(node))

    def _learn(self, sheet: str) -> None:
        # Media queries are left out: hidden on paper or on a phone is not hidden.
        for selectors, declarations in _RULE.findall(_MEDIA.sub("", _COMMENT.sub("", sheet))):
            if not _CONCEALING.search(declarations.strip()):
                continue
            for selector in selectors.split(","):
                simple = _SIMPLE_SELECTOR.match(selector.strip())
                if simple:
                    (self._classes if simple.group(1) == "." else self._ids).add(simple.group(2))


def _stands_on_white(node: LexborNode) -> bool:
    """White text with no sign of another background: no background style or colour, and no class that may bring one."""
    current: LexborNode | None = node
    while current is not None and current.tag not in ("html", None):
        attributes = current.attributes
        if "bgcolor" in attributes or "class" in attributes or "background" in attributes:
            return False
        if _BACKGROUND.search(attributes.get("style") or ""):
            return False
        current = current.parent
    return True
