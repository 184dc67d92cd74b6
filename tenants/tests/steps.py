"""Steps for tests of tenants.steps."""

from typing import Any


def failing_step(**kwargs: Any) -> None:
    raise RuntimeError("this step fails")
