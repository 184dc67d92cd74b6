"""`.env.example` is the list of settings that operators read first: complete, and true about the defaults."""

import re

from ragsite import env
from ragsite.env import REPO_ROOT

LINES = (REPO_ROOT / ".env.example").read_text(encoding="utf-8").splitlines()


def test_env_example_lists_every_setting_once_and_nothing_else() -> None:
    named = [line.split("=", 1)[0] for line in LINES if line and not line.startswith("#")]

    assert sorted(named) == sorted(env.names())
    assert named == list(env.names()), "in the order of ragsite/env.py, so that both can be read side by side"


def test_values_in_env_example_are_the_defaults() -> None:
    values = dict(line.split("=", 1) for line in LINES if line and not line.startswith("#"))

    assert env.read_environment(values) == env.Environment()


def test_env_example_holds_no_secret() -> None:
    for line in LINES:
        if re.match(r"\w*(KEY|SECRET|PASSWORD)=", line):
            assert line.endswith("="), line
