"""Addresses of lists, narrowed."""

from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode


def list_url(name: str, **narrowed: str) -> str:
    """The changelist of `name` (app_model); empty when this console has none."""
    try:
        page = reverse(f"admin:{name}_changelist")
    except NoReverseMatch:
        return ""
    return f"{page}?{urlencode(narrowed)}" if narrowed else page
