"""Findings as the log names them, with their page."""

from collections.abc import Collection
from typing import Any

from django.urls import reverse

from audit.describing import Described


def describe_labels(*, labels: Collection[str], user: Any, with_names: bool) -> dict[str, Described]:
    """Step of DESCRIBE_LABELS: findings and rows of the log itself. No query."""
    found = {}
    for label in labels:
        kind, _, number = label.partition(":")
        if number.isascii() and number.isdigit() and len(number) < 19:
            if kind == "finding":
                page = reverse("admin:audit_finding_change", args=(number,))
                found[label] = Described(text=f"finding {number}", url=page)
            elif kind == "audit":
                page = reverse("admin:audit_auditlog_change", args=(number,))
                found[label] = Described(text=f"row {number} of the log", url=page)
    return found
