"""The style sheet's colours are readable: WCAG 2.2 AA, computed from its custom properties in both colour schemes."""

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).resolve().parents[2] / "static" / "css" / "site.css").read_text(encoding="utf-8")

# Success criterion 1.4.3 for text, 1.4.11 for what shows where a control or the focus is.
TEXT, CONTROL = 4.5, 3.0

PAIRS = [
    ("ink", "page", TEXT),
    ("ink", "surface", TEXT),
    ("ink", "sunken", TEXT),
    ("ink-soft", "page", TEXT),
    ("ink-soft", "surface", TEXT),
    ("ink-soft", "sunken", TEXT),
    ("accent", "page", TEXT),
    ("accent", "surface", TEXT),
    ("accent-strong", "page", TEXT),
    ("accent-strong", "surface", TEXT),
    ("accent-ink", "accent", TEXT),
    ("accent-ink", "accent-strong", TEXT),
    ("accent-soft-ink", "accent-soft", TEXT),
    ("mark-ink", "mark", TEXT),
    ("warn-ink", "warn", TEXT),
    ("warn-ink", "surface", TEXT),
    ("bad-ink", "bad", TEXT),
    ("bad-ink", "page", TEXT),
    ("bad-ink", "surface", TEXT),
    ("surface", "bad-solid", TEXT),
    ("surface", "ink", TEXT),
    ("line-strong", "surface", CONTROL),
    ("line-strong", "page", CONTROL),
    ("focus", "page", CONTROL),
    ("focus", "surface", CONTROL),
    ("focus", "sunken", CONTROL),
]


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


def _schemes() -> dict[str, dict[str, str]]:
    light, dark, *_ = re.findall(r":root \{(.*?)\n *\}", SHEET, re.S)
    return {"light": _colours(light), "dark": _colours(light) | _colours(dark)}


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_21_to_1():
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_colours_used_together_can_be_told_apart(scheme, front, ground, least):
    colours = _schemes()[scheme]

    assert _contrast(colours[front], colours[ground]) >= least


def test_both_schemes_define_the_same_colours():
    light, dark, *_ = re.findall(r":root \{(.*?)\n *\}", SHEET, re.S)

    assert _colours(light).keys() == _colours(dark).keys()


def test_every_colour_in_a_rule_is_a_token():
    rules = re.sub(r":root \{.*?\n *\}", "", SHEET, flags=re.S)

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s,)])(?![^{}]*\{)", rules) == []


def test_nothing_is_loaded_from_elsewhere():
    assert "@import" not in SHEET and "url(" not in SHEET and "http" not in SHEET
