"""Upward reach: ordered lists of dotted paths from settings, so that lower layers never import higher ones."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def run_steps(name: str, **kwargs: Any) -> list[Any]:
    """Run every step of the list `name` in order with the same keyword arguments; return their results in order.

    An exception of a step stops the list and reaches the caller.
    """
    return [import_string(path)(**kwargs) for path in settings.STEPS[name]]
